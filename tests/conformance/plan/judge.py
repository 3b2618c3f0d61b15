#!/usr/bin/env python3
"""judge.py TREE | --selftest

Every request that the plan of TREE makes at Proxmox and Cloudflare, against the descriptions that the vendors
publish of their APIs. These are theirs and not part of the repository: $LAB_VENDOR_SCHEMAS names a folder with
pve-api-*.json.xz and cloudflare-*.json.xz. Prints `ok STEP`, `FAIL STEP: …`; `skip …` where there is none."""
import copy
import glob
import json
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
import cloudflare  # noqa: E402
import proxmox  # noqa: E402


def apis():
    folder = os.environ.get("LAB_VENDOR_SCHEMAS", "")
    found = []
    for module, pattern in ((proxmox, "pve-api-*.json.xz"), (cloudflare, "cloudflare-*.json.xz")):
        files = sorted(glob.glob(os.path.join(folder, pattern))) if folder else []
        if not files:
            print(f"skip {module.__name__}: no {pattern} in $LAB_VENDOR_SCHEMAS; nothing of it is judged")
        found += [(module, os.path.basename(file)[: -len(".json.xz")], module.Api(file)) for file in files]
    return found


def problems_of(module, api, step):
    return [p for verb, path, body in module.requests(step) for p in api.problems(verb, path, body)]


def judge(tree):
    with open(os.path.join(tree, "plan.json"), encoding="utf-8") as file:
        plan = json.load(file)
    failed = False
    for module, name, api in apis():
        for step in plan["steps"]:
            if not any(True for _ in module.requests(step)):
                continue
            problems = problems_of(module, api, step)
            failed |= bool(problems)
            print("\n".join(f"FAIL {name} {step['id']}: {p}" for p in problems) or f"ok {name} {step['id']}")
    return 1 if failed else 0


VM = {"kind": "proxmox.vm/1", "id": "vm", "desired": {
    "node": "pve1", "vmid": 101, "resize": [{"disk": "scsi0", "size": "20G"}],
    "params": {"name": "a", "cores": 2, "memory": "4096", "onboot": 1, "scsihw": "virtio-scsi-pci",
               "scsi0": "fast:20,discard=on,ssd=1", "net0": "model=virtio,macaddr=BC:24:11:00:00:01,bridge=vmbr0,tag=30",
               "boot": "order=scsi0", "ipconfig0": "ip=192.0.2.21/24,gw=192.0.2.1", "tags": "a;b"}}}
IMAGE = {"kind": "proxmox.image/1", "id": "image", "desired": {
    "api": {}, "node": "pve1", "storage": "local", "content": "iso", "url": "https://example.net/a.iso", "filename": "a.iso"}}
RECORD = {"kind": "cloudflare.record/1", "id": "record", "expect": {"state": "absent"}, "desired": {"record": {
    "type": "A", "name": "a.example.net", "content": "192.0.2.1", "ttl": 300, "proxied": False, "comment": "lab-id: x"}}}
WRONG = [
    (VM, ("params", "cores"), "two"), (VM, ("params", "cores"), 0), (VM, ("params", "nosuch"), 1),
    (VM, ("params", "onboot"), True), (VM, ("params", "scsihw"), "fast"), (VM, ("params", "scsi0"), "fast:20,discard=yes"),
    (VM, ("params", "scsi0"), "fast:20,nosuch=1"), (VM, ("params", "scsi0"), "discard=on"),
    (VM, ("params", "net0"), "model=virtio,macaddr=BD:24:11:00:00:01"), (VM, ("params", "net0"), "bridge=vmbr0,tag=5000"),
    (VM, ("params", "name"), "a_b"), (VM, ("params", "scsi31"), "fast"), (VM, ("vmid",), 1), (VM, ("resize", 0, "size"), "20 G"),
    (IMAGE, ("content",), "images"), (IMAGE, ("url",), "ftp://example.net/a.iso"), (IMAGE, ("checksum",), "abc"),
    (IMAGE, ("extra",), 1),
    (RECORD, ("record", "type"), "B"), (RECORD, ("record", "content"), "300.1.1.1"), (RECORD, ("record", "ttl"), "long"),
    (RECORD, ("record", "proxied"), "yes"), (RECORD, ("record", "nosuch"), 1),
]


def selftest():
    failed = False
    for module, name, api in apis():
        for step, path, value in [(s, (), None) for s in (VM, IMAGE, RECORD)] + WRONG:
            if not any(True for _ in module.requests(step)):
                continue
            tried = copy.deepcopy(step)
            if path:
                at = tried["desired"]
                for key in path[:-1]:
                    at = at[key]
                at[path[-1]] = value
            problems = problems_of(module, api, tried)
            if bool(problems) != bool(path):
                failed = True
                print(f"FAIL {name} {step['id']} with {path} = {value!r}: {problems or 'accepted'}")
    return 1 if failed else 0


if len(sys.argv) != 2:
    sys.exit(__doc__)
sys.exit(selftest() if sys.argv[1] == "--selftest" else judge(sys.argv[1]))
