#!/usr/bin/env python3
"""check_schema.py DUMP_KINDS LABC ROOT [--write]

The published schema is that of the table of step kinds; every fixture and what labc emits are valid under it;
and no object of a plan takes a field more."""
import copy
import glob
import json
import os
import subprocess
import sys
import tempfile

import jsonschema

sys.path.insert(0, os.path.dirname(__file__))
import plan_schema  # noqa: E402

FILE = "runtime/plan/lab.plan-1.schema.json"


def objects(value, path=()):
    """Every object below `value` that has fields of its own, not free data."""
    if isinstance(value, dict):
        yield path, value
        for key, item in value.items():
            if key not in FREE:
                yield from objects(item, path + (key,))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from objects(item, path + (index,))


FREE = {"params", "headers", "env", "config", "requires", "on_change"}  # what an API takes as it stands


def at(value, path):
    for key in path:
        value = value[key]
    return value


def check_closed(validator, plan, name, problems):
    for path, _ in objects(plan):
        wrong = copy.deepcopy(plan)
        at(wrong, path)["surplus"] = "x"
        if validator.is_valid(wrong):
            problems.append(f"{name}: /{'/'.join(map(str, path))} takes an unknown field")


def main():
    dump, labc, root = sys.argv[1:4]
    expected = plan_schema.text_of(plan_schema.kinds_of(dump))
    path = os.path.join(root, FILE)
    if "--write" in sys.argv:
        with open(path, "w", encoding="utf-8") as out:
            out.write(expected)
    with open(path, encoding="utf-8") as published:
        text = published.read()
    problems = [] if text == expected else [f"{FILE} is not the schema of the step kinds: run with --write"]
    schema = json.loads(text)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)

    plans = {}
    for fixture in sorted(glob.glob(os.path.join(root, "tests/data/plan/1/*.json"))):
        with open(fixture, encoding="utf-8") as f:
            plans[os.path.basename(fixture)] = json.load(f)
    if not plans:
        problems.append("there are no fixtures")
    with tempfile.TemporaryDirectory() as out:
        lab = os.path.join(root, "examples/talos-media")
        subprocess.run([labc, "build", lab, "-o", out, "--quiet"], check=True, stderr=subprocess.DEVNULL)
        emitted = os.path.join(out, "plan.json")
        with open(emitted, encoding="utf-8") as f:
            plans["talos-media"] = json.load(f)
    for name, plan in plans.items():
        for error in validator.iter_errors(plan):
            problems.append(f"{name}: /{'/'.join(map(str, error.absolute_path))}: {error.message}")
    for name, plan in plans.items():
        if name == "every-kind.json":
            check_closed(validator, plan, name, problems)
    used = {step["kind"] for plan in plans.values() for step in plan["steps"]}
    for kind in plan_schema.kinds_of(dump):
        if kind["kind"] not in used:
            problems.append(f"no fixture has a step of {kind['kind']}")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


sys.exit(main())
