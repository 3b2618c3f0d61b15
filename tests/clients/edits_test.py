"""Texts that change: edits_test.py LABC ROOT.

Random edits, with characters of every width and every kind of line break, in both encodings: after each the server's text is
the editor's, and at the end its diagnostics are those of a fresh server that is given the whole text."""
import os
import pathlib
import random
import shutil
import sys
import tempfile
import unittest

from client import Editor, uri_of

LABC, ROOT = pathlib.Path(sys.argv.pop(1)).resolve(), pathlib.Path(sys.argv.pop(1)).resolve()
PIECES = [" ", "\n", "\r\n", "\r", "\t", "{", "}", "[", "]", "(", ")", "\"", "${", "=", ".", ",", "#", "//", "/*", "*/", "a", "é", "e\u0301", "ß", "日本", "😀",
          "👩‍👩‍👧", "\u200b", "\ufeff", "let x = 1\n", "app ", " like ", "because \"…\"", "192.168.40.51", ".51", "4GiB", "self.", "none", "sonarr", "\"\"\"", "\\u{41}"]
ROUNDS, STEPS = 6, 25


class EditsTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.work = pathlib.Path(holder.name)
        self.lab = self.work / "lab"
        shutil.copytree(ROOT / "examples/talos-media", self.lab, ignore=shutil.ignore_patterns("out", "expected"))

    def editor(self, encoding):
        editor = Editor([LABC, "lsp"], [self.lab], encoding, env={**os.environ, "XDG_CACHE_HOME": str(self.work / "cache")})
        self.addCleanup(editor.kill)
        return editor

    def place(self, random_, text):
        """An offset that is not between the halves of a line break: no editor has a cursor there."""
        at = random_.randrange(len(text) + 1)
        return at - 1 if text[at - 1:at + 1] == "\r\n" else at

    def step(self, random_, editor, file):
        text = editor.texts[str(file)]
        begin = self.place(random_, text)
        end = begin if random_.random() < 0.6 else self.place(random_, text[:begin + 40])
        begin, end = min(begin, end), max(begin, end)
        editor.edit(file, begin, end, "".join(random_.choices(PIECES, k=random_.randrange(4))))

    def agree(self, editor, file, encoding):
        """Whole text and diagnostics, compared with a fresh server's."""
        fresh = self.editor(encoding)
        fresh.open(file, editor.texts[str(file)])
        self.assertEqual(editor.settled(file), fresh.settled(file))
        document = {"textDocument": {"uri": uri_of(file)}}
        for method in ("foldingRange", "documentSymbol", "semanticTokens/full"):
            self.assertEqual(editor.ask(f"textDocument/{method}", document), fresh.ask(f"textDocument/{method}", document), method)
        self.assertEqual(fresh.quit(), 0)

    def test_random_edits(self):
        for seed in range(ROUNDS):
            encoding = "utf-8" if seed % 2 else "utf-16"
            random_ = random.Random(seed)
            editor = self.editor(encoding)
            file = sorted(self.lab.glob("*.lab"))[seed % 12]
            editor.open(file)
            with self.subTest(seed=seed, file=file.name):
                for _ in range(STEPS):
                    self.step(random_, editor, file)
                self.agree(editor, file, encoding)
                # Every question at random places of a broken text has an answer.
                text = editor.texts[str(file)]
                for _ in range(20):
                    where = {"textDocument": {"uri": uri_of(file)}, "position": editor.position(text, self.place(random_, text))}
                    for method in ("hover", "definition", "completion", "signatureHelp", "documentHighlight"):
                        editor.ask(f"textDocument/{method}", where)
                self.assertEqual(editor.quit(), 0)

    def test_several_changes_in_one_message(self):
        editor = self.editor("utf-16")
        file = self.lab / "media.lab"
        editor.open(file, "let a = \"😀é\"\r\nlet b = 2\n")
        editor.texts[str(file)] = "let a = \"😀x\"\r\n\nlet c = 3\n"
        editor.changes(str(file), [
            {"range": {"start": {"line": 0, "character": 11}, "end": {"line": 0, "character": 12}}, "text": "x"},
            {"range": {"start": {"line": 1, "character": 4}, "end": {"line": 1, "character": 9}}, "text": "c = 3"},
            {"range": {"start": {"line": 0, "character": 999}, "end": {"line": 0, "character": 999}}, "text": "\n"},
            {"range": {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 0}}, "text": ""}])
        editor.texts[str(file)] = "let a = \"😀x\"\n\r\nlet c = 3\n"
        self.agree(editor, file, "utf-16")
        editor.changes(str(file), [{"text": "let z = 1\n"}, {"range": {"start": {"line": 0, "character": 4}, "end": {"line": 0, "character": 5}}, "text": "y"}])
        editor.texts[str(file)] = "let y = 1\n"
        self.agree(editor, file, "utf-16")

    def test_a_file_that_is_not_on_disk_yet_belongs_to_the_lab(self):
        editor = self.editor("utf-16")
        new = self.lab / "new.lab"
        editor.open(new, "let fresh = sonarr.port.http.number\nlet stale = fresh + nothing\n")
        self.assertEqual([d["code"] for d in editor.settled(new) if d["severity"] == 1], ["LAB0102"])

    def test_closing_goes_back_to_the_disk(self):
        editor = self.editor("utf-16")
        file, other = self.lab / "storage.lab", self.lab / "media.lab"
        editor.open(other).open(file)
        editor.settled(other)
        before = editor.shown[str(file)]
        editor.edit(file, 0, 0, "let x = nosuch\n")
        self.assertNotEqual(editor.settled(file), before)
        editor.close(file).ask("textDocument/foldingRange", {"textDocument": {"uri": uri_of(other)}})
        editor.edit(other, 0, 0, "\n")
        editor.settled(other)
        editor.ask("textDocument/foldingRange", {"textDocument": {"uri": uri_of(other)}})     # behind what is said of other files
        self.assertEqual(editor.shown[str(file)], before)


if __name__ == "__main__":
    unittest.main()
