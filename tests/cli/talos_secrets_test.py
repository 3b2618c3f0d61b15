"""The secrets bundle of a Talos cluster, from the vault to what is sealed of it: talos_secrets_test.py LABC ROOT."""
import base64
import pathlib
import re
import shutil
import tempfile
import unittest

from support import LabTest, labc, tree

CLUSTER = """lab small {
  domain    = "home.example"
  operators = ["RECIPIENT"]
}

network k8s { vlan = 40, cidr = 192.168.40.0/24, gateway = .1 }

host pve on k8s {
  address = .10
  proxmox { user = "root@pam", password = secret.pve }
  storage local-zfs { kind = zfspool }
  bridge vmbr0      { trunk = [k8s] }
}
secret pve = password(32)

vm cp-1 on pve { id = 101, cores = 2, memory = 4GiB, nic k8s = .51, disk os { size = 60GiB, storage = local-zfs } }
vm wk-1 on pve { id = 102, cores = 2, memory = 4GiB, nic k8s = .52, disk os { size = 60GiB, storage = local-zfs } }

cluster home {
  distribution  = talos { version = v1.12.4 }
  kubernetes    = v1.35.1
  control-plane = [cp-1]
  workers       = [wk-1]
  cni           = flannel
}
"""

SEALED = ["cp-1.secrets", "kubeconfig", "talosconfig", "wk-1.secrets"]


def leaves(text):
    """Path of keys to value, of YAML as labc and sops write it: maps of one-line scalars."""
    out, path = {}, []
    for line in text.splitlines():
        found = re.fullmatch(r"( *)(?:- )?([\w.-]+):(?: (.*))?", line)
        if not found:
            continue
        del path[len(found[1]) // 4:]
        path.append(found[2])
        if found[3]:
            out["/".join(path)] = found[3].strip('"')
    return out


class TalosSecrets(LabTest):
    @classmethod
    def setUpClass(cls):
        """One vault for all tests: its RSA key takes a second."""
        holder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(holder.cleanup)
        cls.base = pathlib.Path(holder.name)
        cls.recipient = labc("secret", "identity", cls.base / "identity").stdout.strip()
        cls.env = {"SOPS_AGE_KEY_FILE": str(cls.base / "identity"), "SOPS_AGE_KEY": "", "HOME": str(cls.base)}
        (cls.base / "lab").mkdir()
        (cls.base / "lab/lab.lab").write_text(CLUSTER.replace("RECIPIENT", cls.recipient), encoding="utf-8")
        made = labc("secret", "init", cls.base / "lab", env=cls.env)
        assert made.returncode == 0, made.stderr

    def setUp(self):
        super().setUp()
        self.folder = self.work / "lab"
        shutil.copytree(self.base / "lab", self.folder)
        self.said = []

    def do(self, *arguments, **more):
        done = self.run_labc(*arguments, env=self.env, **more)
        self.said += [done.stdout, done.stderr] if "get" not in arguments else [done.stderr]
        return done

    def get(self, handle):
        return self.do("secret", "get", handle, self.folder).stdout

    def build(self, name="out"):
        out = self.work / name
        self.do("build", self.folder, "-o", out)
        return tree(out)

    def changed(self, before, after):
        """Of sealed files that differ: the lines that do, without the MAC."""
        self.assertEqual(before.keys(), after.keys())
        out = {}
        for path in before:
            if before[path] == after[path]:
                continue
            if not path.endswith(".sops.yaml"):
                self.assertEqual(path, "sealed.json")  # it holds hashes of sealed files
                continue
            old, new = before[path].decode().splitlines(), after[path].decode().splitlines()
            self.assertEqual(len(old), len(new), path)
            lines = [a.strip().split(":")[0] for a, b in zip(old, new) if a != b]
            self.assertIn("mac", lines)
            out[path] = [line for line in lines if line != "mac"]
        return out

    def test_bytes_and_what_changes_them(self):
        first = self.build()
        self.assertEqual([f"talos/home/{name}.sops.yaml" for name in SEALED],
                         sorted(path for path in first if re.fullmatch(r"talos/.*\.sops\.yaml", path)))
        self.assertEqual(first, self.build(), "built again over it")
        self.assertEqual(first, self.build("elsewhere"), "built into an empty folder")

        # Only the control plane encrypts what etcd holds.
        self.do("secret", "set", "talos/home/secrets/secretboxencryptionsecret", self.folder,
                 stdin="QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=")
        second = self.build()
        self.assertEqual(self.changed(first, second),
                         {"talos/home/cp-1.secrets.sops.yaml": ["secretboxEncryptionSecret"]})

        self.do("secret", "rotate", "talos/home/issued", self.folder)
        self.do("secret", "set", "talos/home/issued", self.folder, stdin="2026-02-03T04:05:06Z")
        third = self.build()
        self.assertEqual(self.changed(second, third),
                         {"talos/home/kubeconfig.sops.yaml": ["client-certificate-data", "client-key-data"],
                          "talos/home/talosconfig.sops.yaml": ["crt", "key"]})

        self.nothing_leaks(third)

        # Without the identity nothing has to change, so everything is there still.
        kept = labc("build", self.folder, "-o", self.work / "out", env={**self.env, "SOPS_AGE_KEY_FILE": ""})
        self.assertEqual(kept.returncode, 0, kept.stderr)
        self.assertEqual(third, tree(self.work / "out"))

    def nothing_leaks(self, files):
        """No value of the bundle stands in a file, in the vault or in what labc said."""
        everywhere = {**files, **tree(self.folder), "said": "\n".join(self.said).encode()}
        values = leaves(self.get("talos/home"))
        self.assertEqual(len(values), 15)
        for path, value in values.items():
            if path.endswith("issued"):
                continue
            words = [value.encode()]
            if path.startswith("certs/"):
                pem = base64.b64decode(value)
                body = [line for line in pem.splitlines() if b"-----" not in line]
                words += [pem, base64.b64decode(b"".join(body)), *body[:-1]]
            for word in words:
                for name, content in everywhere.items():
                    self.assertNotIn(word, content, f"{path} stands in {name}")
        for name, content in everywhere.items():
            self.assertNotIn(b"PRIVATE KEY", content, name)

    def test_a_bundle_goes_out_and_comes_in(self):
        bundle = self.get("talos/home")
        self.assertEqual(list(dict.fromkeys(path.split("/")[0] for path in leaves(bundle))),
                         ["cluster", "secrets", "trustdinfo", "certs", "issued"])
        other = self.work / "other"
        shutil.copytree(self.folder, other)
        lab = (other / "lab.lab").read_text(encoding="utf-8")
        (other / "lab.lab").write_text(lab.replace("cluster home", "cluster away"), encoding="utf-8")
        given = re.sub(r"issued: .*\n", "", bundle)  # as talosctl writes it
        self.do("secret", "set", "talos/away", other, stdin="# of an older cluster\n" + given)
        taken = self.do("secret", "get", "talos/away", other).stdout
        self.assertEqual(re.sub(r"issued: .*\n", "", taken), given)
        self.assertRegex(taken, r'issued: "?20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ')

        token = leaves(bundle)["trustdinfo/token"]
        for broken, words in (("a: b\n---\nc: d\n", "one document"), ("a: b\n", "cluster.id is missing"),
                              (given.replace(token, token.upper() + "!"), "trustdinfo.token is not of the form"),
                              (given.replace("etcd:", "etcd2:"), "certs.etcd.crt is missing")):
            done = self.run_labc("secret", "set", "talos/away", other, code=1, stdin=broken, env=self.env)
            self.assertIn(words, done.stderr)
            self.assertNotIn(token[:6], done.stderr.lower())
        self.assertEqual(taken, self.do("secret", "get", "talos/away", other).stdout)

    def test_authorities_are_kept(self):
        done = self.run_labc("secret", "rotate", "talos/home", self.folder, code=1, env=self.env)
        self.assertIn("talosctl rotate-ca", done.stderr)
        listed = self.do("secret", "list", self.folder).stdout
        self.assertRegex(listed, r"(?m)^talos/home +talos-bundle +there$")
        self.assertRegex(listed, r"(?m)^talos/home/issued +time-of-issue +there$")


if __name__ == "__main__":
    unittest.main()
