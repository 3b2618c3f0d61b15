#!/usr/bin/env python3
"""check_docs.py DUMP_KINDS LABC ROOT [--write]

docs/plan.md shows the table of step kinds as it is, and steps as labc emits them for the lab on the page."""
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
import plan_schema  # noqa: E402


def names(fields):
    out = []
    for field in fields:
        inner = f" {{{', '.join(names(field['fields']))}}}" if field["fields"] else ""
        out.append(f"`{field['name']}`{'' if field['required'] else '?'}{inner}")
    return out


def table(kinds):
    rows = ["| kind | is | key | desired | outputs |", "|---|---|---|---|---|"]
    for kind in kinds:
        outputs = [f"`{o['name']}`{' (secret)' if o['secret'] else ''}" for o in kind["outputs"]]
        cells = [f"`{kind['kind']}`", kind["doc"], ", ".join(names(kind["key"])), ", ".join(names(kind["desired"])),
                 ", ".join(outputs)]
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"


def plan_of(labc, text):
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "home.lab"), "w", encoding="utf-8") as lab:
            lab.write(text)
        out = os.path.join(folder, "out")
        subprocess.run([labc, "build", folder, "-o", out, "--quiet"], check=True)
        with open(os.path.join(out, "plan.json"), encoding="utf-8") as plan:
            text = plan.read()
        line = next(n for n, words in enumerate(text.splitlines(), 1) if '"cores"' in words)
        why = subprocess.run([labc, "why", f"{out}/plan.json:{line}"], capture_output=True, text=True)
        if why.returncode != 0 or not re.search(r"field +cores +home.lab:", why.stdout):
            raise SystemExit(f"labc why does not lead from plan.json:{line} to the lab:\n{why.stdout}{why.stderr}")
        return json.loads(text)


def main():
    dump, labc, root = sys.argv[1:4]
    path = os.path.join(root, "docs/plan.md")
    with open(path, encoding="utf-8") as page:
        before = page.read()
    labs = re.findall(r"^```lab\n(.*?)^```$", before, re.M | re.S)
    steps = {}
    for lab in labs:
        steps.update({step["id"]: step for step in plan_of(labc, lab)["steps"]})
    shown = 0

    def sample(match):
        nonlocal shown
        step = json.loads(match.group(1))
        shown += 1
        return f"```json\n{json.dumps(steps[step['id']], indent=2, ensure_ascii=False)}\n```"

    after = re.sub(r"^```json\n(.*?)\n```$", sample, before, flags=re.M | re.S)
    after = re.sub(r"(<!-- kinds: [^\n]*\n).*?(<!-- /kinds -->)",
                   lambda m: m.group(1) + table(plan_schema.kinds_of(dump)) + m.group(2), after, flags=re.S)
    if "--write" in sys.argv:
        with open(path, "w", encoding="utf-8") as page:
            page.write(after)
        return 0
    if after != before or not shown:
        print("docs/plan.md does not show what there is: run with --write", file=sys.stderr)
        return 1
    return 0


sys.exit(main())
