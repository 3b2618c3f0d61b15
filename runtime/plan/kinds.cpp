#include "runtime/plan/kinds.h"

#include <algorithm>
#include <array>

namespace lab::plan {

namespace {

using enum Shape;
constexpr bool optional = false;

constexpr std::array<std::string_view, 2> power_states = {"running", "stopped"};
constexpr std::array<std::string_view, 3> image_contents = {"import", "iso", "vztmpl"};
constexpr std::array<std::string_view, 2> apply_modes = {"apply", "if-absent"};
constexpr std::array<std::string_view, 1> config_sources = {"cloudflare"};
constexpr std::array<std::string_view, 1> dns_providers = {"pihole"};
constexpr std::array<std::string_view, 3> pihole_lists = {"dns/cnameRecords", "dns/hosts",
                                                          "misc/dnsmasq_lines"};
constexpr std::array<std::string_view, 10> conditions = {"available", "complete",   "established", "exists",
                                                         "healthy",   "programmed", "ready",       "synced",
                                                         "bound",     "accepted"};
constexpr std::array<std::string_view, 7> methods = {"DELETE", "GET", "HEAD",   "PATCH",
                                                     "POST",   "PUT", "OPTIONS"};

// ---- records
constexpr std::array proxmox_api = {
    Field{"endpoint", text, true, "where the API is: `https://192.0.2.10:8006`"},
    Field{"token", text, true, "`USER@REALM!TOKENID=UUID`, a secret"},
    Field{"ca", text, optional,
          "the authority that signs its certificate, PEM; that of the system when absent"},
    Field{"verify_tls", boolean, optional,
          "false: the certificate seen first is the one to be seen from then on"},
};
constexpr std::array cloudflare_api = {
    Field{"endpoint", text, true, "`https://api.cloudflare.com/client/v4`"},
    Field{"token", text, true, "API token, a secret"},
};
constexpr std::array pihole_api = {
    Field{"endpoint", text, true, "where the API is: `https://192.0.2.45`"},
    Field{"password", text, true, "of the web interface or an application, a secret"},
    Field{"verify_tls", boolean, optional,
          "false: the certificate seen first is the one to be seen from then on"},
};
constexpr std::array resize = {
    Field{"disk", text, true, "`scsi0`"},
    Field{"size", text, true, "absolute: `60G`; a disk only grows"},
};
constexpr std::array cloudflare_record_fields = {
    Field{"type", text, true, "`A`, `AAAA`, `CNAME`, `TXT`"},
    Field{"name", text, true, "the whole name"},
    Field{"content", text, true, "address, name or text"},
    Field{"ttl", integer, true, "seconds; 1 is automatic"},
    Field{"proxied", boolean, true, "through Cloudflare's edge"},
    Field{"comment", text, true, "holds the marker: `lab-id: …`"},
};
constexpr std::array pihole_entry = {
    Field{"list", text, true, "the list of the configuration", {}, pihole_lists},
    Field{"value", text, true, "the element, as Pi-hole spells it: `192.0.2.61 nas.example.net`"},
};
constexpr std::array wait_for = {
    Field{"apiVersion", text, true, ""},
    Field{"kind", text, true, ""},
    Field{"namespace", text, optional, "absent for objects of the cluster"},
    Field{"name", text, true, ""},
    Field{"condition", text, true, "what to wait for", {}, conditions},
};
constexpr std::array http_probe = {
    Field{"method", text, true, "", {}, methods},
    Field{"url", text, true, ""},
    Field{"headers", map, optional, ""},
    Field{"expect_status", integers, true, "the answer that means: nothing to do"},
    Field{"body_has", text, optional, "and a text that its body must have"},
};
constexpr std::array exec_probe = {
    Field{"argv", texts, true, "a program that changes nothing"},
    Field{"expect_exit", integer, true, "the status that means: nothing to do"},
};

// ---- keys
constexpr std::array image_key = {Field{"endpoint", text, true, ""}, Field{"node", text, true, ""},
                                  Field{"storage", text, true, ""},
                                  Field{"filename", text, true, "as the storage lists it"}};
constexpr std::array vm_key = {Field{"node", text, true, ""}, Field{"vmid", integer, true, ""},
                               Field{"marker", text, true, "stands in the description as `lab-id: …`"}};
constexpr std::array power_key = {Field{"node", text, true, ""}, Field{"vmid", integer, true, ""}};
constexpr std::array schematic_key = {Field{"id", text, true, "hash of the schematic"}};
constexpr std::array config_key = {Field{"cluster", text, true, ""}, Field{"node", text, true, "its name"}};
constexpr std::array cluster_key = {Field{"cluster", text, true, ""}};
constexpr std::array inventory_key = {Field{"cluster", text, true, ""},
                                      Field{"inventory", text, true, "name of this set of objects"}};
constexpr std::array wait_key = {Field{"cluster", text, true, ""}, Field{"name", text, true, ""}};
constexpr std::array record_key = {Field{"zone", text, true, ""}, Field{"type", text, true, ""},
                                   Field{"name", text, true, "the whole name"},
                                   Field{"content", text, optional, "where several have one type and name"}};
constexpr std::array tunnel_key = {Field{"zone", text, true, "its account is the tunnel's"},
                                   Field{"name", text, true, ""}};
constexpr std::array dns_key = {Field{"server", text, true, ""}, Field{"type", text, true, ""},
                                Field{"name", text, true, "the whole name"},
                                Field{"content", text, optional, "where several have one type and name"}};
constexpr std::array name_key = {Field{"name", text, true, ""}};

// ---- what shall be
constexpr std::array image = {
    Field{"api", record, true, "", proxmox_api},
    Field{"node", text, true, "node of the Proxmox cluster"},
    Field{"storage", text, true, "where to"},
    Field{"content", text, true, "what for", {}, image_contents},
    Field{"url", text, true, "where from"},
    Field{"filename", text, true, "name on the storage"},
    Field{"checksum", text, optional, "of the file"},
    Field{"checksum-algorithm", text, optional, "`sha256`"},
};
constexpr std::array vm = {
    Field{"api", record, true, "", proxmox_api},
    Field{"node", text, true, ""},
    Field{"vmid", integer, true, ""},
    Field{"params", map, true, "body of `POST /nodes/{node}/qemu`, without vmid"},
    Field{"resize", records, optional, "sizes to be reached after creation, each a `PUT …/resize`", resize},
};
constexpr std::array power = {
    Field{"api", record, true, "", proxmox_api},
    Field{"node", text, true, ""},
    Field{"vmid", integer, true, ""},
    Field{"state", text, true, "", {}, power_states},
};
constexpr std::array schematic = {
    Field{"factory", text, true, "`https://factory.talos.dev`"},
    Field{"schematic", reference, true, "body of `POST /schematics`"},
};
constexpr std::array config = {
    Field{"node", text, true, "address of the node once it is configured"},
    Field{"endpoints", texts, optional, "where else it may answer before; its own address first"},
    Field{"hostname", text, true, ""},
    Field{"config", reference, true, "machine configuration without its secrets"},
    Field{"secrets", reference, true, "strategic-merge patch with the secrets"},
    Field{"talosconfig", reference, true, "client certificate of an administrator"},
    Field{"install", boolean, true, "the node installs itself on a disk and reboots"},
};
constexpr std::array bootstrap = {
    Field{"node", text, true, "address of the one control-plane node that makes etcd"},
    Field{"talosconfig", reference, true, ""},
};
constexpr std::array health = {
    Field{"control_plane", texts, true, "addresses"},
    Field{"workers", texts, true, "addresses"},
    Field{"talosconfig", reference, true, ""},
    Field{"kubernetes", boolean, true, "false: before the pod network, nodes need not be ready"},
};
constexpr std::array kubeconfig = {
    Field{"node", text, true, "address of a control-plane node"},
    Field{"talosconfig", reference, true, ""},
    Field{"endpoint", text, true, "where the API server is"},
};
constexpr std::array apply = {
    Field{"kubeconfig", reference, true, ""},
    Field{"documents", references, true, "files of objects, in order"},
    Field{"stage", text, true, "what part of the cluster this is"},
    Field{"mode", text, true, "`if-absent`: what is there belongs to GitOps", {}, apply_modes},
};
constexpr std::array wait = {
    Field{"kubeconfig", reference, true, ""},
    Field{"for", records, true, "all of them", wait_for},
};
constexpr std::array cf_record = {
    Field{"api", record, true, "", cloudflare_api},
    Field{"zone", text, true, "its name"},
    Field{"record", record, true, "body of `POST /zones/{zone_id}/dns_records`", cloudflare_record_fields},
};
constexpr std::array cf_tunnel = {
    Field{"api", record, true, "", cloudflare_api},
    Field{"zone", text, true, "its account is the tunnel's"},
    Field{"name", text, true, ""},
    Field{"config_src", text, optional, "absent: configured where its connectors run", {}, config_sources},
    Field{"config", map, optional, "body of `PUT …/configurations`: ingress rules"},
};
constexpr std::array dns = {
    Field{"provider", text, true, "", {}, dns_providers},
    Field{"api", record, true, "", pihole_api},
    Field{"entry", record, true, "an element of a list: `PUT /api/config/{list}/{value}`", pihole_entry},
};
constexpr std::array http = {
    Field{"method", text, true, "", {}, methods},
    Field{"url", text, true, ""},
    Field{"headers", map, optional, ""},
    Field{"body", text, optional, ""},
    Field{"expect_status", integers, true, ""},
    Field{"probe", record, optional, "asked first; the request is sent unless it is satisfied", http_probe},
};
constexpr std::array exec = {
    Field{"argv", texts, true, "program and arguments; never secrets"},
    Field{"stdin", text, optional, ""},
    Field{"env", map, optional, ""},
    Field{"probe", record, optional, "run first; the program is run unless it is satisfied", exec_probe},
};
constexpr std::array approve = {Field{"message", text, true, "what a person has to do or to agree to"}};

constexpr std::array id_output = {Output{"id", false, "the id the factory answered with"}};
constexpr std::array kubeconfig_output = {Output{"kubeconfig", true, "of an administrator"}};
constexpr std::array tunnel_outputs = {Output{"cname", false, "name that leads into the tunnel"},
                                       Output{"id", false, "its UUID"},
                                       Output{"token", true, "of its connectors"}};

constexpr std::array all = {
    KindInfo{"approve/1", "a person says yes", name_key, approve, {}, false},
    KindInfo{"cloudflare.record/1", "a DNS record at Cloudflare", record_key, cf_record},
    KindInfo{"cloudflare.tunnel/1", "a tunnel of Cloudflare", tunnel_key, cf_tunnel, tunnel_outputs},
    KindInfo{"dns.record/1", "a record of a name server in the house", dns_key, dns},
    KindInfo{"exec/1", "a program, run here", name_key, exec},
    KindInfo{"http.request/1", "a request to any HTTP API", name_key, http},
    KindInfo{"kubernetes.apply/1", "objects, by server-side apply", inventory_key, apply},
    KindInfo{"kubernetes.wait/1", "objects in a state", wait_key, wait, {}, false},
    KindInfo{"proxmox.image/1", "a file on a storage, fetched by the node itself", image_key, image},
    KindInfo{"proxmox.power/1", "a VM runs or does not", power_key, power},
    KindInfo{"proxmox.vm/1", "a VM with its disks and cards", vm_key, vm},
    KindInfo{"talos.bootstrap/1", "etcd is made, once in the life of a cluster", cluster_key, bootstrap},
    KindInfo{"talos.config/1", "a node has its configuration", config_key, config},
    KindInfo{"talos.health/1", "every node of a cluster is well", cluster_key, health, {}, false},
    KindInfo{"talos.kubeconfig/1", "access to the Kubernetes API", cluster_key, kubeconfig,
             kubeconfig_output},
    KindInfo{"talos.schematic/1", "the image factory knows a schematic", schematic_key, schematic, id_output},
};

constexpr std::array<std::string_view, 10> shapes = {"text", "integer", "boolean", "texts",     "integers",
                                                     "map",  "record",  "records", "reference", "references"};

}  // namespace

std::span<const KindInfo> kinds() {
  return all;
}

const KindInfo* find_kind(std::string_view kind) {
  const auto* at = std::ranges::find(all, kind, &KindInfo::kind);
  return at == all.end() ? nullptr : at;
}

const Field* find_field(std::span<const Field> fields, std::string_view name) {
  const auto at = std::ranges::find(fields, name, &Field::name);
  return at == fields.end() ? nullptr : &*at;
}

std::string_view name_of(Shape shape) {
  return shapes[static_cast<std::size_t>(shape)];
}

}  // namespace lab::plan
