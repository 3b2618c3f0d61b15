"""A fact stands in one place: renumbering and renaming change everything that follows: rename_test.py LABC ROOT.

A name is changed where it is declared and where it is referred to, as an editor's rename does it: words of the
code, never texts.
"""
import re
import unittest

from support import LabTest, tree

TEXT = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*')


def rename(lab, pattern, new):
    """Replaces in code outside of strings and comments; the number of places."""
    count = 0
    for file in sorted(lab.glob("*.lab")):
        parts, last = [], 0
        text = file.read_text(encoding="utf-8")
        for match in [*TEXT.finditer(text), None]:
            code, found = re.subn(pattern, new, text[last: match.start() if match else len(text)])
            count += found
            parts += [code, match.group() if match else ""]
            last = match.end() if match else last
        file.write_text("".join(parts), encoding="utf-8")
    return count


class Rename(LabTest):
    def emitted(self, lab):
        """What is written for machines: paths and texts, without the records about the sources."""
        self.run_labc("build", lab)
        return {path: text.decode("utf-8") for path, text in tree(lab / "out").items()
                if path not in ("build.json", "sourcemap.json", ".lab-manifest")}

    def left(self, lab, old):
        """Lines and paths of the output that still match."""
        out = self.emitted(lab)
        return [path for path in out if re.search(old, path)] + [
            f"{path}: {line}" for path, text in out.items() for line in text.splitlines() if re.search(old, line)]

    def before_and_after(self, pattern, new, old, places=None, kubernetes=False):
        lab = self.example()
        if kubernetes and not any(path.startswith("kubernetes/") for path in self.emitted(lab)):
            self.skipTest("this labc writes no Kubernetes objects")
        self.assertTrue(self.left(lab, old), "the example does not have what is renamed")
        count = rename(lab, pattern, new)
        self.assertGreater(count, 0)
        if places is not None:
            self.assertEqual(count, places)
        self.assertEqual(self.left(lab, old), [])

    def test_network(self):
        self.before_and_after(r"192\.168\.40\.0/24", "192.168.45.0/24", r"192\.168\.40\.", places=1)

    def test_vlan(self):
        lab = self.example()
        self.assertEqual(rename(lab, r"vlan    = 40\b", "vlan    = 45"), 1)
        self.run_labc("check", lab)
        self.assertEqual(self.run_labc("eval", "k8s.vlan", lab).stdout, "45\n")

    def test_node(self):
        name = r"(?<![\w.-])talos-wk01(?![\w-])"
        self.before_and_after(name, "worker-one", r"talos-wk01")

    def test_app(self):
        # The image's own name is no name of the lab.
        self.before_and_after(r"(?<![\w-])sonarr(?![\w-])", "shows", r"(?<![\w/-])sonarr(?![\w:-])", kubernetes=True)

    def test_namespace(self):
        self.before_and_after(r"\b(in|namespace)( +)media\b", r"\1\2films", r"namespace: media$|kubernetes/media/|\.media\.svc",
                              kubernetes=True)

    def test_environment(self):
        lab = self.example()
        rename(lab, r"(?<![\w.-])talos-wk01(?![\w-])", "worker-one")
        done = self.run_labc("check", lab, "--env", "single", code=1)
        self.assertIn("LAB0123", done.stderr)  # a name in a text is no reference, and is found


if __name__ == "__main__":
    unittest.main()
