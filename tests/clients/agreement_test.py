"""The server says what `labc check` says: agreement_test.py LABC ROOT.

Every example of a diagnostic and the example lab is opened in one session; code, severity, words, places, related places
and fixes are compared with `labc check --format json`."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from client import EVERYTHING, Editor, uri_of

LABC, ROOT = pathlib.Path(sys.argv.pop(1)).resolve(), pathlib.Path(sys.argv.pop(1)).resolve()
EXAMPLES = ROOT / "tests/golden/diagnostics"
SEVERITIES = {1: "error", 2: "warning", 4: "hint"}


def place(example, lab):
    """The folder of an example, as tests/golden has it; nothing for those that a program writes or options decide."""
    if example.suffix in (".txt", ".py") or example.name.startswith("_"):
        return False
    if example.is_dir():
        shutil.copytree(example / "rejected" if (example / "rejected").is_dir() else example, lab)
    else:
        lab.mkdir()
        shutil.copy(example, lab / "lab.lab")
    files = sorted(lab.rglob("*.lab"))
    try:    # what is no text cannot stand in an editor
        return bool(files) and not [f.read_bytes().decode() for f in files][0].startswith("// options: ")
    except UnicodeDecodeError:
        return False


def checked(lab, env):
    """By file and in order: what `labc check` says."""
    done = subprocess.run([LABC, "check", "lab", "--format", "json"], cwd=lab.parent, capture_output=True, timeout=120, check=False, env=env)
    return [json.loads(line) for line in done.stdout.splitlines()]


def expected(d, name_of):
    message = d["message"] + ("\n" + d["label"] if d["label"] else "") + "".join("\nnote: " + n for n in d["notes"])
    message += "".join("\nhelp: " + f["title"] for f in d["fixes"] if not f["edits"])
    zero = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}
    return {"code": d["code"], "severity": d["severity"], "message": message, "range": d["range"] or zero,
            "related": [(name_of(l["file"]), l["range"], l["message"]) for l in d["labels"] if l["file"]]}


class AgreementTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.holder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.holder.cleanup)
        cls.work = pathlib.Path(cls.holder.name)
        cls.env = {**os.environ, "XDG_CACHE_HOME": str(cls.work / "cache")}
        cls.labs = {}
        for example in [*sorted(EXAMPLES.iterdir()), ROOT / "examples/talos-media"]:
            lab = cls.work / example.name / "lab"
            lab.parent.mkdir()
            if place(example, lab):
                cls.labs[example.name] = lab

    def compare(self, name, editor):
        lab = self.labs[name]
        wanted = checked(lab, self.env)
        files = sorted(lab.rglob("*.lab"))
        editor.open(files[0])
        editor.settled(files[0])
        # Files that are not open are published before or after the one that is: one more answer settles them.
        editor.ask("textDocument/foldingRange", {"textDocument": {"uri": uri_of(files[0])}})

        def shown_name(uri):
            return uri.split("/lab/", 1)[1] if uri.startswith(uri_of(lab)) else "std/" + uri.split("/std/", 1)[1] if "/std/" in uri else uri
        by_file = {}
        for d in wanted:
            by_file.setdefault(d["file"], []).append(expected(d, lambda f: f))
        shown = {}
        for path, list_ in editor.shown.items():
            file = shown_name(uri_of(path))
            if list_ and (path.startswith(str(lab)) or "/std/" in path):
                shown[file] = [{"code": d["code"], "severity": SEVERITIES[d["severity"]], "message": d["message"], "range": d["range"],
                                "related": [(shown_name(r["location"]["uri"]), r["location"]["range"], r["message"]) for r in d.get("relatedInformation", [])]}
                               for d in list_]
        if None in by_file:     # without a place: shown at the top of the lab's main file
            loose = by_file.pop(None)
            main = next((f for f in shown if loose[0] in shown[f]), "nowhere")
            by_file[main] = loose + by_file.get(main, [])
        for path in [p for p in editor.shown if "/std/" in p]:
            editor.shown.pop(path)
        with self.subTest(name):
            self.assertEqual(by_file, shown)
        editor.close(files[0])

    def test_examples(self):
        self.assertGreater(len(self.labs), 100)
        editor = Editor([LABC, "lsp"], [lab for lab in self.labs.values()], env=self.env)
        for name in self.labs:
            self.compare(name, editor)
        self.assertEqual(editor.quit(), 0)

    def test_a_client_that_pulls(self):
        capabilities = json.loads(json.dumps(EVERYTHING))
        capabilities["textDocument"]["diagnostic"] = {"dynamicRegistration": False}
        name = next(n for n in self.labs if n.startswith("LAB0102"))
        lab = self.labs[name]
        editor = Editor([LABC, "lsp"], [lab], capabilities=capabilities, env=self.env)
        first = sorted(lab.rglob("*.lab"))[0]
        document = {"textDocument": {"uri": uri_of(first)}}
        editor.open(first)
        report = editor.ask("textDocument/diagnostic", document)
        self.assertEqual(report["kind"], "full")
        self.assertIn("LAB0102", [d["code"] for d in report["items"]])
        again = editor.ask("textDocument/diagnostic", {**document, "previousResultId": report["resultId"]})
        self.assertEqual(again["kind"], "unchanged")
        self.assertNotIn(str(first), editor.shown, "what is pulled is not pushed")
        self.assertEqual(editor.quit(), 0)


if __name__ == "__main__":
    unittest.main()
