"""Questions about flows: reach_test.py LABC ROOT."""
import json
import unittest

from support import EXAMPLE, LabTest


class Reach(LabTest):
    def test_a_call_is_a_path(self):
        done = self.run_labc("reach", "sonarr", "prowlarr.http", EXAMPLE)
        self.assertIn("media/sonarr reaches media/prowlarr at tcp/9696", done.stdout)
        self.assertIn("sonarr calls prowlarr.http  [media.lab:", done.stdout)

    def test_what_nothing_allows_is_told(self):
        done = self.run_labc("reach", "tautulli", "sonarr.http", EXAMPLE, code=1)
        self.assertIn("nothing allows media/tautulli to speak to media/sonarr", done.stdout)
        done = self.run_labc("reach", "sonarr", "prowlarr.http", "tcp/1", EXAMPLE, code=1)
        self.assertIn("does not reach", done.stdout)

    def test_cron(self):
        """A name that is also a kind (`backup`) and a type of text (`cron`) is the workload."""
        lab = self.example()
        (lab / "more.lab").write_text("""namespace jobs
cron backup in jobs {
  schedule = "0 3 * * *"
  image    = "docker.io/library/alpine:3.20"
  calls    = [sonarr.http]
}
""", encoding="utf-8")
        done = self.run_labc("reach", "backup", "sonarr.http", lab)
        self.assertIn("jobs/backup reaches media/sonarr at tcp/8989", done.stdout)
        self.assertEqual(self.run_labc("eval", "reachable(backup, sonarr.http)", lab).stdout, "true\n")

    def test_unknown_is_said(self):
        done = self.run_labc("eval", "reachable(vm, sonarr.http)", EXAMPLE, code=1)
        self.assertIn("error[LAB0408]: this is unknown: ", done.stderr)

    def test_json(self):
        answer = json.loads(self.run_labc("reach", "tailnet", "plex", EXAMPLE, "--format", "json").stdout)
        self.assertEqual((answer["format"], answer["verdict"]), ("lab.reach/1", "yes"))
        self.assertTrue(any("homelab-subnet-router" in hop["text"] for hop in answer["path"]))

    def test_operands(self):
        self.assertIn("name both ends", self.run_labc("reach", "sonarr", code=2, cwd=EXAMPLE).stderr)
        self.assertIn("nothing", self.run_labc("reach", "no-such-app", "sonarr", EXAMPLE, code=1).stderr)

    def test_matrix(self):
        matrix = json.loads(self.run_labc("reach", "--all", EXAMPLE, "--format", "json").stdout)
        self.assertTrue(matrix["enforced"])
        pairs = {(p["from"], p["to"]): p["allow"] for p in matrix["pairs"]}
        self.assertEqual(pairs["media/sonarr", "media/prowlarr"], ["tcp/9696"])
        self.assertEqual(pairs["ingress", "media/plex"], ["tcp/32400"])
        self.assertNotIn(("ingress", "media/sonarr"), pairs)          # single sign-on stands before it
        self.assertNotIn(("media/stranger", "media/plex"), pairs)
        self.assertEqual(pairs["media/plex", "plex.tv"], ["tcp/443"])
        self.assertEqual(pairs["observability/kube-prometheus-stack.prometheus", "observability/loki.server"], ["tcp/3100"])

    def test_exposed(self):
        done = self.run_labc("exposed", EXAMPLE)
        names = [line.split()[0] for line in done.stdout.splitlines() if not line.startswith(" ")]
        self.assertEqual(names, ["plex.example.net", "requests.example.net"])
        inside = json.loads(self.run_labc("exposed", EXAMPLE, "--from", "servers", "--format", "json").stdout)
        self.assertIn("sonarr.int.example.net", [e["name"] for e in inside["exposures"]])

    def test_why(self):
        out = self.work / "out"
        self.run_labc("build", EXAMPLE, "-o", out)
        policy = out / "kubernetes" / "media" / "prowlarr" / "network-policy.yaml"
        lines = policy.read_text(encoding="utf-8").splitlines()
        line = next(i for i, text in enumerate(lines, 1) if text.endswith("app.kubernetes.io/name: sonarr"))
        done = self.run_labc("why", f"{policy}:{line}", EXAMPLE)
        self.assertIn("cilium.policy", done.stdout)
        self.assertIn("calls", done.stdout)
        self.assertIn("media.lab", done.stdout)


if __name__ == "__main__":
    unittest.main()
