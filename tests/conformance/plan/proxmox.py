"""Request bodies against the description that Proxmox VE publishes of its API (apidata.js as JSON)."""
import json
import lzma
import re

NAMED = {  # formats that the description only names
    "pve-node": r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?",
    "pve-vmid": r"[1-9][0-9]{2,8}",
    "pve-storage-id": r"[A-Za-z][A-Za-z0-9\-_.]*[A-Za-z0-9]",
    "dns-name": r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*",
    "address-list": r"[0-9a-fA-F.:]+([ ,;][0-9a-fA-F.:]+)*",
    "mac-addr": r"[0-9A-Fa-f][02468aceACE]([:][0-9A-Fa-f]{2}){5}",
    "disk-size": r"\d+(\.\d+)?[KMGT]?",
    "pve-tag-list": r"[A-Za-z0-9_][A-Za-z0-9_.+-]*([;, ][A-Za-z0-9_][A-Za-z0-9_.+-]*)*",
    "pve-volume-id": r"[A-Za-z][A-Za-z0-9\-_.]*:.+",
    "pve-volume-id-or-qm-path": r"none|cdrom|[A-Za-z][A-Za-z0-9\-_.]*:.+|/.+",
    "pve-volume-id-or-absolute-path": r"[A-Za-z][A-Za-z0-9\-_.]*:.+|/.+",
    "pve-qm-boot": r"(order=)?((ide|sata|scsi|virtio|net|hostpci|usb|unused|efidisk)\d+)(;(ide|sata|scsi|virtio|net|hostpci|usb)\d+)*",
    "pve-qm-ipconfig": r"(ip6?|gw6?)=[^,]+(,(ip6?|gw6?)=[^,]+)*",
    "pve-startup-order": r"(order=)?\d+(,up=\d+)?(,down=\d+)?",
    "pve-vm-cpu-conf": r"(cputype=)?[A-Za-z0-9-]+(,[a-z-]+=[^,]+)*",
    "pve-qm-hostpci": r"(host=)?[^=,]+(,[a-z-]+=[^,]+)*|mapping=[^,]+(,[a-z-]+=[^,]+)*",
    "pve-storage-content": r"[a-z]+",
    "urlencoded": r"([A-Za-z0-9\-_.~]|%[0-9A-F]{2})*",
    "pve-bridge-id": r"[-_.\w\d]+",
}


class Api:
    def __init__(self, path):
        with lzma.open(path, "rt", encoding="utf-8") as data:
            self.methods = {}
            self._walk(json.load(data))

    def _walk(self, nodes):
        for node in nodes:
            for verb, method in node.get("info", {}).items():
                self.methods[(verb, node["path"])] = method
            self._walk(node.get("children", []))

    def problems(self, verb, path, parameters):
        """What the server would refuse of a request with these parameters, those of the path among them."""
        method = self.methods.get((verb, path))
        if method is None:
            return [f"there is no {verb} {path}"]
        known = method["parameters"].get("properties", {})
        out = []
        for name, value in parameters.items():
            schema = known.get(name) or known.get(re.sub(r"\d+$", "[n]", name))
            if schema is None:
                out.append(f"{verb} {path} takes no `{name}`")
                continue
            out += [f"{name}: {p}" for p in check(schema, value)]
            for other in str(schema.get("requires", "")).split():
                if other not in parameters:
                    out.append(f"{name} requires {other}")
        for name, schema in known.items():
            if not schema.get("optional") and "[n]" not in name and name not in parameters:
                out.append(f"{verb} {path} requires `{name}`")
        return out


def check(schema, value):
    if "alias" in schema:
        return []
    kind = schema.get("type", "string")
    if kind == "boolean":
        return [] if value in (0, 1, "0", "1") and not isinstance(value, bool) else [f"{value!r} is not 0 or 1"]
    if kind in ("integer", "number"):
        pattern = r"-?\d+" if kind == "integer" else r"-?\d+(\.\d+)?"
        if isinstance(value, bool) or not re.fullmatch(pattern, str(value)):
            return [f"{value!r} is no {kind}"]
        low, high = schema.get("minimum"), schema.get("maximum")
        if low is not None and float(value) < float(low) or high is not None and float(value) > float(high):
            return [f"{value} is not from {low} to {high}"]
        return []
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        return [f"{value!r} is no text"]
    text, out = str(value), []
    if schema.get("enum") and text not in schema["enum"]:
        out.append(f"{text!r} is none of {schema['enum']}")
    if schema.get("pattern") and not re.fullmatch(schema["pattern"], text):
        out.append(f"{text!r} does not match {schema['pattern']}")
    if len(text) > int(schema.get("maxLength", 1 << 30)):
        out.append(f"is longer than {schema['maxLength']}")
    form = schema.get("format")
    if isinstance(form, dict):
        out += check_properties(form, text)
    elif form in NAMED and not re.fullmatch(NAMED[form], text):
        out.append(f"{text!r} is no {form}")
    return out


def check_properties(form, text):
    """`a,key=b,…`: the inner grammar of disks, cards and the like."""
    default = next((name for name, schema in form.items() if schema.get("default_key")), None)
    seen, out = set(), []
    for part in text.split(","):
        name, equals, value = part.partition("=")
        if not equals:
            name, value = default, part
        schema = form.get(name)
        if schema is None:
            out.append(f"{part!r}: there is no `{name}`")
            continue
        if "alias" in schema and schema.get("keyAlias"):
            seen.add(schema["keyAlias"])
        if name in seen:
            out.append(f"`{name}` stands twice")
        seen.add(name)
        out += [f"{name}: {p}" for p in check(schema, value)]
    for name, schema in form.items():
        if not schema.get("optional") and "alias" not in schema and name not in seen:
            out.append(f"`{name}` is missing in {text!r}")
    return out


def requests(step):
    """The requests that a step may send: method, path, parameters."""
    desired = step["desired"]
    if step["kind"] == "proxmox.image/1":
        body = {k: v for k, v in desired.items() if k != "api"}
        yield "POST", "/nodes/{node}/storage/{storage}/download-url", body
    elif step["kind"] == "proxmox.vm/1":
        ids = {"node": desired["node"], "vmid": desired["vmid"]}
        yield "POST", "/nodes/{node}/qemu", {**ids, **desired["params"]}
        yield "POST", "/nodes/{node}/qemu/{vmid}/config", {**ids, **desired["params"]}
        for size in desired.get("resize", []):
            yield "PUT", "/nodes/{node}/qemu/{vmid}/resize", {**ids, **size}
    elif step["kind"] == "proxmox.power/1":
        verb = {"running": "start", "stopped": "stop"}[desired["state"]]
        yield "POST", f"/nodes/{{node}}/qemu/{{vmid}}/status/{verb}", {"node": desired["node"], "vmid": desired["vmid"]}
