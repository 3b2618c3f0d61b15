"""A build that goes by the record of the last one must do and say what a build without a record does:
rebuild_test.py LABC ROOT.

A build that was made, and not recalled, writes its record anew; that is how these tests tell them apart.
"""
import os
import shutil
import subprocess
import unittest

from support import LABC, LabTest, tree

OPERATOR = "age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs3290gq"
MORE = '''
let greeting = text("hello.txt")
environment other { override lab talos-media { timezone = "Europe/Paris" } }
param shade: string = "blue"
'''


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path} has no {old}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


class Rebuild(LabTest):
    def setUp(self):
        super().setUp()
        self.cache = self.work / "cache"
        self.env = {"HOME": str(self.work / "home"), "XDG_CONFIG_HOME": "", "SOPS_AGE_KEY": "", "SOPS_AGE_KEY_FILE": "",
                    "XDG_CACHE_HOME": str(self.cache)}
        (self.work / "home").mkdir()
        self.folder = self.example()
        (self.folder / "more.lab").write_text(MORE, encoding="utf-8")
        (self.folder / "hello.txt").write_text("hello", encoding="utf-8")
        self.out = self.work / "out"

    def build(self, *arguments, code=0, cwd=None, **env):
        return self.run_labc("build", "lab", "-o", "out", *arguments, code=code, cwd=cwd or self.work, env={**self.env, **env})

    def records(self):
        """Each record and which writing of it."""
        return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in (self.cache / "lab/builds").glob("*")}

    def settle(self, *arguments, **env):
        """Builds until nothing is to be done: what a build finds in the output folder is among what it goes by."""
        for _ in range(3):
            self.build(*arguments, **env)
        before = self.records()
        done = self.build(*arguments, **env)
        self.assertEqual(self.records(), before, "a build where nothing changed was made again")
        return done

    def as_without(self, *arguments, code=0, recalled=False, **env):
        """Builds with the record, and a copy of the same state without one; both must end alike."""
        copy = self.work / "copy"
        shutil.copytree(self.out, copy, symlinks=True)
        before = self.records()
        done = self.build(*arguments, code=code, **env)
        after, made = self.records(), tree(self.out)
        if recalled:
            self.assertEqual(after, before)
        else:
            self.assertFalse(code == 0 and after == before, "a build was recalled that had to be made")
        shutil.rmtree(self.out)
        copy.rename(self.out)
        plain = self.build(*arguments, code=code, **{**env, "XDG_CACHE_HOME": str(self.work / "empty")})
        shutil.rmtree(self.work / "empty", ignore_errors=True)
        self.assertEqual((done.stdout, done.stderr), (plain.stdout, plain.stderr))
        self.assertEqual(made, tree(self.out))
        return done

    def test_nothing_changed(self):
        self.settle()
        stamps = {path: path.stat().st_mtime_ns for path in self.out.rglob("*")}
        done = self.as_without(recalled=True)
        self.assertIn(" 0 added, 0 changed, 0 removed, ", done.stdout)
        self.assertIn("warning[LAB0563]", done.stderr)
        self.assertEqual({path: path.stat().st_mtime_ns for path in self.out.rglob("*")}, stamps)

    def test_inputs(self):
        changes = {
            "a declaration": lambda lab: edit(lab / "more.lab", "blue", "green"),
            "a file that is read": lambda lab: (lab / "hello.txt").write_text("bye", encoding="utf-8"),
            "a new file": lambda lab: (lab / "new.lab").write_text("let x = 1\n", encoding="utf-8"),
            "a new folder": lambda lab: ((lab / "sub").mkdir(), (lab / "sub" / "a.lab").write_text("let y = 1\n")),
            "a file less": lambda lab: (lab / "new.lab").unlink(),
            "a name": lambda lab: (lab / "more.lab").rename(lab / "other.lab"),
            "a comment": lambda lab: edit(lab / "other.lab", "\n", "\n// said\n"),
        }
        self.settle()
        for name, change in changes.items():
            with self.subTest(name):
                change(self.folder)
                self.as_without()
                self.settle()
        (self.folder / "new.lab").write_text("let x = no-such-thing\n", encoding="utf-8")
        self.as_without(code=1)
        self.as_without(code=1)
        (self.folder / "new.lab").unlink()
        self.as_without(recalled=True)  # the tree is still that of this lab

    def test_options(self):
        self.settle()
        for arguments in (["--env", "other"], ["--set", 'shade="red"'], ["--format", "json"], ["--format", "sarif"],
                          ["--quiet"], ["--color", "always"], ["--all"]):
            with self.subTest(arguments):
                self.as_without(*arguments)
                self.settle(*arguments)
                self.as_without(*arguments, recalled=True)
        self.as_without("--deny", "warnings", code=1)
        self.as_without("--jobs", "2", recalled=True)

    def test_tree(self):
        self.settle()
        one = self.out / "kubernetes/media/sonarr/deployment.yaml"

        def link():
            one.unlink()
            one.symlink_to(self.work / "elsewhere")
        (self.work / "elsewhere").write_bytes(one.read_bytes())
        changes = {
            "other bytes": lambda: one.write_text("kind: Other\n", encoding="utf-8"),
            "a byte more": lambda: one.write_bytes(one.read_bytes() + b"\n"),
            "a file less": one.unlink,
            "a link instead": link,
            "a folder less": lambda: shutil.rmtree(one.parent),
            "a manifest less": (self.out / ".lab-manifest").unlink,
            "another manifest": lambda: (self.out / ".lab-manifest").write_text("a\n", encoding="utf-8"),
            "a build that was killed": lambda: (self.out / ".lab-staging").mkdir(),
        }
        for name, change in changes.items():
            with self.subTest(name):
                change()
                self.as_without()
                self.settle()
        (self.out / "mine.txt").write_text("a file that no build wrote", encoding="utf-8")
        self.as_without(recalled=True)
        shutil.rmtree(self.out)
        self.out.mkdir()
        self.as_without()

    def test_vault(self):
        keys, mine = self.work / "keys.txt", {"SOPS_AGE_KEY_FILE": str(self.work / "keys.txt")}
        recipient = self.run_labc("secret", "identity", keys, env=self.env).stdout.strip()
        edit(self.folder / "lab.lab", OPERATOR, recipient)
        self.run_labc("secret", "init", "lab", env={**self.env, **mine})
        listed = self.run_labc("secret", "list", "lab", env={**self.env, **mine}).stdout
        for line in listed.splitlines():
            if line.endswith("missing"):
                self.run_labc("secret", "set", line.split()[0], "lab", stdin="canary-5b1f\n", env={**self.env, **mine})
        self.settle(**mine)
        before = self.records()
        self.build()
        self.assertNotEqual(self.records(), before, "the words of who could open the vault, told to who cannot")
        self.settle(**mine)
        sealed = (self.out / "sealed.json").read_bytes()
        self.run_labc("secret", "rotate", "grafana-admin/admin-password", "lab", env={**self.env, **mine})
        self.assertIn("\n~ sealed.json\n", self.build(**mine).stdout)
        self.assertNotEqual((self.out / "sealed.json").read_bytes(), sealed)
        self.settle(**mine)
        one = next(self.out.rglob("*.sops.yaml"))
        text = one.read_bytes()
        one.write_bytes(text + b"\n")
        self.build(**mine)
        self.assertFalse(one.read_bytes() == text + b"\n", "a file that was changed by hand was kept")
        for path in (self.cache / "lab/builds").glob("*"):
            self.assertNotIn(b"canary-5b1f", path.read_bytes())
            self.assertNotIn(keys.read_bytes().split(b"AGE-SECRET-KEY-")[1].strip(), path.read_bytes())

    def test_damaged_record(self):
        self.settle()
        record, = (self.cache / "lab/builds").glob("*")
        whole = record.read_bytes()
        for damaged in (b"", b"{", b"[]\n", b'{"format":"lab.build-record/1"}\n', whole[:-1], whole + b"x",
                        whole.replace(b'"asked":[[', b'"asked":[[9,"x","y"],['), whole.replace(b'"seed":', b'"seed":-'),
                        whole.replace(b'"files":', b'"files":"x","f":'),
                        whole.replace(b'"report":', b'"report":18446744073709551615,"r":')):
            with self.subTest(damaged[:60]):
                record.write_bytes(damaged)
                self.as_without()
        shutil.rmtree(self.cache)
        self.cache.write_text("no folder", encoding="utf-8")
        self.assertIn(" 0 added, 0 changed", self.build().stdout)

    def test_another_program(self):
        """A program with another build id does not go by what this one kept."""
        self.settle()
        code, mark = LABC.read_bytes(), b"\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0"  # head of NT_GNU_BUILD_ID
        at = code.index(mark) + len(mark)
        other = self.work / "labc"
        other.write_bytes(code[:at] + bytes([code[at] ^ 1]) + code[at + 1:])
        other.chmod(0o755)
        before = self.records()
        subprocess.run([other, "build", "lab", "-o", "out"], cwd=self.work, env={**os.environ, **self.env}, check=True,
                       capture_output=True)
        self.assertEqual(len(self.records()), len(before) + 1)

    def test_old_records_go(self):
        folder = self.cache / "lab/builds"
        folder.mkdir(parents=True)
        for i in range(300):
            (folder / f"old-{i:03}").write_text("x", encoding="utf-8")
            os.utime(folder / f"old-{i:03}", (1000 + i, 1000 + i))
        self.build()
        names = sorted(path.name for path in folder.glob("*"))
        self.assertLess(len(names), 200)
        self.assertNotIn("old-000", names)
        self.assertIn("old-299", names)


if __name__ == "__main__":
    unittest.main()
