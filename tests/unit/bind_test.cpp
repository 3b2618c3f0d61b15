// The evaluated lab as the model: every kind of field, union and reference, and the lab's questions.
#include "compiler/model/bind.h"

#include <catch2/catch.hpp>

#include "compiler/eval/evaluate.h"
#include "compiler/source/file_system.h"
#include "compiler/syntax/parse.h"

using namespace lab;

namespace {

/// A lab with the core kinds, evaluated and bound; every diagnostic is a failure.
struct Bound {
  source::Sources sources;
  source::Symbols symbols;
  diagnostics::Sink sink;
  names::Program program{sources};
  eval::Options options;
  std::unique_ptr<eval::Evaluation> evaluation;
  document::Arena arena;
  model::Lab lab;

  explicit Bound(std::string text, std::string environment = {}, std::string package = {}) {
    options.environment = std::move(environment);
    add("std/package.lab", std::move(package), names::Home::standard);
    const auto fs = source::real_file_system();
    const std::string folder = LAB_ROOT "/stdlib/core";
    std::vector<source::DirectoryEntry> entries;
    REQUIRE(fs->list(folder, entries).ok());
    for (const auto& e : entries) {
      std::string core;
      REQUIRE(fs->read(folder + "/" + e.name, core).ok());
      add("std/core/" + e.name, std::move(core), names::Home::standard);
    }
    add("test.lab", "lab test { domain = \"example.net\", operators = [\"age1x\"] }\n" + std::move(text),
        names::Home::lab);
    evaluation = eval::evaluate(program, symbols, sink, options);
    lab = model::build(*evaluation, arena, symbols);
    for (const auto& d : sink.all()) UNSCOPED_INFO(d.message << ": " << sources.slice(d.primary));
    REQUIRE(sink.all().empty());
  }
  void add(std::string path, std::string text, names::Home home) {
    const source::FileId file = sources.add(std::move(path), std::move(text));
    program.add(syntax::parse(sources, file, symbols, sink), file, home);
  }
  template <class T>
  const T& named(const std::vector<T>& store, std::string_view name) const {
    for (const T& t : store)
      if (t.name == name) return t;
    FAIL("nothing is called " << name);
    return store.front();
  }
};

types::Ip ip(std::string_view text) {
  return *types::Ip::parse(text);
}

constexpr const char* machines = R"(
network lan { vlan = 10, cidr = 192.168.10.0/24, gateway = .1, dns = [1.1.1.1, pihole], range lb = .60-.80 }
host pve on lan {
  address = .2, cores = 8, memory = 32GiB, zone = "rack"
  proxmox { token = secret.pve }
  storage tank { kind = zfspool, size = 1TiB }
  bridge vmbr0 { trunk = [lan] }
  gpu rtx { pci = "0000:09:00.0", vendor = nvidia }
}
device pihole on lan { address = .45, within = pve, port dns = tcp+udp/53, port web { number = 443, tls = true } }
nas store on lan { address = .5, export media { path = "/mnt/media", map-all = user(3001) } }
secret pve = given
vm cp on pve { id = 100, cores = 2, memory = 4GiB, nic lan = .51, disk os { size = 10GiB, storage = tank } }
vm w1 on [pve] { id = 101, cores = 2, memory = 8GiB, nic lan = dhcp, disk os { size = 10GiB, storage = tank }, gpu rtx { pcie = true } }
vm w2 on pve { id = 102, cores = 2, memory = 8GiB, nic lan { address = reserved(.53), mac = bc:24:11:00:00:2a }, disk os { size = 10GiB, storage = tank } }
cluster home {
  distribution  = talos { version = v1.13.9 }
  kubernetes    = v1.35.1
  control-plane = [cp]
  workers       = [w1, w2]
  cni           = cilium { version = v1.19.4, gateway-api = true, hubble { ui = false }, announce = l2(lan.lb, interfaces = ["^eth"]) }
  nodes               { labels { tier = "home" } }
  nodes control-plane { kubelet { node-ip = [self.ip] } }
  nodes gpu           { machines = [w1], taints = [taint("dedicated", "ai")], raw { machine { x = 1 } } }
}
)";

}  // namespace

TEST_CASE("scalars, optionals and labelled blocks") {
  const Bound b(machines);
  const model::Network& lan = b.named(b.lab.networks, "lan");
  CHECK(*lan.vlan == 10);
  CHECK_FALSE(lan.dhcp);
  CHECK(*lan.mtu == 1500);
  CHECK(lan.cidr->format() == "192.168.10.0/24");
  CHECK(*lan.gateway == ip("192.168.10.1"));
  REQUIRE(lan.range.size() == 1);
  CHECK(lan.range[0].name == "lb");
  CHECK(lan.range[0].value.last == ip("192.168.10.80"));
  REQUIRE(lan.dns.size() == 2);
  CHECK(*lan.dns[0].ip == ip("1.1.1.1"));
  CHECK(b.lab.as<model::Device>(lan.dns[1].ref)->name == "pihole");

  const model::Host& pve = b.named(b.lab.hosts, "pve");
  CHECK(b.lab.get(*pve.on).name == "lan");
  CHECK(pve.memory->bytes == 32LL << 30);
  REQUIRE(pve.proxmox);
  CHECK(pve.proxmox->token->secret->whole());
  CHECK(b.lab.secret_of(*pve.proxmox->token->secret->parts)->name == "pve");
  CHECK(*pve.proxmox->node == "pve");
  CHECK(*pve.proxmox->verify_tls);
  CHECK(pve.storage[0].name == "tank");
  CHECK(*pve.storage[0].content[0] == "images");
}

TEST_CASE("references into what a field names, and maps keyed by resources") {
  const Bound b(machines);
  const model::Vm& cp = b.named(b.lab.vms, "cp");
  CHECK(b.lab.storage_of(*cp.disk[0].storage)->name == "tank");
  CHECK(b.lab.get(cp.nic[0].label).name == "lan");
  CHECK(*cp.nic[0].address.ip == ip("192.168.10.51"));
  CHECK(*cp.ip == ip("192.168.10.51"));
  CHECK(*cp.role == "control-plane");
  const model::Vm& w1 = b.named(b.lab.vms, "w1");
  CHECK(w1.nic[0].address.is("dhcp"));
  CHECK_FALSE(w1.ip);
  CHECK(*w1.role == "worker");
  CHECK(b.lab.gpu_of(w1.gpu[0].label)->name == "rtx");
  const model::Vm& w2 = b.named(b.lab.vms, "w2");
  CHECK(*w2.nic[0].address.reserved->address == ip("192.168.10.53"));
  CHECK(w2.nic[0].mac->format() == "bc:24:11:00:00:2a");
  CHECK(b.lab.ip_of(b.lab.any_of(w2)).value == ip("192.168.10.53"));
}

TEST_CASE("nodes have what all their groups say, read for each machine") {
  const Bound b(machines);
  const auto nodes = b.lab.nodes_of({0});
  REQUIRE(nodes.size() == 3);
  CHECK(nodes[0]->name == "cp");
  CHECK(nodes[0]->control_plane);
  REQUIRE(nodes[0]->groups.size() == 2);
  CHECK(nodes[0]->groups[0].labels[0].value == "home");
  CHECK(nodes[0]->groups[1].kubelet.node_ip[0]->format() == "192.168.10.51/32");
  REQUIRE(nodes[1]->groups.size() == 2);
  CHECK(*nodes[1]->groups[1].taints[0].effect == "NoSchedule");
  CHECK((*nodes[1]->groups[1].raw)->find_path({"machine", "x"})->integer == 1);
  CHECK(nodes[2]->groups.size() == 1);
  CHECK(b.lab.node_of(nodes[2]->machine) == nodes[2]);
}

TEST_CASE("tagged unions hold their tag's fields, defaults too") {
  const Bound b(machines);
  const model::Cluster& home = b.named(b.lab.clusters, "home");
  CHECK(home.distribution.is("talos"));
  CHECK(*home.distribution.talos->version == "v1.13.9");
  CHECK(*home.distribution.talos->factory == "factory.talos.dev");
  CHECK_FALSE(home.distribution.k3s);
  CHECK(*home.cni.cilium->gateway_api.on);
  CHECK_FALSE(*home.cni.cilium->hubble.hubble->ui);
  CHECK(*home.cni.cilium->hubble.hubble->relay);
  REQUIRE(home.cni.cilium->announce.l2);
  const auto [network, name] = b.lab.named_range(*home.cni.cilium->announce.l2->ranges[0]);
  CHECK(network->name == "lan");
  CHECK(name == "lb");
  CHECK(b.lab.lab().secrets.is("sops"));
  CHECK(*b.lab.lab().secrets.sops->key == "sops-age");
}

TEST_CASE("failure domains follow the host") {
  const Bound b(machines);
  CHECK(b.lab.zone_of(b.lab.any_of(b.named(b.lab.vms, "w1"))) == "rack");
  CHECK(b.lab.zone_of(b.lab.any_of(b.named(b.lab.devices, "pihole"))) == "rack");
  CHECK(b.lab.zone_of(b.lab.any_of(b.named(b.lab.nases, "store"))) == "store");
  CHECK(b.lab.network_of(ip("192.168.10.7"))->name == "lan");
  CHECK(b.lab.network_of(ip("10.0.0.1")) == nullptr);
}

TEST_CASE("apps, their ports, variables, mounts and doors") {
  const Bound b(std::string(machines) + R"(
namespace media
secret token = given
secret set { plain = "x", made = password(12), copy = self.made, mixed = "p:${self.made}" }
volume films in media { export = store.media, size = 1TiB, access = many }
issuer ca { self-signed = true }
gateway inside in kube-system { address = lan.lb[.61], domain = "int.${lab.domain}", tls = ca }
app server in media {
  image = "docker.io/library/x:1"
  run   = user(3001)
  port http { number = 80, service = 8000 }
  port bt = tcp+udp/50413
  env { PORT = self.port.http, N = 3, ON = true, TOKEN = secret.token, IP = field("status.podIP"), URL = self.internal-url }
  env-from = [secret.set]
  mount "/films"  { from = films, read-only = true }
  mount "/export" = store.media
  mount "/config" = claim(5GiB)
  mount "/tmp"    = scratch(memory)
  resources = { cpu = 50mcpu, memory = 128MiB..1GiB }
  expose via inside { auth = none because "a test" }
  expose "@" via inside { port = bt, auth = own because "a test" }
  expose at lan.lb[.62] { ports = [bt], clients = [lan] }
  calls = [chart.web.http, internet("a.example", tcp/443), home.api, home.nodes, pihole.dns, namespace.media, internet, any]
}
helm chart in media { chart = "oci://registry.example/c", version = 1.2.3, values { a = [1, lan.gateway], size = 2GiB }, workload web { selector { app = "c" }, port http = 8080 } }
expose "dns" via inside to pihole.web { auth = own because "a test" }
backup all of [films, home.etcd] to store { schedule = "0 3 * * *" }
)");
  const model::Lab& lab = b.lab;
  const model::App& app = b.named(lab.apps, "server");
  CHECK(*app.run.user->gid == 3001);
  CHECK(app.port[0].number->first == 80);
  CHECK(*app.port[0].service == 8000);
  CHECK(app.port[1].number->format() == "tcp+udp/50413");
  const auto value = [&](std::string_view name) { return b.named(app.env, name).value; };
  CHECK(value("PORT").value->text == "80");
  CHECK(value("N").value->text == "3");
  CHECK(value("ON").value->text == "true");
  CHECK(lab.secret_of(*value("TOKEN").value->secret->parts)->name == "token");
  CHECK(*value("IP").field->path == "status.podIP");
  CHECK(value("URL").value->text == "http://server.media.svc:8000");
  CHECK(lab.get(*app.env_from[0]).name == "set");
  CHECK(lab.as<model::Volume>(b.named(app.mount, "/films").from.ref)->name == "films");
  CHECK(*b.named(app.mount, "/films").read_only);
  CHECK(lab.export_of(b.named(app.mount, "/export").from.ref)->name == "media");
  CHECK(b.named(app.mount, "/config").from.claim->size->bytes == 5LL << 30);
  CHECK(*b.named(app.mount, "/tmp").from.scratch->medium == "memory");
  CHECK(app.resources.cpu->low.millicpu == 50);
  CHECK_FALSE(app.resources.cpu->range);
  CHECK(app.resources.memory->high.bytes == 1LL << 30);
  CHECK(app.health.is("tcp"));
  CHECK(app.health.tcp->every->ms == 10000);
  CHECK(*app.host == "server.int.example.net");
  CHECK(*app.address == ip("192.168.10.62"));

  const auto& calls = app.calls;
  REQUIRE(calls.size() == 8);
  const model::PortOf web = lab.port_of(calls[0].ref);
  CHECK(web.helm->name == "chart");
  CHECK(web.workload->name == "web");
  CHECK(web.number() == 8080);
  CHECK(*calls[1].internet->name == "a.example");
  CHECK(calls[1].internet->ports[0]->format() == "tcp/443");
  CHECK(calls[2].ref.block == "api");
  CHECK(lab.owner<model::Cluster>(calls[2].ref)->name == "home");
  CHECK(calls[3].ref.block == "nodes");
  CHECK(lab.device_port(calls[4].ref)->number->first == 53);
  CHECK(calls[5].ref.kind == "namespace");
  CHECK(calls[6].is("internet"));
  CHECK(calls[7].is("any"));

  const auto doors = lab.doors();
  REQUIRE(doors.size() == 4);
  CHECK(doors[0].fqdn == "server.int.example.net");
  CHECK(doors[0].port->number->first == 80);
  CHECK(doors[0].door->auth->is("none"));
  CHECK(doors[1].fqdn == "int.example.net");
  CHECK(doors[1].port->number->first == 50413);
  CHECK(*doors[2].door->at_ == ip("192.168.10.62"));
  CHECK(doors[2].fqdn.empty());
  CHECK(lab.network_of(*doors[2].door->at_)->name == "lan");
  CHECK(doors[3].expose->name == "dns");
  CHECK(doors[3].fqdn == "dns.int.example.net");
  CHECK(*doors[3].device_port->tls);

  const model::Gateway& gateway = b.named(lab.gateways, "inside");
  CHECK(lab.as<model::Issuer>(gateway.tls.ref)->name == "ca");
  CHECK(*gateway.http.redirect->code == 301);
  CHECK(lab.get(lab.namespace_of(lab.any_of(gateway))).name == "kube-system");
  CHECK(lab.cluster_of(*app.in) == model::Ref<model::Cluster>{0});

  const model::Secret& set = b.named(lab.secrets, "set");
  CHECK(b.named(set.rest, "plain").value.value->text == "x");
  CHECK(*b.named(set.rest, "made").value.password->length == 12);
  CHECK_FALSE(b.named(set.rest, "made").value.value);
  CHECK(b.named(set.rest, "copy").value.value->secret->whole());
  CHECK(b.named(set.rest, "mixed").value.value->secret->size == 2);
  CHECK(b.named(lab.secrets, "token").source->is("given"));

  const model::Helm& chart = b.named(lab.helms, "chart");
  const document::Node* a = (*chart.values)->find("a");
  CHECK(a->child()->integer == 1);
  CHECK(a->child()->next->text() == "192.168.10.1");
  CHECK((*chart.values)->find("size")->text() == "2Gi");

  const model::Backup& backup = b.named(lab.backups, "all");
  CHECK(lab.as<model::Volume>(*backup.of[0])->name == "films");
  CHECK(backup.of[1]->block == "etcd");
  CHECK(backup.keep->ms == 14LL * 24 * 3600 * 1000);
}

TEST_CASE("a component like a kind stands in that kind's store") {
  const Bound b(R"(
component gate like identity-provider { flavour: string = "x" }
gate people {}
group friends in people
)");
  REQUIRE(b.lab.identity_providers.size() == 1);
  CHECK(b.lab.identity_providers[0].name == "people");
  CHECK(b.lab.get(*b.lab.groups[0].in).name == "people");
}

TEST_CASE("an environment replaces lists and removes what they named; packages derive from what is left") {
  const std::string text = std::string(machines) + R"(
environment small {
  remove vm w1
  remove vm w2
  override cluster home { workers = [], nodes gpu { machines = [cp] } }
}
)";
  const std::string package = R"(for c in cluster { for w in c.workers { namespace "on-${w.name}" {} } })";
  CHECK(Bound(text, "", package).lab.namespaces.size() == 2);
  const Bound b(text, "small", package);
  CHECK(b.lab.namespaces.empty());
  CHECK(b.lab.vms.size() == 1);
  CHECK(b.lab.nodes_of({0}).size() == 1);
  CHECK(b.lab.clusters[0].workers.empty());
}
