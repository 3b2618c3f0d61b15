"""Plans made in a test, and labrun run on them. The world of these plans is a folder: each step makes a file with a
program, and its probe looks for the file."""
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

LABRUN, ROOT, LABC = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])


def tree(folder):
    """The files below a folder: path to bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def identify(plan):
    body = {key: value for key, value in plan.items() if key != "plan_id"}
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()


def program(name, script, probe, after=(), group="here", **more):
    """A step that runs `script` unless `probe` (also of sh) succeeds."""
    desired = {"argv": ["/bin/sh", "-c", script], "probe": {"argv": ["/bin/sh", "-c", probe], "expect_exit": 0}}
    desired.update(more.pop("desired", {}))
    step = {"id": name, "kind": "exec/1", "after": list(after), "group": group, "title": f"the file {name}",
            "key": {"name": name}, "desired": desired, "expect": {"state": "absent"}, "on_change": {},
            "destroy": "retain", "protect": False, "retry": "request", "timeout_s": 60, "needs": [], "approve": None,
            "outputs": [], "origin": {"file": "lab.lab", "line": 1}}
    return {**step, **more}


def touch(name, after=(), **more):
    """A step that appends a line to a file of its name: a line more for each time it was run."""
    return program(name, f"echo made >> {name}", f"test -e {name}", after, **more)


class Case(unittest.TestCase):
    def setUp(self):
        # In memory where that is possible: these tests wait for the disk otherwise.
        memory = pathlib.Path("/dev/shm")
        holder = tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None)
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)
        self.env = {"PATH": os.environ["PATH"], "HOME": str(self.folder)}

    def write(self, steps, **more):
        plan = {"format": "lab.plan/1", "lab": "test", "compiler": "0.1.0", "requires": {"labrun": ">=0.1 <1"},
                "inputs": [], "artifacts": [], "secrets": [], "pools": [],
                "groups": [{"name": name, "title": f"group {name}"} for name in sorted({step["group"] for step in steps})],
                "steps": steps, **more}
        plan["plan_id"] = identify(plan)
        (self.folder / "plan.json").write_text(json.dumps(plan, indent=1))
        return plan

    def run_labrun(self, *arguments, expect=None, env=None, **more):
        done = subprocess.run([LABRUN, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL, cwd=self.folder,
                              env={**self.env, **(env or {})}, timeout=120, check=False, **more)
        if expect is not None:
            self.assertEqual(expect, done.returncode, done.stdout + done.stderr)
        return done

    def run_labc(self, *arguments, **more):
        done = subprocess.run([LABC, *arguments], capture_output=True, text=True, cwd=self.folder, env=self.env, timeout=120,
                              check=False, **more)
        self.assertEqual(0, done.returncode, done.stderr)
        return done.stdout

    def new_identity(self):
        """The recipient of a new age identity, which labc and labrun find from now on."""
        self.env["SOPS_AGE_KEY_FILE"] = str(self.folder / "keys.txt")
        return self.run_labc("secret", "identity", "keys.txt").strip()

    def apply(self, *arguments, expect=0, **more):
        return self.run_labrun("apply", ".", *arguments, expect=expect, **more)

    def files(self):
        """Name and number of lines of each file a step made."""
        return {path.name: len(path.read_text().splitlines()) for path in self.folder.iterdir()
                if path.is_file() and path.name not in ("plan.json",) and not path.name.startswith(".")}

    def events(self, done):
        return [json.loads(line) for line in done.stdout.splitlines()]


def main():
    del sys.argv[1:4]
    unittest.main()
