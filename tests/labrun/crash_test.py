"""labrun killed with SIGKILL at boundaries of its journal (before and after each commit), and run again: the same world, with
the same writes as without the crash, and nothing left to write. RUN labrun ROOT labc.

CRASH_EVERY=1 tries every boundary, of the plan of the example lab too; otherwise a few are tried. CRASH_JOBS at a time."""
import concurrent.futures
import os
import re
import shutil
import signal

from support import ROOT, main
from worlds import SmallWorld, World

JOBS = int(os.environ.get("CRASH_JOBS", "2"))


def every(sample):
    return int(os.environ.get("CRASH_EVERY", sample))


class Crashes:
    def killed_at(self, boundary):
        """False when the run has no such boundary."""
        state = ("--state", f"kept-{boundary}")
        killed = self.run_labrun("simulate", self.plan, "--json", *state, env={"LABRUN_CRASH_AT": str(boundary)})
        if killed.returncode == 0:
            return False
        self.assertEqual(-signal.SIGKILL, killed.returncode, killed.stderr)
        resumed = self.world(self.simulate(*state))
        self.assertEqual(self.whole["is"], resumed["is"], f"killed at {boundary}: another world")
        self.assertEqual(sorted(self.whole["wrote"]), sorted(resumed["wrote"]), f"killed at {boundary}: other writes")
        again = self.world(self.simulate(*state))
        self.assertEqual(0, again["writes"], f"killed at {boundary}: writes left")
        self.assertEqual(self.whole["is"], again["is"])
        shutil.rmtree(self.folder / state[1])
        return True

    def kill_at_each(self, step, least):
        self.whole = self.world(self.simulate())
        boundary, tried = 1, 0
        with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
            while all(went_on := list(pool.map(self.killed_at, range(boundary, boundary + step * JOBS, step)))):
                boundary += step * JOBS
                tried += JOBS
        tried += sum(went_on)
        print(f"{self.id()}: killed at {tried} boundaries")
        self.assertGreaterEqual(tried * step, least)


class Small(Crashes, SmallWorld):
    def test_killed_and_resumed(self):
        self.kill_at_each(every(9), 40)


class Example(Crashes, World):
    plan = "out"

    def setUp(self):
        super().setUp()
        lab = self.folder / "lab"
        shutil.copytree(ROOT / "examples/talos-media", lab, ignore=shutil.ignore_patterns("out", "expected", "secrets"))
        settings = lab / "lab.lab"
        settings.write_text(re.sub("age1[a-z0-9]+", self.new_identity(), settings.read_text()))
        self.run_labc("secret", "init", "lab")
        for line in self.run_labc("secret", "list", "lab").splitlines():
            if line.endswith("missing"):
                self.run_labc("secret", "set", line.split()[0], "lab", input="typed by a person")
        self.run_labc("build", "lab", "-o", "out")

    def test_killed_and_resumed(self):
        self.kill_at_each(every(61), 100)


if __name__ == "__main__":
    main()
