"""Request bodies against the OpenAPI description of Cloudflare."""
import copy
import json
import lzma

import jsonschema


class Api:
    def __init__(self, path):
        with lzma.open(path, "rt", encoding="utf-8") as data:
            self.document = json.load(data)
        self.read_only = set()
        self._find_read_only(self.document)

    def _find_read_only(self, node):
        """Names of fields that only answers have; descriptions list them as required all the same."""
        if isinstance(node, dict):
            for name, schema in node.get("properties", {}).items() if isinstance(node.get("properties"), dict) else ():
                if isinstance(schema, dict) and self._resolve(schema).get("readOnly"):
                    self.read_only.add(name)
            for value in node.values():
                self._find_read_only(value)
        elif isinstance(node, list):
            for value in node:
                self._find_read_only(value)

    def _resolve(self, schema):
        while "$ref" in schema:
            target = self.document
            for part in schema["$ref"].lstrip("#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            schema = target
        return schema

    def _expanded(self, schema, depth=0):
        """OpenAPI 3.0 as JSON Schema: references followed, `nullable` said otherwise, answers' fields left out."""
        if isinstance(schema, list):
            return [self._expanded(s, depth) for s in schema]
        if not isinstance(schema, dict) or depth > 40:
            return schema
        schema = copy.copy(self._resolve(schema))
        out = {k: self._expanded(v, depth + 1) for k, v in schema.items() if k not in ("example", "description", "default")}
        if isinstance(out.get("required"), list):
            out["required"] = [n for n in out["required"] if n not in self.read_only and n != "proxiable"]
        if out.pop("nullable", False) and "type" in out:
            out["type"] = [out["type"], "null"]
        for bound in ("Minimum", "Maximum"):
            if isinstance(out.get(f"exclusive{bound}"), bool):
                out.pop(f"exclusive{bound}")
        return out

    def names(self, schema):
        """Every field that some alternative of a body has."""
        out = set(schema.get("properties", {}))
        for word in ("allOf", "anyOf", "oneOf"):
            for inner in schema.get(word, []):
                out |= self.names(inner)
        return out

    def problems(self, verb, path, body):
        method = self.document["paths"].get(path, {}).get(verb.lower())
        if method is None:
            return [f"there is no {verb} {path}"]
        schema = self._expanded(method["requestBody"]["content"]["application/json"]["schema"])
        out = [f"{verb} {path} takes no `{name}`" for name in body if name not in self.names(schema)]
        # A record is of one type: the alternative of another tells nothing.
        alternatives = schema.pop("oneOf", schema.pop("anyOf", [schema]))
        fitting = [a for a in alternatives if self._is_for(a, body)]
        if not fitting:
            return out + [f"{verb} {path} knows no type {body.get('type')}"]
        errors = [list(jsonschema.Draft7Validator(a, format_checker=jsonschema.FormatChecker()).iter_errors(body)) for a in fitting]
        if all(errors):
            out += [f"{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in errors[0]]
        return out + [e.message for e in jsonschema.Draft7Validator(schema).iter_errors(body)]

    def _is_for(self, schema, body):
        for inner in [schema, *schema.get("allOf", [])]:
            kinds = inner.get("properties", {}).get("type", {}).get("enum")
            if kinds is not None:
                return body.get("type") in kinds
        return True


def filled(value):
    """References as what they will be."""
    if isinstance(value, dict):
        if len(value) == 1 and next(iter(value)) == "$output":
            return "f70ff985-a4ef-4643-bbbc-4a0ed4fc8415.cfargotunnel.com"
        return {k: filled(v) for k, v in value.items()}
    return [filled(v) for v in value] if isinstance(value, list) else value


def requests(step):
    desired = filled(step["desired"])
    if step["kind"] == "cloudflare.record/1":
        yield "POST", "/zones/{zone_id}/dns_records", desired["record"]
        yield "PUT", "/zones/{zone_id}/dns_records/{dns_record_id}", desired["record"]
    elif step["kind"] == "cloudflare.tunnel/1" and step["expect"]["state"] == "absent":
        yield "POST", "/accounts/{account_id}/cfd_tunnel", {k: desired[k] for k in ("name", "config_src") if k in desired}
        if "config" in desired:
            yield ("PUT", "/accounts/{account_id}/cfd_tunnel/{tunnel_id}/configurations", {"config": desired["config"]})
