"""The commands of labc as a person meets them: commands_test.py LABC ROOT."""
import json
import os
import re
import shutil
import subprocess
import unittest
import xml.etree.ElementTree

from support import LABC, ROOT, LabTest, tree

SMALL = """lab small {
  domain    = "example.net"
  timezone  = "Europe/Brussels"
  operators = ["age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs3290gq"]
}

param third: int = 3

network lan { cidr = 192.168.1.0/24, gateway = .1 }

device printer on lan { address = .20 }

test "another network" {
  override network lan { cidr = 10.0.0.0/24 }
  assert printer.ip == 10.0.0.20 else "the printer did not follow"
}

test "a loop of values is found" {
  override device printer { address = self.ip }
  fails LAB0401
}

environment away {
  override network lan { cidr = 10.1.0.0/24 }
}
"""


class Check(LabTest):
    def test_exit_codes(self):
        lab = self.lab(SMALL)
        self.assertEqual(self.run_labc("check", lab).stderr, "")
        (lab / "more.lab").write_text("let x = no-such-thing\n", encoding="utf-8")
        self.assertIn("error[LAB0102]", self.run_labc("check", lab, code=1).stderr)
        self.run_labc("check", self.work / "nowhere", code=2)
        self.run_labc("check", lab / "lab.lab", code=2)
        self.run_labc("check", lab, "--no-such-option", code=2)
        self.run_labc("check", lab, "--format", "xml", code=2)
        self.run_labc("check", lab, "--deny", "LAB9999", code=2)
        self.run_labc("check", lab, "--set", "third", code=2)
        self.run_labc("no-such-command", code=2)
        self.run_labc(code=2)

    def test_formats(self):
        lab = self.lab(SMALL + "let x = no-such-thing\n")
        done = self.run_labc("check", lab, "--format", "json", code=1)
        self.assertEqual([json.loads(line)["code"] for line in done.stdout.splitlines()], ["LAB0102"])
        self.assertEqual(done.stderr, "")
        done = self.run_labc("check", lab, "--format", "sarif", code=1)
        self.assertEqual(json.loads(done.stdout)["runs"][0]["results"][0]["ruleId"], "LAB0102")

    def test_deny(self):
        lab = self.lab(SMALL + "host pve on lan { address = .30, memory = 8GB }\n")
        self.assertIn("warning[LAB0125]", self.run_labc("check", lab).stderr)
        self.assertIn("error[LAB0125]", self.run_labc("check", lab, "--deny", "warnings", code=1).stderr)
        self.assertIn("error[LAB0125]", self.run_labc("check", lab, "--deny", "LAB0125", code=1).stderr)
        self.run_labc("check", lab, "--deny", "LAB0214")

    def test_environment_and_parameters(self):
        lab = self.lab(SMALL)
        self.assertEqual(self.run_labc("eval", "printer.ip", lab).stdout, "192.168.1.20\n")
        self.assertEqual(self.run_labc("eval", "printer.ip", lab, "--env", "away").stdout, "10.1.0.20\n")
        self.assertEqual(self.run_labc("eval", "third + 1", lab, "--set", "third=7").stdout, "8\n")
        self.assertIn("LAB0122", self.run_labc("check", lab, "--env", "awai", code=1).stderr)
        self.assertIn("LAB0121", self.run_labc("check", lab, "--set", "forth=1", code=1).stderr)

    def test_environment_changes_what_is_generated(self):
        lab = self.lab(SMALL + """
for i in 1..2 { device "camera-${i}" on lan { address = .40 + i } }
component pair { start: int, device left on lan { address = .60 + start }, device right on lan { address = .70 + start } }
pair twins { start = 1 }
component pairs { pair inner { start = 5 } }
pairs outer { }
environment other {
  override device "camera-2" { address = .52 }
  override device twins-left { address = .53 }
  override pair outer-inner { start = 6 }
  remove device twins-right
  for i in 1..1 { device "late-${i}" on lan { address = .90 + i } }
  if third == 3 { override device printer { address = .21 } } else if third == 4 { remove device printer } else { third-thing = 1 }
}
environment last like other { override device camera-1 { address = .51 } }
""")
        ips = lambda *options: self.run_labc("eval", "[for d in device: \"${d.name} ${d.ip}\"]", lab, *options).stdout
        self.assertIn("camera-2 192.168.1.42", ips())
        self.assertIn("twins-right 192.168.1.71", ips())
        changed = ips("--env", "last")
        for wanted in ("camera-1 192.168.1.51", "camera-2 192.168.1.52", "twins-left 192.168.1.53", "late-1 192.168.1.91",
                       "outer-inner-left 192.168.1.66", "printer 192.168.1.21"):
            self.assertIn(wanted, changed)
        self.assertNotIn("twins-right", changed)
        self.assertNotIn("printer", ips("--env", "other", "--set", "third=4"))

    def test_many_diagnostics(self):
        lab = self.lab(SMALL + "\n".join(f"let a{i} = no-such-{i}" for i in range(1000)) + "\n")
        said = self.run_labc("check", lab, code=1).stderr
        self.assertEqual(said.count("error[LAB0102]"), 20)
        self.assertIn("and 980 more in lab.lab: --all shows them", said)
        self.assertIn("1000 errors", said)
        self.assertEqual(self.run_labc("check", lab, "--all", code=1).stderr.count("error[LAB0102]"), 1000)

    def test_byte_order_mark(self):
        lab = self.lab("\ufeff" + SMALL)
        self.assertEqual(self.run_labc("check", lab).stderr, "")
        (lab / "more.lab").write_text("\ufefflet  a = no-such\n", encoding="utf-8")
        self.assertIn("more.lab:1:", self.run_labc("check", lab, code=1).stderr)
        self.run_labc("fmt", lab)
        self.assertEqual((lab / "more.lab").read_text(encoding="utf-8"), "let a = no-such\n")

    def test_constants_nobody_reads(self):
        for wrong, code in (("let a = 1 + \"x\"", "LAB0117"), ("let a = [1, 2][5]", "LAB0405"), ("let a = text(\"none.txt\")", "LAB04"),
                            ("let a = vm { cors = 1 }", "LAB0104"), ("let a = { b = lab.tmezone }", "LAB0104")):
            with self.subTest(wrong):
                (lab := self.lab(SMALL, str(abs(hash(wrong))))).joinpath("more.lab").write_text(wrong + "\n", encoding="utf-8")
                self.assertIn(f"error[{code}", self.run_labc("check", lab, code=1).stderr)

    def test_fix(self):
        lab = self.lab(SMALL + "let a = [1 2]\nlet b = [3 4]\n")
        other = lab / "untouched.lab"
        other.write_text("let  c = 1\n", encoding="utf-8")
        before = other.stat().st_mtime_ns
        self.assertEqual(self.run_labc("check", lab, code=1).stderr.count("error[LAB0009]"), 2)
        done = self.run_labc("check", lab, "--fix")
        self.assertIn("fixed", done.stdout)
        self.assertIn("let a = [1, 2]\nlet b = [3, 4]\n", (lab / "lab.lab").read_text(encoding="utf-8"))
        self.assertEqual(other.stat().st_mtime_ns, before)
        self.assertEqual(self.run_labc("check", lab, "--fix").stdout, "")

    def test_colour(self):
        lab = self.lab("let x = no-such-thing\n")
        self.assertNotIn("\x1b", self.run_labc("check", lab, code=1).stderr)
        self.assertIn("\x1b", self.run_labc("check", lab, "--color", "always", code=1).stderr)


class Build(LabTest):
    def test_unchanged_build_writes_nothing(self):
        lab = self.example()
        self.run_labc("build", lab)
        out = lab / "out"
        times = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
        self.assertGreater(len(times), 5)
        self.assertIn("0 added, 0 changed, 0 removed", self.run_labc("build", lab).stdout)
        self.assertEqual({path: path.stat().st_mtime_ns for path in out.rglob("*")}, times)

    def test_equal_everywhere(self):
        first, second = self.example("first"), self.example("second")
        self.run_labc("build", "first")
        self.run_labc("build", second, "-o", self.work / "elsewhere", env={"TZ": "Asia/Tokyo", "LANG": "de_DE.UTF-8"})
        self.assertEqual(tree(first / "out"), tree(self.work / "elsewhere"))

    def test_failed_build_changes_nothing(self):
        lab = self.example()
        self.run_labc("build", lab)
        before = tree(lab / "out")
        (lab / "wrong.lab").write_text("let x = no-such-thing\n", encoding="utf-8")
        self.run_labc("build", lab, code=1)
        self.assertEqual(tree(lab / "out"), before)
        fresh = self.lab("let x = no-such-thing\n", "fresh")
        self.run_labc("build", fresh, code=1)
        self.assertFalse((fresh / "out").exists())

    def test_removes_what_the_lab_no_longer_yields(self):
        lab = self.example()
        self.run_labc("build", lab)
        foreign = lab / "out" / "mine.txt"
        foreign.write_text("kept", encoding="utf-8")
        removed = lab / "out" / "talos" / "homelab" / "talos-wk01.yaml"
        self.assertTrue(removed.exists())
        done = self.run_labc("build", lab, "--env", "single")
        self.assertIn("- talos/homelab/talos-wk01.yaml", done.stdout)
        self.assertFalse(removed.exists())
        self.assertTrue(foreign.exists())

    def test_report(self):
        lab = self.example()
        with (lab / "policy.lab").open("a", encoding="utf-8") as policy:
            policy.write('\nassume survives(plex, loss(host.pve-asus)) because "it may be away for a while"\n')
        done = self.run_labc("build", lab)
        self.assertIn("requests.example.net", done.stdout)
        report = json.loads((lab / "out" / "build.json").read_text(encoding="utf-8"))
        self.assertEqual(report["format"], "lab.build/1")
        internet = {one["owner"] for one in report["exposures"] if one["internet"]}
        self.assertEqual(internet, {"app plex", "app overseerr"})
        self.assertIn("lab.lab", [one["path"] for one in report["inputs"]])
        self.assertTrue(all(re.fullmatch(r"[0-9a-f]{64}", one["sha256"]) for one in report["inputs"]))
        self.assertTrue(any("Plex accounts" in one["reason"] for one in report["relaxations"]))
        self.assertEqual([one["undecided"] for one in report["unknowns"]], ["survives"])
        plex = next(one for one in report["exposures"] if one["name"] == "plex.example.net")
        self.assertIn("the tunnel public-door leads", plex["path"][0]["text"])
        self.assertIn({"of": "cluster homelab: talos", "version": "v1.12.4"}, report["versions"])

    def test_watch(self):
        lab = self.lab(SMALL)
        with subprocess.Popen([LABC, "build", lab, "--watch"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as watching:
            try:
                self.assertEqual(watching.stderr.readline(), f"watching {lab}\n")
                self.assertEqual(json.loads((lab / "out" / "build.json").read_text(encoding="utf-8"))["format"], "lab.build/1")
                (lab / "wrong.lab").write_text("let x = no-such-thing\n", encoding="utf-8")
                self.assertIn("error[LAB0102]", watching.stderr.readline())
            finally:
                watching.kill()

    def test_quiet(self):
        lab = self.example()
        self.assertEqual(self.run_labc("build", lab, "--quiet").stdout, "")

    def test_jobs(self):
        lab = self.example()
        self.run_labc("build", lab)
        self.run_labc("build", lab, "--jobs", "2", "-o", self.work / "two")
        self.assertEqual(tree(lab / "out"), tree(self.work / "two"))
        for wrong in ("0", "-1", "many", "1000"):
            self.run_labc("build", lab, "--jobs", wrong, code=2)

    def test_unwritable(self):
        lab = self.example()
        (self.work / "file").write_text("", encoding="utf-8")
        self.run_labc("build", lab, "-o", self.work / "file", code=2)

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("unshare"), "mounting a small file system needs root")
    def test_full_disk(self):
        lab, out = self.example(), self.work / "full"
        out.mkdir()
        script = f"mount -t tmpfs -o size=16k none {out} && {LABC} build {lab} -o {out}/out; echo $?; find {out} -type f"
        done = subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, text=True, check=False)
        if done.stderr.startswith(("unshare:", "mount:")):  # in a container or a chroot
            self.skipTest(f"no mount here: {done.stderr}")
        self.assertEqual(done.stdout, "2\n", done.stderr)
        self.assertIn("No space left", done.stderr)


class Output(LabTest):
    def test_full_and_closed(self):
        lab = self.lab(SMALL)
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([LABC, "eval", "1", lab], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("No space left", done.stderr)
        done = subprocess.run(f"'{LABC}' eval 1 '{lab}' >&-", shell=True, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 2)
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run([LABC, "eval", "1", lab], stdout=writer, stderr=subprocess.PIPE, check=False)
        os.close(writer)
        self.assertEqual(done.returncode, 2)


class Format(LabTest):
    def test_files(self):
        lab = self.lab("let a   =   1\n")
        good, bad = lab / "good.lab", lab / "bad.lab"
        good.write_text("let b = 1\n", encoding="utf-8")
        bad.write_text("let c   = {\n", encoding="utf-8")
        before = good.stat().st_mtime_ns
        done = self.run_labc("fmt", "--check", lab, code=1)
        self.assertEqual(done.stdout, f"{lab}/lab.lab\n")
        done = self.run_labc("fmt", lab, code=1)
        self.assertIn("LAB0005", done.stderr)
        self.assertEqual(bad.read_text(encoding="utf-8"), "let c   = {\n")
        self.assertEqual((lab / "lab.lab").read_text(encoding="utf-8"), "let a = 1\n")
        self.assertEqual(good.stat().st_mtime_ns, before)
        bad.unlink()
        self.run_labc("fmt", "--check", cwd=lab)
        self.run_labc("fmt", lab / "nowhere.lab", code=2)

    def test_standard_input(self):
        self.assertEqual(self.run_labc("fmt", "-", stdin="let a   =   1\n").stdout, "let a = 1\n")
        self.run_labc("fmt", "--check", "-", stdin="let a   =   1\n", code=1)
        self.run_labc("fmt", "--check", "-", stdin="let a = 1\n")


class Values(LabTest):
    def test_eval(self):
        lab = self.lab(SMALL)
        self.assertEqual(self.run_labc("eval", "1 + 2 * 3", lab).stdout, "7\n")
        self.assertIn("LAB0102", self.run_labc("eval", "no-such", lab, code=1).stderr)
        self.assertIn("LAB00", self.run_labc("eval", "1 +", lab, code=1).stderr)

    def test_show(self):
        lab = self.lab(SMALL)
        shown = self.run_labc("show", "device.printer", lab).stdout
        self.assertIn("device printer {\n", shown)
        self.assertIn("  address = 192.168.1.20\n", shown)
        self.assertIn("  // computed\n  ip = 192.168.1.20\n", shown)

    def test_show_example(self):
        shown = self.run_labc("show", "app.sonarr", self.example()).stdout
        self.assertIn('host = "sonarr.int.example.net"', shown)
        self.assertIn("  port http { number = 8989", shown)
        self.assertIn("  calls = [prowlarr.http, qbittorrent.http, internet", shown)
        self.assertNotIn("password(", shown)


class Tests(LabTest):
    def test_pass(self):
        done = self.run_labc("test", self.lab(SMALL))
        self.assertIn("2 passed, 0 failed", done.stdout)

    def test_fail(self):
        lab = self.lab(SMALL + """
test "is false" { assert printer.ip == 192.168.1.21 else "it is elsewhere" }
test "does not appear" { fails LAB0401 }
test "something else is wrong" {
  override network lan { cidr = 10.0.0.0/33 }
  fails LAB0401
}
""")
        done = self.run_labc("test", lab, code=1)
        self.assertIn("2 passed, 3 failed", done.stdout)
        self.assertIn("FAILED  is false", done.stdout)
        self.assertIn("LAB0401 must appear and does not", done.stdout)
        self.assertIn("LAB0403", done.stderr)

    def test_lab_with_errors(self):
        self.run_labc("test", self.lab("let x = no-such-thing\n"), code=1)


class Why(LabTest):
    def test_chain(self):
        lab = self.example()
        self.run_labc("build", lab)
        config = lab / "out" / "talos" / "homelab" / "talos-cp02.yaml"
        lines = config.read_text(encoding="utf-8").splitlines()
        number = next(i for i, line in enumerate(lines, 1) if "192.168.40." in line)
        said = self.run_labc("why", f"{config}:{number}").stdout
        self.assertIn("rule ", said)
        self.assertIn("talos", said)
        self.assertRegex(said, r"source +\w+\.lab:\d+")
        relative = self.run_labc("why", f"out/talos/homelab/talos-cp02.yaml:{number}", cwd=lab).stdout
        self.assertEqual(relative, said)
        self.assertEqual(self.run_labc("why", f"talos/homelab/talos-cp02.yaml:{number}", lab).stdout, said)

    def test_template(self):
        lab = self.example()
        self.run_labc("build", lab)
        manifest = lab / "out" / "kubernetes" / "media" / "sonarr" / "deployment.yaml"
        lines = manifest.read_text(encoding="utf-8").splitlines()

        def links(line):
            number = next(i for i, one in enumerate(lines, 1) if one.strip() == line)
            said = self.run_labc("why", f"{manifest}:{number}").stdout.splitlines()[2:]
            return [tuple(re.split(r" {2,}", one)) for one in said]

        zone = links("value: Europe/Brussels")
        self.assertIn(("rule", "kubernetes.workload"), zone)
        self.assertIn(("resource", "app sonarr"), [one[:2] for one in zone])
        self.assertIn(("field", "env TZ"), [one[:2] for one in zone])
        self.assertIn(("template", "media-app"), [one[:2] for one in zone])
        self.assertIn(("expression", "lab.timezone"), [one[:2] for one in zone])
        self.assertIn(("value", 'lab talos-media, timezone = "Europe/Brussels"'), [one[:2] for one in zone])
        self.assertRegex(zone[-1][1], r"^lab\.lab:\d+$")
        share = links("cpu: 50m")
        self.assertEqual([one[:2] for one in share][:5],
                         [("rule", "kubernetes.workload"), ("resource", "app sonarr"), ("field", "resources.cpu"),
                          ("template", "media-app"), ("expression", "50mcpu")])
        self.assertRegex(share[-1][1], r"^media\.lab:\d+$")
        own = links("containerPort: 8989")
        self.assertEqual([one[0] for one in own], ["rule", "resource", "field", "expression", "source"])
        self.assertEqual(own[1][1], "app sonarr")

    def test_usage(self):
        lab = self.example()
        self.run_labc("why", "out/talos/homelab/talos-cp02.yaml", cwd=lab, code=2)
        self.run_labc("why", "out/talos/homelab/talos-cp02.yaml:100000", cwd=lab, code=2)
        self.run_labc("why", "out/nowhere.yaml:1", cwd=lab, code=2)


class Diff(LabTest):
    def test_by_meaning(self):
        lab = self.example()
        self.run_labc("diff", lab, code=2)
        self.run_labc("build", lab)
        self.assertEqual(self.run_labc("diff", lab).stdout, "nothing would change\n")
        config = lab / "out" / "talos" / "homelab" / "talos-cp02.yaml"
        text = config.read_text(encoding="utf-8")
        config.write_text("# a comment changes nothing\n" + text, encoding="utf-8")
        self.assertIn("written differently, the same in meaning", self.run_labc("diff", lab).stdout)
        config.write_text(text.replace("type: controlplane", "type: worker"), encoding="utf-8")
        said = self.run_labc("diff", lab).stdout
        self.assertIn("~ machine.type: worker → controlplane  (replace)", said)
        self.assertNotEqual(config.read_text(encoding="utf-8"), text)

    def test_files(self):
        lab = self.example()
        self.run_labc("build", lab)
        said = self.run_labc("diff", lab, "--env", "single").stdout
        self.assertIn("- talos/homelab/talos-wk01.yaml  (deleted)", said)

    def test_lists(self):
        """What went from the middle of a list is that, and not a change of all behind it."""
        lab = self.example()
        self.run_labc("build", lab)
        listing = lab / "out" / "kubernetes" / "media" / "sonarr" / "kustomization.yaml"
        text = listing.read_text(encoding="utf-8")
        listing.write_text(text.replace("  - deployment.yaml\n", "  - deployment.yaml\n  - extra.yaml\n"), encoding="utf-8")
        said = self.run_labc("diff", lab).stdout
        self.assertEqual([line.strip() for line in said.splitlines() if "resources[" in line],
                         ["- resources[2]: extra.yaml  (nothing)"], said)


class Graph(LabTest):
    def test_formats(self):
        lab = self.example()
        dot = self.run_labc("graph", lab).stdout
        self.assertIn('"vm:talos-cp02" -> "host:', dot)
        graph = json.loads(self.run_labc("graph", lab, "--format", "json").stdout)
        ends = {(edge["from"], edge["to"]) for edge in graph["edges"] if edge["kind"] == "calls"}
        self.assertIn(("app:sonarr", "app:prowlarr"), ends)
        known = {node["id"] for node in graph["nodes"]}
        self.assertTrue(all(edge["from"] in known and edge["to"] in known for edge in graph["edges"]))
        svg = self.run_labc("graph", lab, "--format", "svg").stdout
        self.assertEqual(xml.etree.ElementTree.fromstring(svg).tag, "{http://www.w3.org/2000/svg}svg")


class Init(LabTest):
    def test_starters(self):
        for name in sorted(path.parent.name for path in (ROOT / "templates").glob("*/lab.lab")):
            with self.subTest(name):
                self.run_labc("init", name, self.work / name)
                self.assertEqual(self.run_labc("check", self.work / name).stderr, "")
                self.run_labc("fmt", "--check", self.work / name)
                self.run_labc("build", self.work / name)
                self.run_labc("init", name, self.work / name, code=2)

    def test_default_and_unknown(self):
        self.run_labc("init", "mine", cwd=self.work)
        self.run_labc("check", "mine", cwd=self.work)
        self.assertIn("one-machine", self.run_labc("init", "no-such", "x", code=2).stderr)


class Packages(LabTest):
    def repository(self):
        """A repository with one package: its URL for an import."""
        folder = self.work / "shared"
        folder.mkdir()
        (folder / "shared.lab").write_text("let greeting = text(\"hello.txt\")\n", encoding="utf-8")
        (folder / "hello.txt").write_text("hello", encoding="utf-8")
        git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.net", "-C", folder]
        for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "one"]):
            subprocess.run([*git, *words], check=True)
        commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
        return f"git+file://{folder}?rev={commit}"

    def test_repository(self):
        url = self.repository()
        lab = self.lab(f'import "{url}"\n' + SMALL)
        own = {"XDG_CACHE_HOME": str(self.work / "cache")}
        self.assertIn("LAB0409", self.run_labc("test", lab, env=own, code=1).stderr)  # reads only what is there
        self.run_labc("check", lab, env=own)
        lock = (lab / "lab.lock").read_text(encoding="utf-8")
        self.assertIn(url, lock)
        shutil.rmtree(self.work / "shared")
        self.assertEqual(self.run_labc("eval", "greeting", lab, env=own).stdout, '"hello"\n')
        self.run_labc("check", lab, env=own)
        self.assertEqual((lab / "lab.lock").read_text(encoding="utf-8"), lock)
        kept, = (self.work / "cache" / "lab" / "packages").glob("*/hello.txt")
        kept.write_text("changed", encoding="utf-8")
        self.assertIn("does not hold what lab.lock says", self.run_labc("check", lab, env=own, code=1).stderr)
        shutil.rmtree(kept.parent)
        self.assertIn("cannot be fetched", self.run_labc("check", lab, env=own, code=1).stderr)
        self.assertEqual(list(kept.parent.parent.iterdir()), [])

    def test_nowhere_to_keep_one(self):
        lab = self.lab('import "git+https://example.net/x?rev=' + "0" * 40 + '"\n' + SMALL)
        none = {"HOME": "", "XDG_CACHE_HOME": ""}
        self.assertIn("set $HOME or $XDG_CACHE_HOME", self.run_labc("check", lab, env=none, code=1).stderr)
        plain = self.lab(SMALL, "plain")
        for _ in range(2):  # no record is kept, and nothing is lost by it
            done = self.run_labc("build", plain, env=none)
        self.assertIn(" 0 added, 0 changed, 0 removed, ", done.stdout)

    def test_folders(self):
        common = self.work / "common"
        common.mkdir()
        (common / "more.lab").write_text("let answer = 42\n", encoding="utf-8")
        lab = self.lab('import "../common"\nimport "std/core/apps"\n' + SMALL)
        self.assertEqual(self.run_labc("eval", "answer", lab).stdout, "42\n")
        for wrong in ("../comon", "std/core/aps", "elsewhere", "git+https://example.net/x?rev=main"):
            (lab / "more.lab").write_text(f'import "{wrong}"\n', encoding="utf-8")
            self.assertIn("LAB0409", self.run_labc("check", lab, code=1).stderr)


class Rest(LabTest):
    def test_explain(self):
        self.assertTrue(self.run_labc("explain", "lab0102").stdout.startswith("# LAB0102"))
        self.run_labc("explain", "LAB9999", code=2)

    def test_version_and_help(self):
        self.assertRegex(self.run_labc("version").stdout, r"^labc \d+\.\d+\.\d+\n$")
        said = self.run_labc("--help").stdout
        for command in ("check", "build", "diff", "fmt", "test", "eval", "show", "why", "explain", "graph", "init", "docs",
                        "completion", "version"):
            self.assertRegex(said, rf"\n +{command} ")
        said = self.run_labc("check", "--help").stdout
        self.assertIn("Usage: labc check ", said)
        self.assertIn("--fix", said)

    def test_docs(self):
        said = self.run_labc("docs").stdout
        self.assertIn("## vm\n", said)
        self.assertIn("| `cores` |", said)
        self.run_labc("docs", "-o", self.work / "docs")
        page = self.work / "docs" / "core" / "vm.md"
        self.assertIn("## vm\n", page.read_text(encoding="utf-8"))

    def test_completion(self):
        for shell, check in (("bash", ["bash", "-n"]), ("zsh", ["zsh", "-n"]), ("fish", ["fish", "-n"])):
            with self.subTest(shell):
                script = self.run_labc("completion", shell).stdout
                self.assertIn("--fix" if shell != "fish" else "-l fix", script)
                if shutil.which(shell):
                    subprocess.run(check, input=script, text=True, check=True)
        self.run_labc("completion", "tcsh", code=2)
        bash = self.run_labc("completion", "bash").stdout
        asked = bash + '\nCOMP_WORDS=(labc check --for); COMP_CWORD=2; _labc; echo "${COMPREPLY[@]}"\n' \
                       'COMP_WORDS=(labc check --format ""); COMP_CWORD=3; _labc; echo "${COMPREPLY[@]}"\n'
        done = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, check=True)
        self.assertEqual(done.stdout, "--format\ntext json sarif\n")


if __name__ == "__main__":
    unittest.main()
