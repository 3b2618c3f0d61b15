"""Plans in a simulated world: a small one without a cluster, made here."""
import copy
import json

from support import ROOT, Case

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


class World(Case):
    plan = "."

    def simulate(self, *arguments, expect=0, **more):
        done = self.run_labrun("simulate", self.plan, "--json", *arguments, expect=expect, **more)
        for word in TOKENS.values():
            self.assertNotIn(word, done.stdout + done.stderr)
        return self.events(done)

    def world(self, events):
        return next(event for event in events if event["event"] == "world")


class SmallWorld(World):
    """The small plan, ready in the folder of the test."""

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
