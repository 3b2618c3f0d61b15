"""The JSON Schema of lab.plan/1, made of the table of step kinds (dump_kinds)."""
import json
import subprocess

ID = {"type": "string", "pattern": "^[A-Za-z0-9@*][A-Za-z0-9._/@*:-]*$"}
PATH = {"type": "string", "pattern": r"^(?!.*(^|/)\.{1,2}(/|$))[^/\\\u0000]+(/[^/\\\u0000]+)*$"}
SHA256 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
TEXT = {"type": "string", "minLength": 1}
IDS = {"type": "array", "items": ID, "uniqueItems": True}


def closed(properties, required=None):
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties) if required is None else required,
        "additionalProperties": False,
    }


REFERENCE = {
    "description": "a value that is found when the step runs",
    "oneOf": [
        closed({"$secret": ID}),
        closed({"$artifact": PATH}),
        closed({"$sops": PATH}),
        closed({"$output": {"type": "string", "pattern": r"^.+\.[^.]+$"}}),
    ],
}
VALUE = {
    "description": "data as an API takes it",
    "anyOf": [
        {"type": ["string", "integer", "boolean"]},
        {"type": "array", "items": {"$ref": "#/$defs/value"}},
        {"$ref": "#/$defs/reference"},
        {"$ref": "#/$defs/map"},
    ],
}
MAP = {"type": "object", "propertyNames": {"pattern": r"^[^$]"}, "additionalProperties": {"$ref": "#/$defs/value"}}
# A sealed file is named without its hash, which would follow the values in it.
ARTIFACT = {
    **closed({"path": PATH, "sha256": SHA256, "sealed": {"type": "boolean"}}, ["path", "sealed"]),
    "if": {"properties": {"sealed": {"const": False}}},
    "then": {"required": ["sha256"]},
}


def text(field):
    plain = {"enum": field["choices"]} if field["choices"] else {"type": "string"}
    return {"anyOf": [plain, {"$ref": "#/$defs/reference"}]}


def shape(field):
    kind = field["shape"]
    if kind == "text":
        return text(field)
    if kind in ("integer", "boolean"):
        return {"type": kind}
    if kind == "texts":
        return {"type": "array", "items": text(field)}
    if kind == "integers":
        return {"type": "array", "items": {"type": "integer"}}
    if kind == "map":
        return {"$ref": "#/$defs/map"}
    if kind == "record":
        return record(field["fields"])
    if kind == "records":
        return {"type": "array", "items": record(field["fields"])}
    if kind == "reference":
        return {"$ref": "#/$defs/reference"}
    if kind == "references":
        return {"type": "array", "items": {"$ref": "#/$defs/reference"}}
    raise ValueError(kind)


def record(fields):
    properties = {}
    for field in fields:
        properties[field["name"]] = shape(field)
        if field["doc"]:
            properties[field["name"]] = {"description": field["doc"], **properties[field["name"]]}
    return closed(properties, [f["name"] for f in fields if f["required"]])


def rule(kind):
    outputs = [o["name"] for o in kind["outputs"]]
    return {
        "if": {"properties": {"kind": {"const": kind["kind"]}}},
        "then": {
            "description": kind["doc"],
            "properties": {
                "key": record(kind["key"]),
                "desired": record(kind["desired"]),
                "outputs": {"items": {"enum": outputs}} if outputs else {"maxItems": 0},
            },
        },
    }


def schema(kinds):
    step = closed({
        "id": ID,
        "kind": {"enum": [kind["kind"] for kind in kinds]},
        "after": IDS,
        "group": ID,
        "title": TEXT,
        "key": {"type": "object"},
        "desired": {"type": "object"},
        "expect": closed({"state": {"enum": ["absent", "present"]}}),
        "on_change": {"type": "object", "additionalProperties": {"enum": ["update", "replace", "refuse"]}},
        "destroy": {"enum": ["delete", "retain"]},
        "protect": {"type": "boolean"},
        "retry": {"enum": ["none", "request", "task", "poll"]},
        "timeout_s": {"type": "integer", "minimum": 1, "maximum": 86400},
        "needs": {"type": "array", "items": TEXT, "uniqueItems": True},
        "approve": {"type": ["string", "null"], "minLength": 1},
        "outputs": IDS,
        "origin": closed({"file": {"type": "string"}, "line": {"type": "integer", "minimum": 0}}),
    })
    step["allOf"] = [rule(kind) for kind in kinds]
    secret = {
        "oneOf": [
            closed({"ref": ID, "from": {"const": "sops"}, "file": PATH, "key": TEXT}),
            closed({"ref": ID, "from": {"const": "env"}, "variable": TEXT}),
        ]
    }
    plan = closed({
        "format": {"const": "lab.plan/1"},
        "plan_id": {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"},
        "lab": TEXT,
        "compiler": TEXT,
        "requires": {"type": "object", "additionalProperties": TEXT},
        "inputs": {"type": "array", "items": closed({"path": TEXT, "sha256": SHA256})},
        "artifacts": {"type": "array", "items": ARTIFACT},
        "secrets": {"type": "array", "items": secret},
        "pools": {"type": "array",
                  "items": closed({"name": TEXT, "limit": {"type": "integer", "minimum": 1, "maximum": 1000}})},
        "groups": {"type": "array", "items": closed({"name": ID, "title": TEXT})},
        "steps": {"type": "array", "items": {"$ref": "#/$defs/step"}},
    })
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "lab.plan/1",
        "description": "What labc emits as plan.json and labrun makes true.",
        **plan,
        "$defs": {"step": step, "reference": REFERENCE, "value": VALUE, "map": MAP},
    }


def kinds_of(dump):
    return json.loads(subprocess.run([dump], check=True, capture_output=True, text=True).stdout)


def text_of(kinds):
    return json.dumps(schema(kinds), indent=1, ensure_ascii=False) + "\n"
