"""Encrypted files beside a plan: the plan names them, and labrun sees to it that they are there, whole and unchanged.
RUN labrun ROOT labc."""
import re
import shutil

from support import Case, main, program, tree

LAB = """lab home {
  domain    = "home.example.net"
  operators = ["RECIPIENT"]
  gitops    = none
}
secret pve-token = given
network lan { cidr = 192.0.2.0/24, gateway = .1, dns = [9.9.9.9] }
host pve1 on lan {
  address = .10, cores = 8, memory = 32GiB
  proxmox { token = secret.pve-token }
  storage fast  { kind = lvmthin }
  storage local { kind = dir, content = [iso, import] }
  bridge vmbr0  { trunk = [lan] }
}
vm box on pve1 {
  nic lan = .21, cores = 2, memory = 4GiB, disk os { storage = fast, size = 20GiB }
  boot-image = "https://cloud.debian.org/images/cloud/bookworm/latest/debian-12-genericcloud-amd64.qcow2"
  cloud-init { ssh-keys = ["ssh-ed25519 AAAA"] }
}
"""
SEALED = "plan.sops.yaml"


def once(name, desired):
    """A step that cannot be probed: it is done when a run noted that it was."""
    step = program(name, f"cat >> {name}.out", "", desired=desired)
    del step["desired"]["probe"]
    return step


class Sealed(Case):
    def setUp(self):
        super().setUp()
        self.lab = self.folder / "lab"
        self.lab.mkdir()
        (self.lab / "lab.lab").write_text(LAB.replace("RECIPIENT", self.new_identity()))

    def make_vault(self):
        self.run_labc("secret", "init", "lab")
        self.keep("root@pam!lab=one")

    def keep(self, value):
        """Another value of the secret, and the tree that is built with it; the plan stands where steps are written."""
        self.run_labc("secret", "set", "pve-token", "lab", input=value + "\n")
        self.run_labc("build", "lab", "-o", "out")
        shutil.copy2(self.folder / "out" / SEALED, self.folder)

    def reading(self):
        """A plan with a step that reads the encrypted file, and one that does not."""
        self.write([once("reads", {"stdin": {"$sops": SEALED}}), once("other", {"stdin": "x"})],
                   artifacts=[{"path": SEALED, "sealed": True}])

    def made(self):
        return {path.stem: path.read_text() for path in self.folder.glob("*.out")}

    def test_without_a_vault_and_then_with_one(self):
        self.run_labc("build", "lab", "-o", "out")
        before = tree(self.folder / "out")
        self.assertIn("plan.json", before)
        self.assertNotIn(SEALED, before)
        for command in ("apply", "preview", "drift", "destroy", "simulate"):
            said = self.run_labrun(command, "out", expect=3).stderr
            self.assertIn(f"`{SEALED}` cannot be read; `labc build` writes it once the lab has a vault", said)
            self.assertIn("nothing was done", said)
        self.make_vault()
        after = tree(self.folder / "out")
        own = {".lab-manifest", "sourcemap.json"}   # they list every file
        self.assertEqual({path: text for path, text in before.items() if path not in own},
                         {path: text for path, text in after.items() if path in before and path not in own})
        self.run_labrun("simulate", "out", expect=0)

    def test_cut_off(self):
        self.make_vault()
        self.reading()
        whole = (self.folder / SEALED).read_text()
        for length in [*range(0, len(whole) - 1, 131), len(whole) - 1]:
            (self.folder / SEALED).write_text(whole[:length])
            self.assertIn("is no whole file of SOPS", self.apply(expect=3).stderr, length)
        (self.folder / SEALED).unlink()
        self.assertIn("cannot be read", self.apply(expect=3).stderr)
        self.assertEqual({}, self.made())

    def test_edited(self):
        self.make_vault()
        self.reading()
        whole = (self.folder / SEALED).read_text()
        for what, other in {"a value": re.sub(r"data:(.)", lambda m: "data:" + ("A" if m[1] != "A" else "B"), whole, count=1),
                            "a time": re.sub(r'(lastmodified: "?)\d{4}', r"\g<1>1999", whole),
                            "plain text": "more: text\n" + whole}.items():
            with self.subTest(what):
                self.assertNotEqual(whole, other)
                (self.folder / SEALED).write_text(other)
                self.assertIn(SEALED, self.apply(expect=3).stderr)
        self.assertEqual({}, self.made())

    def test_another_value(self):
        self.make_vault()
        plan = (self.folder / "out/plan.json").read_bytes()
        self.reading()
        self.apply()
        self.run_labrun("preview", ".", "--binding", "bound.json", expect=0)
        self.apply("--binding", "bound.json")
        self.assertEqual(1, self.made()["reads"].count("root@pam"))

        self.keep("root@pam!lab=two")
        self.assertEqual(plan, (self.folder / "out/plan.json").read_bytes())
        self.assertIn("other encrypted files", self.apply("--binding", "bound.json", expect=5).stderr)
        self.run_labrun("preview", ".", expect=2)
        self.apply()
        self.assertIn("one", self.made()["reads"])
        self.assertIn("two", self.made()["reads"])
        self.assertEqual("x", self.made()["other"])
        self.apply()
        self.assertEqual(2, self.made()["reads"].count("root@pam"))


if __name__ == "__main__":
    main()
