"""The emitted tree of every example, file by file: tree_test.py LABC ROOT. UPDATE=1 rewrites what is expected.

It stands in examples/NAME/expected, so that a change of lowering is read as a change of files.
"""
import os
import shutil
import unittest

from support import ROOT, LabTest, tree

LEFT_OUT = ("sourcemap.json", ".lab-manifest")  # positions in the source, which move with every edit


class Tree(LabTest):
    def test_examples(self):
        for lab in sorted(path.parent for path in (ROOT / "examples").glob("*/lab.lab")):
            with self.subTest(lab.name):
                out = self.work / lab.name
                self.run_labc("build", lab, "-o", out)
                found = {path: text for path, text in tree(out).items() if path not in LEFT_OUT}
                expected = lab / "expected"
                if os.environ.get("UPDATE") == "1":
                    shutil.rmtree(expected, ignore_errors=True)
                    for path, text in found.items():
                        (expected / path).parent.mkdir(parents=True, exist_ok=True)
                        (expected / path).write_bytes(text)
                wanted = tree(expected)
                self.assertEqual(sorted(found), sorted(wanted), "the files differ")
                for path, text in found.items():
                    self.assertEqual(text.decode("utf-8"), wanted[path].decode("utf-8"), path)


if __name__ == "__main__":
    unittest.main()
