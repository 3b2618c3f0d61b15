"""The policies of a small lab with one of everything, file by file: policies_test.py LABC ROOT. UPDATE=1 rewrites them.

They stand in tests/conformance/cilium/testdata/good, where Cilium's own code judges them too.
"""
import os
import shutil
import unittest

from support import ROOT, LabTest, tree

DATA = ROOT / "tests" / "conformance" / "cilium" / "testdata"
MATRIX = "matrix.json"


class Policies(LabTest):
    def test_policies(self):
        out = self.work / "out"
        self.run_labc("build", DATA / "lab", "-o", out)
        found = {path: text for path, text in tree(out).items()
                 if path.endswith(("/network-policy.yaml",)) or path.startswith("kubernetes/cluster-wide/")}
        found[MATRIX] = self.run_labc("reach", "--all", DATA / "lab", "--format", "json").stdout.encode()
        good = DATA / "good"
        if os.environ.get("UPDATE") == "1":
            shutil.rmtree(good, ignore_errors=True)
            for path, text in found.items():
                (good / path).parent.mkdir(parents=True, exist_ok=True)
                (good / path).write_bytes(text)
        wanted = tree(good)
        self.assertEqual(sorted(found), sorted(wanted), "the files differ")
        for path, text in found.items():
            self.assertEqual(text.decode("utf-8"), wanted[path].decode("utf-8"), path)


if __name__ == "__main__":
    unittest.main()
