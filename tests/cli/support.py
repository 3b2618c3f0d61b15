"""What the tests of commands share: labc itself and labs to run it on."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

LABC = pathlib.Path(sys.argv.pop(1)).resolve()
ROOT = pathlib.Path(sys.argv.pop(1)).resolve()
EXAMPLE = ROOT / "examples" / "talos-media"
CACHE = tempfile.TemporaryDirectory()  # what builds remember, of this run alone


def labc(*arguments, cwd=None, stdin="", env=None, **more):
    """Runs labc; the result has returncode, stdout and stderr as text."""
    return subprocess.run([LABC, *map(str, arguments)], cwd=cwd, input=stdin, capture_output=True, text=True, timeout=120,
                          check=False, env={**os.environ, "LC_ALL": "C", "NO_COLOR": "1", "XDG_CACHE_HOME": CACHE.name, **(env or {})},
                          **more)


def tree(folder):
    """The files below a folder: path to bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


class LabTest(unittest.TestCase):
    """Each test has a folder of its own, gone afterwards."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.work = pathlib.Path(holder.name)

    def lab(self, text, name="lab"):
        folder = self.work / name
        folder.mkdir()
        (folder / "lab.lab").write_text(text, encoding="utf-8")
        return folder

    def example(self, name="lab"):
        folder = self.work / name
        shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("out", "expected"))
        return folder

    def run_labc(self, *arguments, code=0, **more):
        done = labc(*arguments, cwd=more.pop("cwd", self.work), **more)
        self.assertEqual(done.returncode, code, f"labc {arguments}\n{done.stdout}\n{done.stderr}")
        return done
