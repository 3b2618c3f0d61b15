#!/usr/bin/env python3
"""Compiles every ```lab block of the given documents as a lab of its own, and runs its tests.

usage: check_docs.py LABC DOCUMENT…
"""
import pathlib
import re
import subprocess
import sys
import tempfile


def main():
    labc, documents = sys.argv[1], sys.argv[2:]
    passed = failed = 0
    for document in documents:
        text = pathlib.Path(document).read_text()
        for match in re.finditer(r"^```lab\n(.*?)^```$", text, re.M | re.S):
            line = text[: match.start()].count("\n") + 1
            with tempfile.TemporaryDirectory() as folder:
                pathlib.Path(folder, "main.lab").write_text(match.group(1))
                commands = ["check"] + (["test"] if "\ntest " in match.group(1) else [])
                for command in commands:
                    run = subprocess.run([labc, command, folder], capture_output=True, text=True, timeout=60)
                    if run.returncode == 0:
                        passed += 1
                        continue
                    failed += 1
                    print(f"{document}:{line}: labc {command} exits {run.returncode}\n{run.stdout}{run.stderr}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


sys.exit(main())
