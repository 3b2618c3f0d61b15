"""labrun simulate on a small plan: a Proxmox machine with two VMs, a tunnel, records. RUN labrun ROOT."""
import copy
import json
import os
import signal

from support import ROOT, Case, main

VENDORS = ("proxmox", "cloudflare", "dns")
TOKENS = {"PVE": "root@pam!lab=canary-19cafe31", "CF": "canary-2bfeed42", "PIHOLE": "canary-31deaf53"}


def small_plan():
    """The steps of the fixture that need no cluster, with a VM more, and tokens from the environment."""
    whole = json.loads((ROOT / "tests/data/plan/1/every-kind.json").read_text())
    steps = [step for step in whole["steps"] if step["kind"].split(".")[0] in VENDORS]
    names = {step["id"] for step in steps}
    for step in steps:
        step["after"] = [other for other in step["after"] if other in names]
        step["retry"], step["timeout_s"] = ("task" if step["kind"].startswith("proxmox") else "request"), 3600
        if step["kind"] == "proxmox.power/1":
            step["on_change"] = {"state": "update"}
        if step["kind"] == "cloudflare.tunnel/1":
            step["on_change"] = {"config": "update"}
        if step["kind"] == "proxmox.vm/1":
            step["desired"]["params"]["scsi0"] = "fast:20"
    second = copy.deepcopy([step for step in steps if step["id"] in ("vm/cp1", "power/cp1")])
    text = json.dumps(second).replace("cp1", "cp2").replace("101", "102").replace("00:00:01", "00:00:02")
    secrets = [{"ref": ref, "from": "env", "variable": variable}
               for ref, variable in (("cf-token", "CF"), ("pihole-password", "PIHOLE"), ("pve-token", "PVE"))]
    return steps + json.loads(text), {"secrets": secrets, "pools": whole["pools"]}


class Simulated(Case):
    def setUp(self):
        super().setUp()
        self.env.update(TOKENS)
        steps, more = small_plan()
        self.write(sorted(steps, key=lambda step: len(self.before(step, steps))), **more)

    def before(self, step, steps):
        found, names = [], {each["id"]: each for each in steps}
        for other in step["after"]:
            found += [other, *self.before(names[other], steps)]
        return set(found)

    def simulate(self, *arguments, expect=0, **more):
        done = self.run_labrun("simulate", ".", "--json", *arguments, expect=expect, **more)
        for word in TOKENS.values():
            self.assertNotIn(word, done.stdout + done.stderr)
        return self.events(done)

    def world(self, events):
        return next(event for event in events if event["event"] == "world")

    def test_comes_up_and_then_writes_nothing(self):
        first = self.world(self.simulate("--state", "kept"))
        self.assertGreater(first["writes"], 8)
        second = self.world(self.simulate("--state", "kept"))
        self.assertEqual(0, second["writes"])
        self.assertEqual(first["is"], second["is"])
        for path in (self.folder / "kept").iterdir():
            for word in TOKENS.values():
                self.assertNotIn(word.encode(), path.read_bytes())
        self.assertFalse((self.folder / ".labrun").exists())

    def test_same_seed_same_run(self):
        strip = lambda events: [event for event in events if event["event"] != "begin"]
        self.assertEqual(strip(self.simulate("--seed", "5")), strip(self.simulate("--seed", "5")))

    def test_faults_are_survived(self):
        whole = self.world(self.simulate())["is"]
        (self.folder / "faults.json").write_text(json.dumps(
            {"random": {"per_mille": 60, "do": ["reset-before", "reset-after", "half"], "most": 12}}))
        for seed in range(3):
            events = self.simulate("--faults", "faults.json", "--seed", str(seed))
            self.assertEqual(whole, self.world(events)["is"])
        (self.folder / "faults.json").write_text('{"faults": [{"do": "nothing of the kind"}]}')
        self.run_labrun("simulate", ".", "--faults", "faults.json", expect=3)

    def test_killed_at_every_boundary_and_resumed(self):
        whole = self.world(self.simulate())["is"]
        every = int(os.environ.get("CRASH_EVERY", "9"))   # 1 tries them all
        at = 1
        while True:
            state = f"kept-{at}"
            killed = self.run_labrun("simulate", ".", "--state", state, "--json", env={"LABRUN_CRASH_AT": str(at)})
            if killed.returncode == 0:
                break
            self.assertEqual(-signal.SIGKILL, killed.returncode, killed.stderr)
            self.assertEqual(whole, self.world(self.simulate("--state", state))["is"], f"killed at {at}")
            self.assertEqual(0, self.world(self.simulate("--state", state))["writes"], f"killed at {at}")
            at += every
        self.assertGreater(at, 20)


if __name__ == "__main__":
    main()
