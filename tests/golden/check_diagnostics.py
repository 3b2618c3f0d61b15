"""Runs the examples of diagnostics: check_diagnostics.py LABC FOLDER SARIF_SCHEMA [EXAMPLE...].

An example is LABnnnn-name.lab, a folder LABnnnn-name of .lab files, or LABnnnn-name.py that prints a file.
Each is checked as a lab of its own. Its text output stands beside it in LABnnnn-name.txt; UPDATE=1 rewrites
it. Its first line may say with which options: `// options: --env small`, or that it is built and not only checked:
`// build`. A folder may instead hold `rejected/`, which is the example, and `accepted/`, a lab that nearly is one
and about which nothing is reported. Further: its code is reported; JSON and SARIF report the same; the edits that are marked as
machine-applicable, once applied, leave none of the diagnostics that offered them.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import jsonschema

OPTIONS = "// options: "


def place(example, lab):
    """Makes the folder `lab` of the example."""
    if example.is_dir():
        shutil.copytree(example / "rejected" if (example / "rejected").is_dir() else example, lab)
        return
    lab.mkdir()
    if example.suffix == ".py":
        with open(lab / "lab.lab", "wb") as file:
            subprocess.run([sys.executable, example], stdout=file, check=True)
    else:
        shutil.copy(example, lab / "lab.lab")


class Example:
    def __init__(self, labc, folder, path, validator):
        self.labc, self.path, self.validator = labc, path, validator
        self.expected = folder / f"{path.stem if path.is_file() else path.name}.txt"
        self.code = path.name[:7]

    @staticmethod
    def options(lab):
        """Of the first line of its first file."""
        first = min(lab.rglob("*.lab")).read_bytes().split(b"\n", 1)[0]
        return first.decode("utf-8").removeprefix(OPTIONS).split() if first.startswith(OPTIONS.encode()) else []

    def check(self, work, output_format):
        first = min((work / "lab").rglob("*.lab")).read_bytes().split(b"\n", 1)[0]
        command = [self.labc, "build" if first == b"// build" else "check", "lab", "--format", output_format, "--color", "never",
                   *self.options(work / "lab"), *(["--quiet"] if first == b"// build" else [])]
        # Nobody's identities: what is encrypted stays so.
        env = {name: value for name, value in os.environ.items() if not name.startswith(("SOPS_", "XDG_"))}
        done = subprocess.run(command, cwd=work, capture_output=True, timeout=120, check=False,
                              env={**env, "LC_ALL": "C", "NO_COLOR": "1", "HOME": str(work)})
        if done.returncode not in (0, 1):
            raise AssertionError(f"labc ended with {done.returncode}: {done.stderr.decode()}")
        return (done.stderr + done.stdout).decode("utf-8")

    def json(self, work):
        return [json.loads(line) for line in self.check(work, "json").splitlines() if line.startswith("{")]

    def text_problems(self, text):
        if os.environ.get("UPDATE") == "1":
            self.expected.write_text(text, encoding="utf-8")
        if f"[{self.code}]" not in text:
            yield f"does not report its code:\n{text}"
        if not self.expected.exists():
            yield f"has no {self.expected.name}; UPDATE=1 writes it"
        elif (wanted := self.expected.read_text(encoding="utf-8")) != text:
            yield f"expected:\n{wanted}\nbut got:\n{text}"

    def sarif_problems(self, work, reported):
        log = json.loads(self.check(work, "sarif"))
        yield from (f"SARIF: {error.message}" for error in self.validator.iter_errors(log))
        codes = [result["ruleId"] for result in log["runs"][0]["results"]]
        if codes != [one["code"] for one in reported]:
            yield f"JSON and SARIF differ: {codes}"

    def fix_problems(self, work, reported):
        """Applies the machine-applicable edits, the first fix of each diagnostic."""
        fixes = [(one["code"], fix) for one in reported for fix in one["fixes"][:1]
                 if fix["applicability"] == "machine-applicable" and fix["edits"]]
        if not fixes:
            return
        edits = {}
        for _, fix in fixes:
            for edit in fix["edits"]:
                span = edit["range"]
                key = [span[end][part] for end in ("start", "end") for part in ("line", "character")]
                edits.setdefault(edit["file"], []).append((key, edit["text"]))
        for name, changes in edits.items():
            file = work / "lab" / name if (work / "lab" / name).exists() else work / name
            file.write_bytes(applied(file.read_bytes().decode("utf-8"), changes).encode("utf-8"))
        left = [one["code"] for one in self.json(work)]
        for code in sorted({code for code, _ in fixes}):
            if left.count(code) >= sum(one["code"] == code for one in reported):
                yield f"{code} stays after its edits are applied: {fixes}"

    def accepted_problems(self):
        accepted = self.path / "accepted"
        if not accepted.is_dir():
            return
        with tempfile.TemporaryDirectory() as folder:
            work = pathlib.Path(folder)
            shutil.copytree(accepted, work / "lab")
            if reported := self.json(work):
                yield f"reports something about accepted/: {reported}"

    def problems(self):
        yield from self.accepted_problems()
        with tempfile.TemporaryDirectory() as folder:
            work = pathlib.Path(folder)
            place(self.path, work / "lab")
            yield from self.text_problems(self.check(work, "text"))
            reported = self.json(work)
            if self.code not in [one["code"] for one in reported]:
                yield "does not report its code as JSON"
            yield from self.sarif_problems(work, reported)
            yield from self.fix_problems(work, reported)


def applied(text, changes):
    lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", text)

    def offset(line, units):
        before = "".join(lines[:line])
        return len(before) + len(lines[line].encode("utf-16-le")[: 2 * units].decode("utf-16-le"))

    for (line, character, end_line, end_character), new in sorted(changes, reverse=True):
        text = text[: offset(line, character)] + new + text[offset(end_line, end_character):]
    return text


def main():
    labc, folder, schema, *names = sys.argv[1:]
    folder = pathlib.Path(folder)
    validator = jsonschema.Draft4Validator(json.loads(pathlib.Path(schema).read_text(encoding="utf-8")))
    examples = [path for path in sorted(folder.glob("LAB*")) if path.suffix != ".txt"]
    failures = 0
    for path in examples:
        if names and not any(path.name.startswith(name) for name in names):
            continue
        for problem in Example(labc, folder, path, validator).problems():
            failures += 1
            print(f"{path.name}: {problem}")
    print(f"{len(examples)} examples, {failures} failures")
    sys.exit(1 if failures or not examples else 0)


main()
