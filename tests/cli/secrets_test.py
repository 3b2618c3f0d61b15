"""Secrets from the vault to the emitted tree: secrets_test.py LABC ROOT.

Every test makes its own identities and vault; none is ever part of the sources.
"""
import base64
import json
import os
import pathlib
import re
import shutil
import stat
import subprocess
import tempfile
import unittest

from support import LabTest, labc, tree

OPERATOR = "age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs3290gq"
LEAK = 'manifest leak in media { apiVersion = "v1", kind = "ConfigMap", data { token = secret.grafana-admin.admin-password } }\n'
SEALED = re.compile(r"\.sops\.yaml$|^sealed\.json$")


def public(files):
    """Without what is encrypted."""
    return {path: data for path, data in files.items() if path == ".sops.yaml" or not SEALED.search(path)}


def forms(word):
    """How a value may stand somewhere: as it is, in hexadecimal, in base64 at each of three offsets."""
    data = word.encode()
    yield data
    yield data.hex().encode()
    for offset in range(3):
        text = base64.b64encode(b"\0" * offset + data)
        yield text[-(-offset * 8 // 6):len(text) // 4 * 4 - 4]


HOLDER = tempfile.TemporaryDirectory()
MADE = pathlib.Path(HOLDER.name)


class Secrets(LabTest):
    def setUp(self):
        super().setUp()
        self.home = self.work / "home"
        self.home.mkdir()
        self.output = []
        self.use("keys.txt")
        if (MADE / "keys.txt").exists():
            shutil.copy2(MADE / "keys.txt", self.work)
            self.recipient = re.search("age1.*", (self.work / "keys.txt").read_text(encoding="utf-8"))[0]
        else:
            self.recipient = self.identity("keys.txt")
            shutil.copy2(self.work / "keys.txt", MADE)

    def identity(self, name):
        return self.run_labc("secret", "identity", self.work / name).stdout.strip()

    def use(self, name):
        self.key_file = str(self.work / name) if name else ""

    def run_labc(self, *arguments, **more):
        env = {"HOME": str(self.home), "XDG_CONFIG_HOME": "", "SOPS_AGE_KEY": "",
               "SOPS_AGE_KEY_FILE": getattr(self, "key_file", ""), **more.pop("env", {})}
        done = super().run_labc(*arguments, env=env, **more)
        self.output += [done.stdout, done.stderr]
        return done

    def vault_lab(self, values, name="lab"):
        """The example with a vault, made once for all tests; `values` gives what a person types for a name."""
        if (MADE / "lab").exists():
            return pathlib.Path(shutil.copytree(MADE / "lab", self.work / name))
        lab = self.example(name)
        text = (lab / "lab.lab").read_text(encoding="utf-8")
        (lab / "lab.lab").write_text(text.replace(OPERATOR, self.recipient), encoding="utf-8")
        self.run_labc("secret", "init", lab)
        for handle in self.missing(lab):
            self.run_labc("secret", "set", handle, lab, stdin=values(handle) + "\n")
        self.assertEqual(self.missing(lab), [])
        shutil.copytree(lab, MADE / "lab")
        return lab

    def missing(self, lab):
        listed = self.run_labc("secret", "list", lab).stdout
        self.output.pop()
        return [line.split()[0] for line in listed.splitlines() if line.endswith("missing")]

    @staticmethod
    def typed(handle):
        return f"canary/{handle}/of some length"


class Vault(Secrets):
    def test_identity_files(self):
        self.assertEqual(stat.S_IMODE(os.stat(self.work / "keys.txt").st_mode), 0o600)
        self.run_labc("secret", "identity", self.work / "keys.txt", code=2)  # never over one that is there
        lab = self.vault_lab(self.typed)
        os.chmod(self.work / "keys.txt", 0o640)
        done = self.run_labc("secret", "get", "pve-token", lab, code=1)
        self.assertIn("others can read this file", done.stderr)
        self.assertEqual(done.stdout, "")

    def test_values(self):
        lab = self.vault_lab(self.typed)
        self.assertEqual(self.run_labc("secret", "get", "pve-token", lab).stdout, self.typed("pve-token"))
        before = self.run_labc("secret", "get", "grafana-admin/admin-password", lab).stdout
        self.assertRegex(before, r"^[A-Za-z0-9]{32}$")
        vault = (lab / "secrets" / "lab.sops.yaml").read_text(encoding="utf-8").splitlines()
        self.run_labc("secret", "rotate", "grafana-admin/admin-password", lab)
        self.assertNotEqual(self.run_labc("secret", "get", "grafana-admin/admin-password", lab).stdout, before)
        after = (lab / "secrets" / "lab.sops.yaml").read_text(encoding="utf-8").splitlines()
        changed = [a for a, b in zip(vault, after) if a != b and "lastmodified" not in a]
        self.assertEqual(len(vault), len(after))
        self.assertEqual(len(changed), 2, changed)  # the value and the MAC
        self.assertIn("there is `pve-token`", self.run_labc("secret", "set", "pve-toke", lab, stdin="x\n", code=1).stderr)
        done = self.run_labc("secret", "set", "pve-token", "a-value-by-mistake", code=2)
        self.assertNotIn("a-value-by-mistake", done.stdout + done.stderr)
        self.assertIn("empty value", self.run_labc("secret", "set", "pve-token", lab, stdin="\n", code=1).stderr)

    def test_sources(self):
        lab = self.lab(f"""lab small {{ domain = "example.net", operators = ["{self.recipient}"] }}
secret from-env     = env("LAB_TEST_TOKEN")
secret from-file    = file("token.txt")
secret from-command = command(["printf", "of a program"])
secret made         = uuid
secret wire         = wireguard-key
secret shell        = ssh-key
""")
        (lab / "token.txt").write_text("of a file\n", encoding="utf-8")
        self.run_labc("secret", "init", lab, env={"LAB_TEST_TOKEN": "of the environment"})
        for name, value in (("from-env", "of the environment"), ("from-file", "of a file"), ("from-command", "of a program")):
            self.assertEqual(self.run_labc("secret", "get", name, lab).stdout, value)
        self.assertRegex(self.run_labc("secret", "get", "made", lab).stdout, r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-")

    def test_people(self):
        lab = self.vault_lab(self.typed)
        other = self.identity("other.txt")
        self.use("other.txt")
        self.assertIn("cannot be opened", self.run_labc("secret", "get", "pve-token", lab, code=1).stderr)
        text = (lab / "lab.lab").read_text(encoding="utf-8")
        both = text.replace(f'["{self.recipient}"]', f'["{self.recipient}", "{other}"]')
        (lab / "lab.lab").write_text(both, encoding="utf-8")
        self.assertIn("cannot read the vault yet", self.run_labc("secret", "recipients", lab).stdout)
        self.run_labc("secret", "recipients", lab, "--update", code=1)  # nobody takes themselves in
        self.use("keys.txt")
        before = (lab / "secrets" / "lab.sops.yaml").read_text(encoding="utf-8")
        self.run_labc("secret", "recipients", lab, "--update")
        after = (lab / "secrets" / "lab.sops.yaml").read_text(encoding="utf-8")
        self.assertEqual(before.split("sops:")[0], after.split("sops:")[0])  # a new reader changes no value
        self.use("other.txt")
        self.assertEqual(self.run_labc("secret", "get", "pve-token", lab).stdout, self.typed("pve-token"))
        # Who goes knew the data key: everything is encrypted anew.
        (lab / "lab.lab").write_text(both.replace(f'"{self.recipient}", ', ""), encoding="utf-8")
        self.run_labc("secret", "recipients", lab, "--update")
        gone = (lab / "secrets" / "lab.sops.yaml").read_text(encoding="utf-8")
        self.assertFalse(set(re.findall(r"data:[^,]{8,},", after)) & set(re.findall(r"data:[^,]{8,},", gone)))
        self.use("keys.txt")
        self.run_labc("secret", "get", "pve-token", lab, code=1)

    def test_damage(self):
        lab = self.vault_lab(self.typed)
        path = lab / "secrets" / "lab.sops.yaml"
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r'lastmodified: "\d{4}', 'lastmodified: "1999', text), encoding="utf-8")
        done = self.run_labc("build", lab, "-o", self.work / "out", code=1)
        self.assertIn("LAB0560", done.stderr)
        self.assertIn("its MAC is wrong", done.stderr)
        self.assertFalse((self.work / "out").exists())
        self.run_labc("secret", "set", "pve-token", lab, stdin="x\n", code=1)  # never overwritten
        path.write_text(re.sub(r"(?m)^pve-token: .*$", "pve-token: plain", text), encoding="utf-8")
        self.assertIn("plain text", self.run_labc("build", lab, "-o", self.work / "out", code=1).stderr)


class Public(Secrets):
    """What functions make public of secrets."""
    LAB = """lab small {{ domain = "example.net", operators = ["{recipient}"], contact = {contact} }}
secret shell  = ssh-key
secret wire   = wireguard-key
secret random = hex(16)
secret typed  = given
secret set {{ user = "ann", key = ssh-key, again = secret.shell }}
"""

    def small(self, contact):
        lab = self.lab(self.LAB.format(recipient=self.recipient, contact=contact))
        self.run_labc("secret", "init", lab)
        return lab

    def contact(self, lab, contact):
        (lab / "lab.lab").write_text(self.LAB.format(recipient=self.recipient, contact=contact), encoding="utf-8")

    def value(self, lab, expression, **more):
        return self.run_labc("eval", expression, lab, **more).stdout.strip().strip('"')

    def build(self, lab, code=0):
        return self.run_labc("build", lab, "-o", self.work / "out", code=code)

    def test_keys(self):
        lab = self.small('"${public-key(secret.shell)} ${public-key(secret.wire)} ${public-key(secret.set.again)}"')
        said = self.build(lab).stdout
        self.assertIn("declassified\n  public-key of shell  [lab.lab:1]\n  public-key of wire  [lab.lab:1]\n"
                      "  public-key of set/again  [lab.lab:1]\n", said)
        report = json.loads((self.work / "out" / "build.json").read_text(encoding="utf-8"))
        self.assertEqual(report["declassified"][0],
                         {"function": "public-key", "secret": "shell", "place": "lab.lab:1"})
        shell, wire = (self.value(lab, f"public-key(secret.{name})") for name in ("shell", "wire"))
        self.assertEqual(shell, self.value(lab, "public-key(secret.set.again)"))
        private = self.work / "id"
        private.write_text(self.run_labc("secret", "get", "shell", lab).stdout, encoding="utf-8")
        private.chmod(0o600)
        self.output.clear()
        asked = subprocess.run(["ssh-keygen", "-y", "-f", private], capture_output=True, text=True, check=True).stdout
        self.assertEqual(asked.split()[:2], shell.split())
        self.assertRegex(wire, r"^[A-Za-z0-9+/]{43}=$")
        # Everybody builds the same, and nothing is written then.
        vault, first = tree(lab / "secrets"), tree(self.work / "out")
        self.use(None)
        self.assertEqual(self.build(lab).stdout.count("declassified"), 1)
        self.assertEqual((vault, first), (tree(lab / "secrets"), tree(self.work / "out")))

    def test_out_of_date(self):
        lab = self.small("public-key(secret.shell)")
        self.build(lab)
        before = self.value(lab, "lab.contact")
        self.run_labc("secret", "rotate", "shell", lab)
        after = self.value(lab, "lab.contact")
        self.assertNotEqual(before, after)
        # Changed by something else: what is public is of another value, and not used.
        path = lab / "secrets" / "lab.sops.yaml"
        text = path.read_text(encoding="utf-8")
        self.run_labc("secret", "rotate", "shell", lab)
        keys = lab / "secrets" / "keys.sops.yaml"
        new_keys = keys.read_text(encoding="utf-8")
        path.write_text(text, encoding="utf-8")
        self.use(None)
        self.assertIn("warning[LAB0564]", self.run_labc("check", lab).stderr)
        self.assertIn("error[LAB0564]", self.build(lab, code=1).stderr)
        self.use("keys.txt")
        self.assertIn("warning[LAB0564]", self.run_labc("check", lab).stderr)  # a check opens nothing
        self.build(lab)
        self.assertEqual(self.value(lab, "lab.contact"), after)
        self.assertNotEqual(keys.read_text(encoding="utf-8"), new_keys)

    def test_declassify(self):
        said = 'declassify("<${secret.typed}>", reason = "everybody knows it")'
        lab = self.small('"nobody"')
        self.run_labc("secret", "set", "typed", lab, stdin="a word\n")
        self.contact(lab, said)
        self.assertIn("warning[LAB0564]", self.run_labc("check", lab).stderr)
        done = self.build(lab)
        self.assertIn("declassified\n  declassify of typed: everybody knows it  [lab.lab:1]\n", done.stdout)
        self.assertEqual(self.value(lab, "lab.contact"), "<a word>")
        report = json.loads((self.work / "out" / "build.json").read_text(encoding="utf-8"))
        self.assertEqual(report["declassified"][0]["reason"], "everybody knows it")
        self.assertNotIn("not of the lab", self.run_labc("secret", "list", lab).stdout)

    def test_forms_of_keys(self):
        lab = self.small('"nobody"')

        def public(value):
            self.run_labc("secret", "set", "typed", lab, stdin=value)
            self.contact(lab, "public-key(secret.typed)")
            self.build(lab)
            return self.value(lab, "lab.contact")

        for kind, options in (("rsa", ["-b", "2048"]), ("ecdsa", []), ("ed25519", ["-N", "a passphrase"])):
            path = self.work / kind
            subprocess.run(["ssh-keygen", "-q", "-t", kind, "-C", "", "-f", path, *(options if "-N" in options else [*options, "-N", ""])],
                           check=True)
            self.assertEqual(public(path.read_text(encoding="utf-8")), (self.work / f"{kind}.pub").read_text(encoding="utf-8").strip())
        wire = self.run_labc("secret", "get", "wire", lab).stdout
        self.output.clear()
        der = bytes.fromhex("302e020100300506032b656e04220420") + base64.b64decode(wire)  # PKCS#8 of X25519, RFC 8410
        half = subprocess.run(["openssl", "pkey", "-inform", "DER", "-pubout", "-outform", "DER"], input=der,
                              capture_output=True, check=True).stdout[-32:]
        self.assertEqual(public(wire), base64.b64encode(half).decode())
        other = self.identity("other.txt")
        self.assertEqual(public((self.work / "other.txt").read_text(encoding="utf-8")), other)

    def test_certificate(self):
        made = subprocess.run(["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-subj", "/CN=a", "-keyout", "-"],
                              capture_output=True, text=True, check=True).stdout
        block = re.search("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", made, re.S)[0]
        key = re.search("-----BEGIN PRIVATE KEY-----.*?-----END PRIVATE KEY-----\n", made, re.S)[0]
        spki = subprocess.run(["openssl", "pkey", "-pubout"], input=key, capture_output=True, text=True, check=True).stdout
        lab = self.small('"nobody"')
        self.run_labc("secret", "set", "typed", lab, stdin=key + block)
        self.contact(lab, "certificate(secret.typed) + public-key(secret.typed)")
        self.build(lab)
        files = tree(self.work / "out") | tree(lab / "secrets")
        for data in files.values():
            self.assertNotIn(key.splitlines()[1].encode(), data)
        kept = tree(lab / "secrets")["keys.sops.yaml"].decode()
        for line in (block + spki).splitlines():
            self.assertIn(line, kept)

    def test_refused(self):
        lab = self.small('"nobody"')
        self.run_labc("secret", "set", "typed", lab, stdin="a word\n")
        for expression, words in (
                ("public-key(secret.random)", "a random text, which has no public half"),
                ("certificate(secret.shell)", "labc makes no certificate with it"),
                ("public-key(secret.set)", "name one of its keys"),
                ("public-key(secret.set.user)", "the value is no key"),
                ("certificate(secret.typed)", "holds no CERTIFICATE"),
                ("public-key(lab.domain)", "`public-key` takes a secret"),
                ('declassify("open", reason = "so")', "`declassify` takes a secret"),
                ('declassify(secret.typed, reason = "")', "wants a reason"),
                ('declassify(secret.typed, "so")', "wants a reason"),
                ('declassify(secret.typed, reason = "of ${lab.domain}")', "wants a reason"),
                ('declassify(secret.typed, why = "so")', "wants a reason"),
                ('public-key(of = secret.shell)', "has no parameter `of`"),
                ('public-key("${secret.shell} me")', "takes one secret as it is")):
            self.contact(lab, '"nobody"')
            with open(lab / "lab.lab", "a", encoding="utf-8") as file:
                file.write(f"namespace a\nmanifest x in a {{ apiVersion = \"v1\", kind = \"ConfigMap\", data {{ x = {expression} }} }}\n")
            with self.subTest(expression):
                said = self.build(lab, code=1).stderr
                self.assertIn(words, said)
                self.assertNotIn("a word", said)


class Build(Secrets):
    def build(self, lab, out, code=0):
        self.run_labc("build", lab, "-o", self.work / out, code=code)
        return tree(self.work / out) if code == 0 else {}

    def test_no_vault(self):
        lab = self.vault_lab(self.typed)
        (lab / "secrets").rename(self.work / "vault")
        done = self.run_labc("build", lab, "-o", self.work / "out")
        self.assertEqual(done.stderr.count("[LAB0563]"), 1)
        self.assertIn("labc secret init", done.stderr)
        without = tree(self.work / "out")
        self.assertFalse([path for path in without if SEALED.search(path)])
        self.assertIn("plan.json", without)
        # What is public does not depend on the vault: a build with it adds files, and changes none.
        (self.work / "vault").rename(lab / "secrets")
        own = {".lab-manifest", "sourcemap.json"}  # they list every file
        with_vault = self.build(lab, "out")
        self.assertEqual({p: d for p, d in without.items() if p not in own},
                         {p: d for p, d in with_vault.items() if p in without and p not in own})
        self.assertEqual({p for p in with_vault if p not in without}, {p for p in with_vault if SEALED.search(p)})

    def test_same_bytes(self):
        lab = self.vault_lab(self.typed)
        first = self.build(lab, "a")
        self.assertTrue([path for path in first if path.startswith("kubernetes/") and path.endswith(".sops.yaml")])
        self.assertEqual(first, self.build(lab, "a"))
        self.assertEqual(first, self.build(lab, "b"))  # into an empty folder
        self.use(None)
        self.assertEqual(first, self.build(lab, "a"))  # by anybody, as long as nothing changes
        self.assertIn("LAB0562", self.run_labc("build", lab, "-o", self.work / "c", code=1).stderr)
        self.assertFalse((self.work / "c").exists())
        # A file that somebody edited is not kept.
        some = next(path for path in first if path.startswith("kubernetes/") and path.endswith("secret.sops.yaml")
                    or path.endswith("secret-digest.sops.yaml"))
        edited = self.work / "a" / some
        edited.write_bytes(edited.read_bytes() + b"# edited\n")
        self.build(lab, "a", code=1)
        self.use("keys.txt")
        self.assertEqual(first, self.build(lab, "a"))

    def test_one_change(self):
        lab = self.vault_lab(self.typed)
        first = self.build(lab, "out")
        self.run_labc("secret", "set", "homepage-secrets/HOMEPAGE_VAR_PLEX_TOKEN", lab, stdin="another")
        second = self.build(lab, "out")
        changed = sorted(path for path in first if first[path] != second[path])
        folder = "kubernetes/media/homepage/"
        self.assertEqual(changed, [folder + "secret-digest.sops.yaml", folder + "secret-homepage-secrets.sops.yaml",
                                   "sealed.json"])
        for path in changed[:2]:
            lines = [a for a, b in zip(first[path].splitlines(), second[path].splitlines()) if a != b]
            self.assertEqual(len(lines), 2, lines)  # one value, and the MAC

    def test_vault_gone(self):
        lab = self.vault_lab(self.typed)
        self.build(lab, "out")
        (lab / "secrets").rename(self.work / "elsewhere")
        self.assertIn("error[LAB0563]", self.run_labc("build", lab, "-o", self.work / "out", code=1).stderr)
        self.build(lab, "other")

    def test_operator_that_is_none(self):
        lab = self.vault_lab(self.typed)
        text = (lab / "lab.lab").read_text(encoding="utf-8")
        (lab / "lab.lab").write_text(text.replace(f'"{self.recipient}"', f'"{self.recipient}", "age1nobody"'), encoding="utf-8")
        done = self.run_labc("build", lab, "-o", self.work / "out", code=1)
        self.assertIn("nothing can be encrypted to `age1nobody`", done.stderr)
        self.assertIn("lab.lab:6", done.stderr)

    def test_missing(self):
        lab = self.vault_lab(self.typed)
        with open(lab / "secrets.lab", "a", encoding="utf-8") as file:
            file.write("secret new-token = given\nsecret new-key = hex(16)\n")
        with open(lab / "media.lab", "a", encoding="utf-8") as file:
            file.write('app extra in media like media-app {\n  image = "ghcr.io/example/extra:1.0.0"\n  port http = 80\n'
                       "  env TOKEN = secret.new-token\n  env KEY = secret.new-key\n}\n")
        done = self.run_labc("build", lab, "-o", self.work / "out", code=1)
        self.assertIn("`labc secret set new-token`", done.stderr)
        self.assertNotIn("new-key", done.stderr)
        self.assertIn("LAB0561", self.run_labc("check", lab, code=1).stderr)
        self.run_labc("secret", "set", "new-token", lab, stdin="x\n")
        self.build(lab, "out")
        self.assertRegex(self.run_labc("secret", "get", "new-key", lab).stdout, "^[0-9a-f]{32}$")

    def observe(self, lab):
        """Everything that can be seen of a lab: the public files; words and exit codes of commands, with a mistake too."""
        seen = {"files": public(self.build(lab, "out"))}
        with open(lab / "media.lab", "r+", encoding="utf-8") as file:
            text = file.read()
            for case, arguments in {"build": ["build", lab, "-o", self.work / "out"], "check": ["check", lab],
                                    "report": ["report", lab], "diff": ["diff", lab, "--against", self.work / "out"],
                                    "json": ["check", lab, "--format", "json"], "reach": ["exposed", lab]}.items():
                for edit in ("", LEAK):
                    file.seek(0)
                    file.truncate()
                    file.write(text + edit)
                    file.flush()
                    done = labc(*arguments, cwd=self.work, env={"HOME": str(self.home), "SOPS_AGE_KEY_FILE": self.key_file})
                    seen[case + edit] = (done.returncode, done.stdout, done.stderr)
            file.seek(0)
            file.truncate()
            file.write(text)
        self.assertEqual({0}, {status for status, *_ in (seen[case] for case in ("build", "check", "diff"))})
        self.assertEqual(1, seen["build" + LEAK][0])
        return seen

    def test_public_bytes_say_nothing(self):
        """A lab that declassifies nothing: two with other values differ in nothing that is public."""
        lab = self.vault_lab(self.typed)
        one = self.observe(lab)
        for line in self.run_labc("secret", "list", lab).stdout.splitlines():
            handle, source = line.split()[:2]
            if handle.startswith(("keys/", "talos/")):
                continue
            if source == "given":
                self.run_labc("secret", "set", handle, lab, stdin=self.typed(handle)[::-1])
            else:
                self.run_labc("secret", "rotate", handle, lab)
        self.assertEqual(one, self.observe(lab))

    def test_public_bytes_of_another_vault(self):
        """With other authorities, keys of the vault and identities of clusters: only these' recipients can be seen."""
        lab = self.vault_lab(self.typed)
        one = self.observe(lab)
        shutil.rmtree(lab / "secrets")
        self.run_labc("secret", "init", lab)
        for handle in self.missing(lab):
            self.run_labc("secret", "set", handle, lab, stdin=self.typed(handle)[::-1] + "\n")
        two = self.observe(lab)
        rules = [re.sub(rb"age1[0-9a-z]+", b"age1", seen["files"].pop(".sops.yaml")) for seen in (one, two)]
        self.assertEqual(*rules)
        self.assertEqual(one, two)

    def test_canaries(self):
        lab = self.vault_lab(self.typed)
        self.build(lab, "out")
        handles = [line.split()[0] for line in self.run_labc("secret", "list", lab).stdout.splitlines()]
        values = []
        for handle in handles:
            if handle.endswith("/issued"):
                continue  # a date, and that of the vault's own files
            value = labc("secret", "get", handle, lab, env={"SOPS_AGE_KEY_FILE": self.key_file}).stdout
            values += [value] if value else []
        self.assertGreater(len(values), 20)
        # Paths of error, each of which knows values.
        self.run_labc("diff", lab, "--against", self.work / "out")
        self.run_labc("check", lab, "--format", "json")
        path = lab / "secrets" / "lab.sops.yaml"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("mac: ENC[AES256_GCM,data:", "mac: ENC[AES256_GCM,data:AAAA"), encoding="utf-8")
        self.build(lab, "empty", code=1)
        path.write_text(text, encoding="utf-8")
        with open(lab / "media.lab", "a", encoding="utf-8") as file:
            file.write(LEAK)
        done = self.run_labc("build", lab, "-o", self.work / "out", code=1)
        self.assertIn("LAB0115", done.stderr)
        self.assertIn("media.lab", done.stderr)
        everything = {"output": "\n".join(self.output).encode()}
        for found in self.work.rglob("*"):
            if found.is_file() and found.name not in ("keys.txt", "other.txt"):
                everything[str(found)] = found.read_bytes()
        for value in values:
            for form in forms(value):
                for place, data in everything.items():
                    self.assertNotIn(form, data, place)


if __name__ == "__main__":
    unittest.main()
