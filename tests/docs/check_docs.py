#!/usr/bin/env python3
"""Compiles every ```lab block of the given documents as a lab of its own, and runs its tests.

A document with ```console blocks is a walk: its first lab block, if any, becomes lab.lab of a folder, in which the lines
after `$ ` of all these blocks are run in their order, with a home of their own. Each must end well.

usage: check_docs.py LABC DOCUMENT…
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile


class Docs:
    def __init__(self, labc):
        self.labc, self.passed, self.failed = pathlib.Path(labc).resolve(), 0, 0

    def ran(self, place, command, **how):
        run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **how)
        if run.returncode == 0:
            self.passed += 1
            return True
        self.failed += 1
        shown = command if isinstance(command, str) else " ".join(map(str, command[:2]))
        print(f"{place}: {shown} exits {run.returncode}\n{run.stdout}{run.stderr}")
        return False

    def labs(self, document, blocks):
        for line, text in blocks:
            with tempfile.TemporaryDirectory() as folder:
                pathlib.Path(folder, "main.lab").write_text(text)
                for command in ["check"] + (["test"] if "\ntest " in text else []):
                    self.ran(f"{document}:{line}", [self.labc, command, folder])

    def walk(self, document, first, blocks):
        with tempfile.TemporaryDirectory() as folder:
            lab, home = pathlib.Path(folder, "lab"), pathlib.Path(folder, "home")
            lab.mkdir()
            home.mkdir()
            if first:
                lab.joinpath("lab.lab").write_text(first[0][1])
            kept = {name: value for name, value in os.environ.items() if not name.startswith(("SOPS_", "XDG_"))}
            env = {**kept, "HOME": str(home), "PATH": f"{self.labc.parent}:{kept['PATH']}"}
            for line, text in blocks:
                for command in re.findall(r"^\$ (.*)$", text, re.M):
                    if not self.ran(f"{document}:{line}", ["bash", "-c", command], cwd=lab, env=env):
                        print(f"    $ {command}")
                        return

    def check(self, document):
        text = pathlib.Path(document).read_text()
        found = {"lab": [], "console": []}
        for match in re.finditer(r"^```(lab|console)\n(.*?)^```$", text, re.M | re.S):
            found[match.group(1)].append((text[: match.start()].count("\n") + 1, match.group(2)))
        self.labs(document, found["lab"])
        if found["console"]:
            self.walk(document, found["lab"][:1], found["console"])


def main():
    docs = Docs(sys.argv[1])
    for document in sys.argv[2:]:
        docs.check(document)
    print(f"{docs.passed} passed, {docs.failed} failed")
    return 1 if docs.failed or not docs.passed else 0


sys.exit(main())
