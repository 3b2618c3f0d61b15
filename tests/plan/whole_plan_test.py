#!/usr/bin/env python3
"""whole_plan_test.py READ_PLAN LABC ROOT

The example with a vault has a plan that labrun takes, valid under the published schema, the same the second time and
without the values of its secrets; a plan or an artifact that was changed is refused."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import jsonschema

VALUE = "canary-5f1c0d"


def main():
    read_plan, labc, root = sys.argv[1:4]
    with tempfile.TemporaryDirectory() as folder:
        lab, out = os.path.join(folder, "lab"), os.path.join(folder, "out")
        shutil.copytree(os.path.join(root, "examples/talos-media"), lab)
        environment = {**os.environ, "SOPS_AGE_KEY_FILE": os.path.join(folder, "keys.txt"), "SOPS_AGE_KEY": ""}

        def run(*arguments, given=None):
            return subprocess.run([labc, *arguments], env=environment, input=given, capture_output=True, text=True)

        def plan_is_taken():
            return subprocess.run([read_plan, os.path.join(out, "plan.json")], capture_output=True, text=True)

        recipient = run("secret", "identity", environment["SOPS_AGE_KEY_FILE"]).stdout.strip()
        settings = os.path.join(lab, "lab.lab")
        with open(settings, encoding="utf-8") as file:
            text = file.read()
        with open(settings, "w", encoding="utf-8") as file:
            file.write(re.sub(r'age1[a-z0-9]+', recipient, text))
        run("secret", "init", lab)
        for line in run("secret", "list", lab).stdout.splitlines():
            if line.endswith("missing"):
                run("secret", "set", line.split()[0], lab, given=VALUE)
        built = run("build", lab, "-o", out)
        assert built.returncode == 0, built.stderr
        taken = plan_is_taken()
        assert taken.returncode == 0, taken.stderr

        path = os.path.join(out, "plan.json")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        plan = json.loads(text)
        with open(os.path.join(root, "runtime/plan/lab.plan-1.schema.json"), encoding="utf-8") as file:
            jsonschema.Draft202012Validator(json.load(file)).validate(plan)
        assert VALUE not in text
        kinds = {step["kind"] for step in plan["steps"]}
        for kind in ("proxmox.vm/1", "talos.config/1", "kubernetes.apply/1", "cloudflare.record/1", "dns.record/1"):
            assert kind in kinds, kind

        shutil.rmtree(out)
        assert run("build", lab, "-o", out).returncode == 0
        with open(path, encoding="utf-8") as file:
            assert file.read() == text, "the second build differs"

        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace('"cores": 2', '"cores": 8', 1))
        assert "not the hash" in plan_is_taken().stderr
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        with open(os.path.join(out, "gitops/root.yaml"), "a", encoding="utf-8") as file:
            file.write("# changed\n")
        assert "gitops/root.yaml" in plan_is_taken().stderr
    return 0


sys.exit(main())
