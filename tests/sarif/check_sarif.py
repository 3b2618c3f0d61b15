"""Validates SARIF with the standard's JSON Schema: check_sarif.py SCHEMA COMMAND...

COMMAND prints a log, and may exit with 1 as `labc check` does for errors. Damaged copies of the log
must be refused, so that a validator which accepts everything fails this test.
"""
import copy
import json
import subprocess
import sys

import jsonschema


def damages(log):
    """Pairs of what is wrong and a log with that wrong."""
    def damaged(what, change):
        other = copy.deepcopy(log)
        change(other["runs"][0])
        return what, other

    yield damaged("no tool", lambda run: run.pop("tool"))
    yield damaged("no message", lambda run: run["results"][0].pop("message"))
    yield damaged("unknown field", lambda run: run["results"][0].update(colour="red"))
    yield damaged("level of no kind", lambda run: run["results"][0].update(level="hint"))
    yield damaged("line 0", lambda run: run["results"][0]["locations"][0]["physicalLocation"]["region"].update(startLine=0))
    yield damaged("fix without change", lambda run: run["results"][0].update(fixes=[{"artifactChanges": []}]))


def main():
    schema_path, *command = sys.argv[1:]
    with open(schema_path, encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft4Validator.check_schema(schema)
    validator = jsonschema.Draft4Validator(schema)
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"{command} ended with {done.returncode}")
    log = json.loads(done.stdout.decode("utf-8"))
    failures = [f"{list(error.absolute_path)}: {error.message}" for error in validator.iter_errors(log)]
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    for number, result in enumerate(run["results"]):
        if rules[result["ruleIndex"]]["id"] != result["ruleId"]:
            failures.append(f"result {number}: ruleIndex and ruleId disagree")
        if not result["partialFingerprints"]:
            failures.append(f"result {number}: no fingerprint")
    prints = [json.dumps(result["partialFingerprints"]) for result in run["results"]]
    if len(set(prints)) != len(prints):
        failures.append("two results share a fingerprint")
    if not run["results"]:
        failures.append("the log holds no result")
    failures += [f"accepted: {what}" for what, other in damages(log) if validator.is_valid(other)]
    for failure in failures:
        print(failure)
    print(f"{len(run['results'])} results, {len(failures)} failures")
    sys.exit(1 if failures else 0)


main()
