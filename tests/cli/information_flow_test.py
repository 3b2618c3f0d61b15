"""A secret reaches nothing public through any form of expression: information_flow_test.py LABC ROOT.

Each form below is compiled as a lab of its own for each way to spell a secret; all must be refused, at the place.
"""
import json
import sys
import tempfile
import pathlib
import unittest
from concurrent.futures import ThreadPoolExecutor

from support import LabTest, labc

LAB = """lab home { domain = "example.net", operators = ["age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs3290gq"] }
secret token     = given
secret pve-token = given
secret set { user = "ann", key = hex(16) }
network k8s { cidr = 192.168.40.0/24, gateway = .1 }
host pve on k8s { address = .10, proxmox { token = secret.pve-token }, cores = 8, memory = 32GiB, storage data { kind = zfspool, size = 1TiB }, bridge vmbr0 { trunk = [k8s] } }
vm cp on pve { id = 200, cores = 2, memory = 4GiB, disk os { size = 40GiB, storage = data }, nic k8s = .51 }
cluster home { distribution = talos { version = v1.13.9 }, kubernetes = v1.35.1, control-plane = [cp] }
namespace web
let base = app { image = "docker.io/library/nginx:1.29.4", port http = 8080, health = tcp, resources { cpu = 10mcpu, memory = 64MiB } }
let held = secret.token
let listed = [secret.set.key]
fn same(s: secret): secret = s
"""

# A value of one key, of a secret without keys, a text made of one, and what a constant, a function, a list hand on.
SPELLED = ("secret.set.key", "secret.token", '"<${secret.token}>"', "held", "same(secret.token)", "listed[0]")

# What the forms stand in.
PLACES = {
    "value": 'manifest m in web {{ apiVersion = "v1", kind = "ConfigMap", data {{ x = {} }} }}\n',
    "choice": 'manifest m in web {{ apiVersion = "v1", kind = "ConfigMap", data {{ x = if {} then "a" else "b" }} }}\n',
    "member": "app site in web like base {{ {} }}\n",
    "top": "{}\n",
}

FORMS = {
    "value": (
        "S", "[S]", "{ a { b = S } }", "[S] + [\"a\"]", 'if true then S else "a"', 'S ?? "a"', '[for c in ["a"]: S]',
        "first([S])", "last([S])", "values({ a = S })", "flatten([[S]])", 'join([S, "x"], ",")', 'join(["a", "b"], S)',
        'join(flatten([[S]]), ",")', "yaml({ a = S })", "json([S])", "toml({ a = S })", "ini({ a { b = S } })",
        'template("t.txt", { a = S })', 'template(S, { a = "x" })', "text(S)", "lower(S)", "upper(S)", "trim(S)",
        'split(S, "a")', 'split("abc", S)', 'replace(S, "a", "b")', 'replace("abc", S, "b")', 'replace("abc", "b", S)',
        '"a" + S', 'S + "a"', 'S - "a"', "-S", "S * 2", "first(sort([S, \"a\"]))", 'min(S, "a")', 'max([S, "a"])', 'sum(["a", S])',
        "unique([S])", '["a", "b"][S]', '{ a = "b" }[S]', "app[S].name", "host(192.168.1.0/24, S)",
        'join([for c in S: "x"], ",")', 'join([for c in ["a"] if c == S: c], ",")'),
    "choice": (
        "S", "not S", "true and S", "S or true", 'S == "x"', '"x" == S', "S == S", 'S != "x"', 'S < "x"', 'S >= "x"', 'S in ["x"]',
        '"a" in S', '"x" in [S]', '[S] == ["x"]', '{ a = S } == { a = "x" }', "len(S) == 3", 'starts-with(S, "a")', 'ends-with("a", S)',
        'matches("abc", S)', 'contains([S], "a")', 'contains(["a"], S)', 'contains(S, "a")', 'len(unique([S, "a"])) == 1'),
    "member": (
        "image = S", "args = [S]", 'command = ["a", S]', 'labels { a = S }', "health = exec([S])", "health = http { path = S }",
        'raw { deployment { metadata { annotations { a = S } } } }', "calls = [internet(S, tcp/443)]", "port x = S",
        'if S { env A = "b" }', 'if S == "x" { env A = "b" }', 'for c in S { env A = "b" }', 'for i in S..3 { env A = "b" }'),
    "top": (
        'assert S == "x" else "no"', "namespace other { labels { a = S } }",
        "param p: string = S", 'fn f(a: string): string = a\nlet made = f(S)\nassert made == "" else "no"',
        'component c { a: string\n app inner in web like base { env A = a } }\nc one { a = S }',
        'component c { a: any\n manifest n in web { apiVersion = "v1", kind = "ConfigMap", data { x = a } } }\nc one { a = S }',
        'component c { a: secret\n app inner in web like base { if a == "x" { env A = "b" } } }\nc one { a = S }',
        'schema k { a: secret\n b: string => self.a\n }\nk one { a = S }', 'schema k { a: secret where it == "x"\n }\nk one { a = S }',
        'schema k { a: secret\n assert self.a == "x" else "no"\n }\nk one { a = S }',
        "device d on k8s { address = .9 }\nzone z { domain = S, provider = pihole { device = d, password = secret.token } }",
        'helm h in web { chart = "x", repo = "https://example.net/x", version = S }',
        "vm x on pve { tags = [S], cores = 1, memory = 1GiB, disk os { size = 10GiB, storage = data }, nic k8s = .60 }"),
}

# Where the words for something else come first.
OTHER = {
    "LAB0102", "LAB0107",  # a name that is no text; an element of another type than the list's
}


def cases():
    for place, forms in FORMS.items():
        for form in forms:
            for secret in SPELLED:
                text = PLACES[place].format(form.replace("S", secret))
                yield f"{place}: {form} with {secret}", text
    for key in ("secret.set.key", "secret.token", "held"):
        yield f"name: {key}", f'app "${{{key}}}" in web like base {{ }}\n'
        yield f"key: {key}", PLACES["member"].format(f'env {{ "${{{key}}}" = "b" }}')
        yield f"path: {key}", PLACES["member"].format(f'mount "${{{key}}}" = scratch')
        yield f"address: {key}", PLACES["member"].format(f'args = ["--url=https://${{{key}}}.example.net"]')
        yield f"message: {key}", f'assert 1 == 2 else "it is ${{{key}}}"\n'
        yield f"message that is not shown: {key}", f'assert 1 == 1 else "it is ${{{key}}}"\n'


def compiled(case):
    name, text = case
    with tempfile.TemporaryDirectory() as folder:
        for file, content in (("lab.lab", LAB), ("t.lab", text), ("t.txt", "x ${a} y\n")):
            pathlib.Path(folder, file).write_text(content, encoding="utf-8")
        done = labc("build", folder, "-o", f"{folder}/out", "--format", "json")
        wrote = pathlib.Path(folder, "out").exists()
    return name, done, wrote


class InformationFlow(LabTest):
    def test_every_form_is_refused(self):
        with ThreadPoolExecutor(2) as pool:
            for name, done, wrote in pool.map(compiled, cases()):
                with self.subTest(name):
                    self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
                    self.assertFalse(wrote)
                    found = [d for d in map(json.loads, done.stdout.splitlines()) if d["severity"] == "error"]
                    ours = [d for d in found if d["code"] == "LAB0115" or d["code"] in OTHER]
                    self.assertTrue(ours, done.stdout)
                    self.assertTrue([d for d in ours if d["file"] in ("t.lab", "lab.lab")], done.stdout)

    def test_what_may_be(self):
        """The same forms where a secret may go, or where nothing depends on its value."""
        for text in (
                PLACES["member"].format('env A = "a" + secret.token + secret.set.key'),
                PLACES["member"].format('env A = join([secret.token, "b", secret.set.key], ",")'),
                PLACES["member"].format("env A = yaml({ a = secret.token, b = listed[0] })"),
                PLACES["member"].format('env A = template("t.txt", { a = secret.token })'),
                PLACES["member"].format('file "/a" = json([held, listed[0]])'),
                PLACES["member"].format("env A = if true then secret.token else secret.set.key"),
                PLACES["member"].format("env-from = [secret.set]"),
                PLACES["choice"].format("len(listed) == 1"),
                PLACES["choice"].format("listed != []"),
                PLACES["value"].format("secret.set.name"),
                PLACES["value"].format("secret.set"),  # the name of the Secret
                'schema k { a: secret? }\nk one { }\nassert one.a == none else "no"\n'):
            with self.subTest(text):
                lab = self.work / "lab"
                lab.mkdir(exist_ok=True)
                for file, content in (("lab.lab", LAB), ("t.lab", text), ("t.txt", "x ${a} y\n")):
                    (lab / file).write_text(content, encoding="utf-8")
                self.run_labc("build", lab, "-o", self.work / "out")


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
