"""labrun on plans of programs: RUN labrun ROOT."""
import json
import os
import pathlib
import resource
import signal
import subprocess
import time
import unittest

import jsonschema

from support import LABRUN, ROOT, Case, identify, main, program, touch


class Apply(Case):
    def test_whole_plan_then_nothing(self):
        self.write([touch("a"), touch("b", ["a"]), touch("c", ["a"])])
        done = self.apply()
        self.assertIn("3 done", done.stdout)
        self.assertEqual({"a": 1, "b": 1, "c": 1}, self.files())
        again = self.apply()
        self.assertIn("3 already as they should be", again.stdout)
        self.assertEqual({"a": 1, "b": 1, "c": 1}, self.files())

    def test_failure_skips_only_what_stands_on_it(self):
        self.write([program("bad", "echo why >&2; exit 7", "false", retry="none"), touch("on-bad", ["bad"]), touch("other")])
        done = self.apply(expect=1)
        self.assertEqual({"other": 1}, self.files())
        self.assertIn("exits 7: why", done.stdout)
        self.assertIn("(lab.lab:1)", done.stdout)
        self.assertIn("1 done, 1 failed, 1 skipped", done.stdout)

    def test_only_a_group(self):
        self.write([touch("a", group="one"), touch("b", ["a"], group="two"), touch("c", group="three")])
        self.assertIn("--only", self.apply("--only", "two", expect=1).stdout)
        self.assertEqual({}, self.files())
        self.apply("--only", "one")
        self.apply("--only", "two")
        self.assertEqual({"a": 1, "b": 1}, self.files())
        self.assertIn("no group `four`; it has one, three, two", self.apply("--only", "four", expect=3).stderr)

    def test_approval(self):
        self.write([touch("a", approve="burn the disks?"), touch("b")])
        self.assertIn("burn the disks?", self.apply(expect=6).stdout)
        self.assertEqual({"b": 1}, self.files())
        self.apply("--yes")
        self.assertEqual({"a": 1, "b": 1}, self.files())

    def test_environment_of_programs(self):
        self.write([program("a", "env > a", "test -e a", desired={"env": {"X": "1"}})])
        self.apply(env={"NOT_FOR_IT": "1"})
        names = {line.split("=")[0] for line in (self.folder / "a").read_text().splitlines()}
        self.assertEqual({"HOME", "LANG", "PATH", "PWD", "X"}, names - {"OLDPWD", "SHLVL", "_"})


class Refused(Case):
    def test_plans_that_are_wrong(self):
        plan = self.write([touch("a"), touch("b", ["a"])])
        good = json.dumps(plan)
        cases = {"truncated": good[: len(good) // 2],
                 "empty": "",
                 "edited": good.replace("echo made >> a", "echo mad >> a"),
                 "other format": good.replace("lab.plan/1", "lab.plan/9")}
        for what, text in cases.items():
            with self.subTest(what):
                (self.folder / "plan.json").write_text(text)
                for command in ("apply", "preview", "drift", "simulate"):
                    self.assertTrue(self.run_labrun(command, ".", expect=3).stderr)
        plan["requires"] = {"labrun": ">=99"}
        plan["plan_id"] = identify(plan)
        (self.folder / "plan.json").write_text(json.dumps(plan))
        self.assertIn("the plan is for labrun >=99", self.apply(expect=3).stderr)
        self.assertEqual({}, self.files())

    def test_artifact_that_changed(self):
        (self.folder / "text.yaml").write_text("a: 1\n")
        digest = "0" * 64
        self.write([program("a", "cat > a", "test -e a", desired={"stdin": {"$artifact": "text.yaml"}})],
                   artifacts=[{"path": "text.yaml", "sha256": digest, "sealed": False}])
        self.assertIn("text.yaml", self.apply(expect=3).stderr)

    def test_wrong_arguments(self):
        for arguments in (["fly"], ["apply", "--parallel", "0"], ["apply", "--nothing"], []):
            self.assertIn("labrun", self.run_labrun(*arguments, expect=3).stderr)
        self.assertIn("cannot read", self.run_labrun("apply", "nowhere", expect=3).stderr)


class Looking(Case):
    def test_preview_and_drift(self):
        self.write([touch("a"), touch("b", ["a"])])
        done = self.run_labrun("preview", ".", expect=2)
        self.assertIn("2 to create", done.stdout)
        self.assertEqual({}, self.files())
        self.assertFalse((self.folder / ".labrun").exists())
        self.apply()
        self.assertIn("2 as they should be", self.run_labrun("preview", ".", expect=0).stdout)
        self.run_labrun("drift", ".", expect=0)
        (self.folder / "b").unlink()
        self.assertIn("missing", self.run_labrun("drift", ".", expect=2).stdout)

    def test_binding(self):
        self.write([touch("a"), touch("b")])
        self.run_labrun("preview", ".", "--binding", "bound.json", expect=2)
        (self.folder / "a").write_text("somebody\n")
        self.assertIn("a is not as the binding saw it", self.apply("--binding", "bound.json", expect=5).stderr)
        self.assertFalse((self.folder / "b").exists())
        self.run_labrun("preview", ".", "--binding", "bound.json", expect=2)
        self.apply("--binding", "bound.json")
        self.assertTrue((self.folder / "b").exists())
        self.write([touch("c")])
        self.apply("--binding", "bound.json", expect=5)
        (self.folder / "bound.json").write_text("{}")
        self.apply("--binding", "bound.json", expect=3)

    def test_destroy_asks(self):
        self.write([touch("a"), touch("b", destroy="delete")])
        self.apply()
        self.assertIn("the file b", self.run_labrun("destroy", ".", expect=6).stdout)
        self.assertEqual({"a": 1, "b": 1}, self.files())


    def test_what_was_agreed_or_run_once_is_not_a_change(self):
        agree = {**touch("agree"), "kind": "approve/1", "desired": {"message": "the rack is wired"}, "retry": "none"}
        once = touch("once", ["agree"])
        del once["desired"]["probe"]
        self.write([agree, once])
        self.run_labrun("preview", ".", expect=2)
        self.assertIn("the rack is wired", self.apply(expect=6).stdout)
        self.apply("--yes")
        self.run_labrun("preview", ".", expect=0)
        self.apply()
        self.assertEqual({"once": 1}, self.files())


class Journal(Case):
    def test_status_log_adopt(self):
        self.write([touch("a"), program("bad", "exit 1", "false", retry="none")])
        self.run_labrun("status", ".", expect=3)
        self.apply(expect=1)
        self.assertIn("bad failed last", self.run_labrun("status", ".", expect=0).stdout)
        rows = self.events(self.run_labrun("log", ".", "--json", expect=0))
        kinds = [row["kind"] for row in rows if row.get("step") == "a"]
        self.assertEqual(["intent", "observed", "done"], kinds)
        self.assertEqual(["run", "ended"], [row["kind"] for row in rows if "step" not in row])
        state = self.folder / ".labrun"
        self.assertEqual(0o700, state.stat().st_mode & 0o777)
        journal = state / "journal.db"
        journal.write_bytes(journal.read_bytes()[:3000])
        self.assertIn("labrun adopt", self.apply(expect=1).stderr)
        self.assertEqual(3000, (state / "journal.db.damaged-1").stat().st_size)
        self.assertIn("1 of 2 objects", self.run_labrun("adopt", ".", expect=0).stdout)

    def test_second_run_is_refused(self):
        self.write([program("slow", "echo made >> slow; sleep 30", "test -e slow")])
        first = subprocess.Popen([LABRUN, "apply", "."], cwd=self.folder, env=self.env, stdout=subprocess.DEVNULL)
        try:
            self.wait_for("slow")
            self.assertIn(f"process {first.pid}", self.apply(expect=4).stderr)
            self.assertIn("at work", self.run_labrun("status", ".", expect=0).stdout)
        finally:
            first.kill()
            first.wait()
        self.apply()   # the kernel dropped the lock
        self.assertEqual({"slow": 1}, self.files())

    def wait_for(self, name):
        for _ in range(1000):
            if (self.folder / name).exists():
                return
            time.sleep(0.01)
        self.fail(f"{name} never came")

    def test_interrupted_once_finishes_what_runs(self):
        self.write([program("slow", "echo made >> slow; sleep 0.3; echo end >> slow", "test -e slow"), touch("next", ["slow"])])
        run = subprocess.Popen([LABRUN, "apply", "."], cwd=self.folder, env=self.env, stdout=subprocess.PIPE, text=True)
        self.wait_for("slow")
        run.send_signal(signal.SIGINT)
        out, _ = run.communicate(timeout=60)
        self.assertEqual(130, run.returncode, out)
        self.assertEqual({"slow": 2}, self.files())
        self.apply()
        self.assertEqual({"slow": 2, "next": 1}, self.files())

    def test_interrupted_twice_ends_at_once(self):
        self.write([program("slow", "echo made >> slow; sleep 60", "test -e slow")])
        run = subprocess.Popen([LABRUN, "apply", "."], cwd=self.folder, env=self.env, stdout=subprocess.PIPE, text=True)
        self.wait_for("slow")
        began = time.monotonic()
        run.send_signal(signal.SIGTERM)
        while run.poll() is None and time.monotonic() - began < 30:
            run.send_signal(signal.SIGTERM)
            time.sleep(0.05)
        run.stdout.close()
        self.assertEqual(130, run.returncode)

    def test_full_disk_begins_nothing(self):
        self.write([touch("first")])
        self.apply()
        long = "x" * 4000
        self.write([program(f"{long}{i}", f"echo made >> f{i}", f"test -e f{i}") for i in range(10)])

        def small():   # room for the beginning of a run in the journal, and not for ten intents
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))

        done = self.apply(expect=1, preexec_fn=small)
        self.assertIn("the journal cannot be written", done.stdout + done.stderr)
        self.assertEqual({"first": 1}, self.files())
        tiny = self.apply(expect=1, preexec_fn=lambda: (small(), resource.setrlimit(resource.RLIMIT_FSIZE, (9_000, 9_000))))
        self.assertNotIn("damaged", tiny.stderr)
        self.apply()
        self.assertEqual(11, len(self.files()))


class Killed(Case):
    def test_at_every_boundary(self):
        steps = [touch("a"), touch("b", ["a"]), touch("c")]
        self.write(steps)
        for at in range(1, 200):
            for path in self.files():
                (self.folder / path).unlink()
            for path in (self.folder / ".labrun").glob("*"):
                path.unlink()
            # One at a time: a program that runs on beside a killed labrun is no server that can be asked.
            killed = self.run_labrun("apply", ".", "--parallel", "1", env={"LABRUN_CRASH_AT": str(at)})
            if killed.returncode == 0:
                break
            self.assertEqual(-signal.SIGKILL, killed.returncode, killed.stderr)
            self.apply()
            self.assertEqual({"a": 1, "b": 1, "c": 1}, self.files(), f"killed at {at}")
            self.assertIn("3 already", self.apply().stdout)
        self.assertGreater(at, 10)


class Secrets(Case):
    CANARY = "xyzzy-canary-2718"

    def everything(self, done):
        text = done.stdout + done.stderr
        for path in (self.folder / ".labrun").rglob("*"):
            if path.is_file():
                text += path.read_bytes().decode(errors="replace")
        return text

    def test_canary_is_found_nowhere(self):
        secrets = [{"ref": "token", "from": "env", "variable": "TOKEN"}]
        good = program("good", "test \"$T\" = " + self.CANARY[:5] + "* || true; wc -c > good; cat /proc/$PPID/cmdline > argv",
                       "test -e good", desired={"env": {"T": {"$secret": "token"}}, "stdin": {"$secret": "token"}})
        bad = program("bad", "cat >&2; exit 1", "false", retry="none", desired={"stdin": {"$secret": "token"}})
        self.write([good, bad], secrets=secrets)
        for arguments in ([], ["--json"]):
            done = self.apply(*arguments, expect=1, env={"TOKEN": self.CANARY})
            self.assertNotIn(self.CANARY, self.everything(done))
        self.assertEqual(str(len(self.CANARY)), (self.folder / "good").read_text().strip())
        self.assertNotIn(self.CANARY, (self.folder / "argv").read_text())
        missing = self.run_labrun("apply", ".", "--json")
        self.assertIn("$TOKEN is not set", missing.stdout)


class Json(Case):
    def test_events_have_their_schema(self):
        schema = json.loads((ROOT / "runtime/cli/labrun-events.schema.json").read_text())
        validator = jsonschema.Draft202012Validator(schema)
        self.write([touch("a"), program("bad", "exit 1", "false", retry="none"), touch("c", ["bad"])])
        seen = set()
        for arguments in (["preview", "."], ["apply", "."], ["drift", "."]):
            for event in self.events(self.run_labrun(*arguments, "--json")):
                validator.validate(event)
                seen.add(event["event"])
        self.assertEqual({"begin", "state", "finding", "end"}, seen)


class Terminal(Case):
    def run_in_terminal(self, *arguments, columns=60, answer=b"", env=None):
        """The command in a pseudo-terminal: what it showed, and its exit code."""
        import fcntl
        import pty
        import struct
        import termios
        try:
            pid, end = pty.fork()
        except OSError as error:  # a root without /dev/pts
            self.skipTest(f"no terminal is to be had: {error}")
        if pid == 0:
            os.chdir(self.folder)
            os.execve(LABRUN, [str(LABRUN), *arguments], {**self.env, "TERM": "xterm", "LANG": "C.UTF-8", **(env or {})})
        fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        shown = b""
        while True:
            try:
                part = os.read(end, 65536)
            except OSError:
                break
            if not part:
                break
            shown += part
            if answer and b"[y/N]" in shown:
                os.write(end, answer)
                answer = b""
        os.close(end)
        return shown.decode(), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def test_block_is_redrawn_in_place_and_asks(self):
        self.write([touch(f"f{i}", title="a very long title " * 8) for i in range(12)])
        shown, status = self.run_in_terminal("apply", ".", answer=b"n\n")
        self.assertEqual(6, status)
        self.assertEqual({}, self.files())
        shown, status = self.run_in_terminal("apply", ".", answer=b"y\n")
        self.assertEqual(0, status, shown)
        self.assertIn("make it so?", shown)
        self.assertIn("12 done", shown)
        self.assertEqual(12, len(self.files()))
        self.assertIn("\x1b[3", shown)   # colour

    def test_no_color(self):
        self.write([touch("a")])
        shown, status = self.run_in_terminal("apply", ".", "--yes", env={"NO_COLOR": "1"})
        self.assertEqual(0, status)
        self.assertNotRegex(shown, r"\x1b\[\d+m")


class Program(unittest.TestCase):
    def test_links_nothing_of_the_compiler(self):
        symbols = subprocess.run(["nm", "-C", LABRUN], capture_output=True, text=True, check=True).stdout
        self.assertIn("lab::engine::Scheduler", symbols)
        for folder in ("syntax", "names", "eval", "model", "checks", "lower", "emit", "session", "diagnostics"):
            self.assertNotIn(f"lab::{folder}::", symbols)
        libraries = subprocess.run(["ldd", LABRUN], capture_output=True, text=True, check=False).stdout
        self.assertNotIn("antlr", libraries)

    def test_help(self):
        whole = subprocess.run([LABRUN, "--help"], capture_output=True, text=True, check=True).stdout
        for command in ("preview", "apply", "status", "log", "drift", "destroy", "adopt", "simulate"):
            self.assertIn(command, whole)
            one = subprocess.run([LABRUN, command, "--help"], capture_output=True, text=True, check=True).stdout
            self.assertIn("Exit codes", one)
            self.assertLess(max(map(len, one.splitlines())), 130)


if __name__ == "__main__":
    main()
