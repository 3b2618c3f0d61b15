// Schematic ids without the factory, and machine configurations against tests/golden/talos, a tree that
// Talos' own code accepts: `tests/conformance/run tests/golden/talos`. LAB_ACCEPT=1 writes the tree anew.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "compiler/emit/render.h"
#include "compiler/lower/hash.h"
#include "compiler/lower/lower.h"
#include "compiler/lower/schematic.h"
#include "compiler/model/lab.h"
#include "compiler/types/schematic_text.h"

using namespace lab;
using lower::Schematic;
using model::Prop;
using model::Text;

namespace {

std::string id_of(const Schematic& schematic) {
  document::Arena arena;
  return lower::schematic_id(*lower::schematic_document(arena, schematic).node());
}

types::Ip ip(std::string_view text) {
  return *types::Ip::parse(text);
}
types::Cidr cidr(std::string_view text) {
  return *types::Cidr::parse(text);
}

/// A model by hand. Origins count up, so that every leaf has one of its own.
struct Built {
  model::Lab lab;
  document::Arena arena;
  model::Origin last = 0;

  Built() { lab.settings.emplace_back(); }

  template <class T>
  Prop<T> prop(T value) {
    return {value, ++last};
  }
  template <class T>
  model::Opt<T> opt(T value) {
    return {true, value, ++last};
  }
  Prop<Text> text(Text value) { return prop(value); }
  model::List<Prop<Text>> texts(std::initializer_list<Text> values) {
    model::List<Prop<Text>> out;
    for (const Text value : values) out.push_back(text(value));
    return out;
  }
  model::Entry<Text> entry(Text name, Text value) { return {name, value, ++last}; }
  static model::AnyRef vm_ref(std::uint32_t index) { return {"vm", index, {}, {}, {}}; }

  void host(Text name, Text address) {
    model::Host& h = lab.hosts.emplace_back();
    h.name = name;
    h.at = ++last;
    h.on = prop(model::Ref<model::Network>{0});
    h.address = prop(ip(address));
    h.arch = text("amd64");
    h.zone = text(name);
  }

  void network(Text name, Text prefix, Text gateway, std::int64_t vlan, std::int64_t mtu = 1500) {
    model::Network& n = lab.networks.emplace_back();
    n.name = name;
    n.at = ++last;
    n.cidr = prop(cidr(prefix));
    if (!gateway.empty()) n.gateway = opt(ip(gateway));
    n.vlan = opt(vlan);
    n.mtu = prop(mtu);
  }

  model::Vm& vm(Text name, std::int64_t id, Text address) {
    model::Vm& v = lab.vms.emplace_back();
    v.name = name;
    v.at = ++last;
    v.on = {prop(model::Ref<model::Host>{0})};
    v.id = prop(id);
    model::VmDisk& disk = v.disk.emplace_back();
    disk.name = "os";
    disk.at = ++last;
    disk.bus = text("scsi");
    nic(v, 0, address);
    return v;
  }
  void nic(model::Vm& v, std::uint32_t network_index, Text address) {
    model::VmNic& n = v.nic.emplace_back();
    n.at = ++last;
    n.label = {network_index};
    if (address == "dhcp")
      n.address.tag = "dhcp";
    else
      n.address.ip = opt(ip(address));
  }

  model::Cluster& cluster(Text name, Text version, Text kubernetes) {
    model::Cluster& c = lab.clusters.emplace_back();
    c.name = name;
    c.at = ++last;
    c.distribution.tag = "talos";
    auto& talos = c.distribution.talos;
    talos.set = true;
    talos.value.version = text(version);
    talos.value.boot = text("iso");
    talos.value.platform = text("nocloud");
    talos.value.factory = text("factory.talos.dev");
    c.kubernetes = opt(kubernetes);
    c.domain = text("cluster.local");
    c.pod_cidr = prop(cidr("10.244.0.0/16"));
    c.service_cidr = prop(cidr("10.96.0.0/12"));
    c.ntp = texts({"time.cloudflare.com"});
    c.admission = text("baseline");
    c.audit = prop(true);
    c.disk_encryption = text("none");
    c.cni.tag = "cilium";
    c.cni.cilium.set = true;
    c.cni.cilium.value.kube_proxy_replacement = prop(true);
    return c;
  }

  model::Node& node(std::uint32_t vm_index, bool control_plane) {
    model::Node& n = lab.nodes.emplace_back();
    n.machine = vm_ref(vm_index);
    n.name = lab.vms[vm_index].name;
    n.at = lab.vms[vm_index].at;
    n.control_plane = control_plane;
    n.cluster = {0};
    n.ip = lab.ip_of(n.machine);
    return n;
  }

  /// What the Talos backend alone makes of the lab.
  lower::Bundle bundle(diagnostics::Sink& sink) const {
    lower::Bundle out;
    for (const lower::Backend& backend : lower::backends())
      if (backend.name == "talos") backend.lower(lab, out.arena(), out, sink, {});
    return out;
  }
};

/// The talos part of the example lab talos-media.
std::unique_ptr<Built> home() {
  auto made = std::make_unique<Built>();
  Built& b = *made;
  b.network("k8s", "192.168.40.0/24", "192.168.40.1", 40);
  for (const Text server : {"192.168.30.45", "192.168.30.5"}) {
    b.lab.networks[0].dns.push_back({"", ++b.last, b.opt(ip(server)), {}});
  }
  b.host("pve", "192.168.30.10");
  b.vm("talos-cp02", 204, "192.168.40.51");
  b.vm("talos-wk01", 201, "192.168.40.52");
  b.lab.namespaces.emplace_back().name = "system-upgrade";
  model::Cluster& c = b.cluster("homelab", "v1.12.4", "v1.35.1");
  c.distribution.talos.value.extensions = b.texts({"qemu-guest-agent"});
  c.distribution.talos.value.install = b.opt(Text("/dev/sda"));
  c.names = b.texts({"talos.int.example.net"});
  c.admission = b.text("none");
  c.audit = b.prop(false);
  c.sysctls = {b.entry("net.core.somaxconn", "65535"), b.entry("net.core.rmem_max", "2500000")};
  c.metrics = b.texts({"etcd", "controller-manager", "scheduler"});
  c.talos_api.set = true;
  c.talos_api.at = ++b.last;
  c.talos_api.value.roles = b.texts({"os:admin"});
  c.talos_api.value.namespaces = {b.prop(model::Ref<model::Namespace>{0})};
  c.endpoint = b.text("https://192.168.40.51:6443");
  for (const std::uint32_t i : {0U, 1U}) {
    model::NodeGroup& all = b.node(i, i == 0).groups.emplace_back();
    all.link.bus_path = b.opt(Text("0*"));
    all.link.mtu = b.opt(std::int64_t{1500});
    all.kubelet.args = {b.entry("rotate-server-certificates", "true")};
    model::KubeletMount& mount = all.kubelet.mount.emplace_back();
    mount.name = "/var/mnt";
    mount.at = ++b.last;
    mount.options = b.texts({"bind", "rshared", "rw"});
    if (i == 0) b.lab.nodes[0].groups.emplace_back().kubelet.node_ip = {b.prop(cidr("192.168.40.51/32"))};
  }
  return made;
}

/// Everything else that a Talos cluster can say.
std::unique_ptr<Built> rich() {
  auto made = std::make_unique<Built>();
  Built& b = *made;
  b.network("k8s", "10.0.40.0/24", "10.0.40.1", 40);
  b.network("storage", "10.0.50.0/24", "", 50, 9000);
  b.network("guests", "10.0.60.0/24", "10.0.60.1", 60);
  b.host("pve", "10.0.40.5");
  model::Vm& cp = b.vm("cp-1", 5001, "10.0.40.51");
  b.nic(cp, 1, "10.0.50.51");
  model::Vm& worker = b.vm("gpu-1", 302, "10.0.40.61");
  worker.disk[0].bus = b.text("virtio");
  b.nic(worker, 2, "dhcp");
  model::IdentityProvider& idp = b.lab.identity_providers.emplace_back();
  idp.name = "authentik";
  idp.url = b.opt(Text("https://auth.example.net"));
  idp.engine = b.text("authentik");

  model::Cluster& c = b.cluster("rich", "1.13.9", "v1.36.1");
  auto& talos = c.distribution.talos.value;
  talos.extensions = b.texts({"util-linux-tools", "iscsi-tools"});
  talos.kernel_args = b.texts({"net.ifnames=0", "mitigations=off"});
  talos.secure_boot = b.prop(true);
  c.vip = b.opt(ip("10.0.40.50"));
  c.endpoint = b.text("https://10.0.40.50:6443");
  c.dns.push_back({"", ++b.last, b.opt(ip("1.1.1.1")), {}});
  c.admission = b.text("restricted");
  c.schedule_on_control_plane = b.prop(true);
  c.cni = {};
  c.cni.tag = "flannel";
  c.cni.flannel.set = true;
  c.cni.flannel.value.backend = b.text("vxlan");
  c.oidc.set = true;
  c.oidc.value.from = b.prop(model::Ref<model::IdentityProvider>{0});
  c.oidc.value.username = b.text("preferred_username");
  c.oidc.value.groups = b.text("groups");
  c.disk_encryption = b.text("tpm");
  c.etcd_args = {b.entry("election-timeout", "5000")};
  c.api_server_args = {b.entry("feature-gates", "UserNamespacesSupport=true")};
  c.manifests = b.texts({"https://example.net/crds.yaml"});
  model::RegistryMirror& mirror = c.registry.emplace_back();
  mirror.name = "docker.io";
  mirror.at = ++b.last;
  mirror.endpoints = b.texts({"https://mirror.example.net"});
  mirror.only = b.prop(true);

  model::NodeGroup& all = b.node(0, true).groups.emplace_back();
  all.sysctls = {b.entry("vm.nr_hugepages", "1024")};
  all.link.physical = b.opt(true);
  model::StaticRoute& route = all.route.emplace_back();
  route.name = "backup";
  route.at = ++b.last;
  route.to = b.prop(cidr("10.9.0.0/16"));
  route.via = b.prop(ip("10.0.50.1"));
  route.metric = b.opt(std::int64_t{200});
  document::Map patch = b.arena.map(++b.last);
  patch.map("machine").map("kubelet").map("extraConfig").set("maxPods", 200, ++b.last);
  patch.map("cluster").map("network").list("podSubnets").add("10.245.0.0/16", ++b.last);
  all.raw = b.prop(model::Data(patch.node()));

  model::NodeGroup& gpu = b.node(1, false).groups.emplace_back();
  gpu.labels = {b.entry("lab.example.net/gpu", "true")};
  gpu.annotations = {b.entry("example.net/owner", "ops")};
  model::Taint& taint = gpu.taints.emplace_back();
  taint.at = ++b.last;
  taint.key = b.text("dedicated");
  taint.value = b.text("ai");
  taint.effect = b.text("NoSchedule");
  gpu.modules = b.texts({"nvidia", "nvidia_uvm"});
  gpu.extensions = b.texts({"nonfree-kmod-nvidia-production", "iscsi-tools"});
  model::NodeVolume& volume = gpu.volume.emplace_back();
  volume.name = "scratch";
  volume.at = ++b.last;
  volume.match = b.text("disk.transport == \"nvme\" && !system_disk");
  volume.min_size = b.opt(types::Size{std::int64_t{10} << 30, false});
  volume.grow = b.prop(true);
  volume.filesystem = b.text("xfs");
  volume.encryption = b.text("node-id");
  document::Map watchdog = b.arena.map(++b.last);
  watchdog.set("apiVersion", "v1alpha1").set("kind", "WatchdogTimerConfig");
  watchdog.set("device", "/dev/watchdog0", ++b.last);
  watchdog.set("timeout", "3m0s", ++b.last);
  gpu.raw = b.prop(model::Data(watchdog.node()));
  return made;
}

/// Nothing secret may stand in a configuration.
bool holds_secret_field(const document::Node& config) {
  using Path = std::initializer_list<std::string_view>;
  for (const Path& path : {Path{"machine", "token"}, Path{"machine", "ca"}, Path{"cluster", "id"},
                           Path{"cluster", "secret"}, Path{"cluster", "token"}, Path{"cluster", "ca"},
                           Path{"cluster", "aggregatorCA"}, Path{"cluster", "serviceAccount"},
                           Path{"cluster", "secretboxEncryptionSecret"}, Path{"cluster", "etcd", "ca"}}) {
    if (config.find_path(path) != nullptr) return true;
  }
  return false;
}

void check_against_golden(const Built& built) {
  diagnostics::Sink sink;
  const lower::Bundle bundle = built.bundle(sink);
  CHECK(sink.all().empty());
  const emit::Rendered rendered = emit::render(bundle);
  const std::filesystem::path golden = LAB_ROOT "/tests/golden/talos";
  REQUIRE(!rendered.files.empty());
  for (const emit::File& file : rendered.files) {
    const std::filesystem::path path = golden / file.path;
    if (std::getenv("LAB_ACCEPT") != nullptr) {
      std::filesystem::create_directories(path.parent_path());
      std::ofstream(path, std::ios::binary) << rendered.text(file);
    }
    std::ifstream in(path, std::ios::binary);
    const std::string wanted{std::istreambuf_iterator<char>(in), {}};
    INFO(file.path);
    CHECK(rendered.text(file) == wanted);
    if (file.rule == "talos.schematic") {
      CHECK(path.stem() == lower::sha256_hex(rendered.text(file)));
    }
  }
  for (const document::Artifact& artifact : bundle.artifacts) {
    if (artifact.rule == "talos.machine") CHECK_FALSE(holds_secret_field(*artifact.documents.front()));
  }
}

}  // namespace

TEST_CASE("schematics of extensions and kernel arguments have the factory's ids") {
  // From image-factory pkg/schematic/schematic_test.go, Talos' documentation and public clusters.
  struct Known {
    Schematic schematic;
    std::string_view id;
  };
  const std::vector<Known> known = {
      {{}, "376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba"},
      {{{}, {{"siderolabs/qemu-guest-agent"}}},
       "ce4c980550dd2ab1b17bbf2b08801c7eb59418eafe8f279833297925d67c7515"},
      {{{}, {{"siderolabs/zfs"}, {"siderolabs/drbd"}}},
       "98442b5bb4e8d050f30978ce3e6ec22e7bf534d57cafcd51313235128057e612"},
      {{{{"noapic"}, {"nolapic"}}, {}}, "9cba8e32753f91a16c1837ab8abf356af021706ef284aef07380780177d9a06c"},
      {{{{"net.ifnames=0"}}, {{"siderolabs/tailscale"}}},
       "104c23dfe7c5bfeff6a4cc7e166d8b3bba0f371760592c7677c90c822bb1d109"},
      {{{}, {{"siderolabs/util-linux-tools"}, {"siderolabs/iscsi-tools"}}},
       "613e1592b2da41ae5e265e8789429f22e121aab91cb4deb6bc3c0b6262961245"},
      {{{},
        {{"siderolabs/qemu-guest-agent"},
         {"siderolabs/util-linux-tools"},
         {"siderolabs/iscsi-tools"},
         {"siderolabs/iscsi-tools"}}},
       "88d1f7a5c4f1d3aba7df787c448c1d3d008ed29cfb34af53fa0df4336a56040b"},
  };
  for (const Known& k : known) CHECK(id_of(k.schematic) == k.id);
}

TEST_CASE("other schematics have the factory's ids") {
  document::Arena arena;
  document::Map meta = arena.map();
  document::Map value = meta.map("customization").list("meta").map();
  value.set("key", 10).set("value", document::plain("foo"));
  CHECK(lower::schematic_id(*meta.node()) ==
        "d308a2a5ee2277bed5fbaa104fcbc8d59122abfa737df987a95b4ca763459a7f");

  document::Map secure = arena.map();
  secure.map("customization").map("secureboot").set("includeWellKnownCertificates", true);
  CHECK(lower::schematic_id(*secure.node()) ==
        "fa8e05f142a851d3ee568eb0a8e5841eaf6b0ebc8df9a63df16ac5ed2c04f3e6");

  document::Map sectors = arena.map();
  sectors.map("customization").map("diskImage").set("sectorSize", 4096);
  CHECK(lower::schematic_id(*sectors.node()) ==
        "92833e9ddd9bb9e11b2464fa5525429f01866306d52ebd882ee08d7918f6d1ea");

  document::Map overlay = arena.map();
  document::Map image = overlay.map("overlay");
  image.set("image", document::plain("siderolabs/sbc-raspberrypi"))
      .set("name", document::plain("rpi_generic"));
  overlay.map("customization");
  CHECK(lower::schematic_id(*overlay.node()) ==
        "ee21ef4a5ef808a9b7484cc0dda0f25075021691c8c09a276591eedb638ea1f9");
}

TEST_CASE("a schematic is emitted as it is hashed") {
  lower::Bundle bundle;
  const Schematic schematic = {{{"console=ttyS0,115200"}, {"a: b"}, {"true"}, {"it's"}, {"# x"}, {"'q'"}},
                               {{"siderolabs/drbd"}}};
  const document::Map made = lower::schematic_document(bundle.arena(), schematic);
  bundle.add("s.yaml", "talos.schematic", {made}, document::Format::talos);
  const emit::Rendered rendered = emit::render(bundle);
  const std::string_view bytes = rendered.text(rendered.files.at(0));
  CHECK(bytes == lower::canonical_yaml(*made.node()));
  CHECK(lower::schematic_id(*made.node()) == lower::sha256_hex(bytes));
}

TEST_CASE("texts of schematics are spelled as go-yaml does it") {
  const std::vector<std::pair<std::string_view, std::string_view>> spellings = {
      {"net.ifnames=0", "net.ifnames=0"},
      {"ip=10.0.0.1::10.0.0.254:255.255.255.0::eth0:off", "ip=10.0.0.1::10.0.0.254:255.255.255.0::eth0:off"},
      {"-console", "-console"},
      {"true", "\"true\""},
      {"4096", "\"4096\""},
      {"a: b", "'a: b'"},
      {"{}", "'{}'"},
      {"#x", "'#x'"},
      {"x #y", "'x #y'"},
      {"'a", "'''a'"},
      {"ends:", "'ends:'"},
      {"", "\"\""},
  };
  for (const auto& [text, wanted] : spellings) {
    const auto spelling = types::schematic_text(text);
    INFO(text);
    REQUIRE(spelling);
    CHECK(*spelling == wanted);
  }
  for (const Text refused : {"yes", "Off", "y", "<<", "12:30:45", "1:2", "0x1f", "1_000", "2026-01-01",
                             "a\tb", "a\nb", " a", "caf\xc3\xa9", "+.inf"}) {
    INFO(refused);
    CHECK_FALSE(types::schematic_text(refused));
  }
}

TEST_CASE("machine configurations are those of the golden tree") {
  check_against_golden(*home());
  check_against_golden(*rich());
}

TEST_CASE("a node's patch has the secrets of its role, by their places in the vault") {
  diagnostics::Sink sink;
  const auto built = home();
  const lower::Bundle bundle = built->bundle(sink);
  const auto places = [&](std::string_view path) {
    const auto at = std::find_if(bundle.artifacts.begin(), bundle.artifacts.end(),
                                 [&](const document::Artifact& artifact) { return artifact.path == path; });
    REQUIRE(at != bundle.artifacts.end());
    CHECK(at->format == document::Format::sops);
    CHECK(at->sealing.readers.empty());  // for operators alone
    std::vector<std::string> out;
    const auto visit = [&](const auto& self, const document::Node& node, const std::string& prefix) -> void {
      const std::string here = prefix + std::string(node.key());
      if (node.kind == document::Kind::secret) {
        for (const document::SecretPiece& piece : node.secret->all()) {
          out.push_back(here + " = " + std::string(piece.handle));
        }
      } else if (node.kind == document::Kind::string) {
        out.push_back(here + " is " + std::string(node.text()));
      }
      for (const document::Node* child = node.child(); child != nullptr; child = child->next) {
        self(self, *child, here.empty() ? here : here + ".");
      }
    };
    visit(visit, *at->documents.front(), "");
    return out;
  };
  const std::vector<std::string> worker = {
      "machine.token = talos/homelab/trustdinfo/token",
      "machine.ca.crt = talos/homelab/certs/os/crt",
      "machine.ca.key is ",
      "cluster.id = talos/homelab/cluster/id",
      "cluster.secret = talos/homelab/cluster/secret",
      "cluster.token = talos/homelab/secrets/bootstraptoken",
      "cluster.ca.crt = talos/homelab/certs/k8s/crt",
      "cluster.ca.key is ",
  };
  CHECK(places("talos/homelab/talos-wk01.secrets.sops.yaml") == worker);
  const std::vector<std::string> control_plane = {
      "machine.token = talos/homelab/trustdinfo/token",
      "machine.ca.crt = talos/homelab/certs/os/crt",
      "machine.ca.key = talos/homelab/certs/os/key",
      "cluster.id = talos/homelab/cluster/id",
      "cluster.secret = talos/homelab/cluster/secret",
      "cluster.token = talos/homelab/secrets/bootstraptoken",
      "cluster.secretboxEncryptionSecret = talos/homelab/secrets/secretboxencryptionsecret",
      "cluster.ca.crt = talos/homelab/certs/k8s/crt",
      "cluster.ca.key = talos/homelab/certs/k8s/key",
      "cluster.aggregatorCA.crt = talos/homelab/certs/k8saggregator/crt",
      "cluster.aggregatorCA.key = talos/homelab/certs/k8saggregator/key",
      "cluster.serviceAccount.key = talos/homelab/certs/k8sserviceaccount/key",
      "cluster.etcd.ca.crt = talos/homelab/certs/etcd/crt",
      "cluster.etcd.ca.key = talos/homelab/certs/etcd/key",
  };
  CHECK(places("talos/homelab/talos-cp02.secrets.sops.yaml") == control_plane);
}

TEST_CASE("values of a machine configuration know where they come from") {
  const auto built = home();
  diagnostics::Sink sink;
  const lower::Bundle bundle = built->bundle(sink);
  const auto at = std::find_if(bundle.artifacts.begin(), bundle.artifacts.end(),
                               [](const auto& a) { return a.path == "talos/homelab/talos-cp02.yaml"; });
  REQUIRE(at != bundle.artifacts.end());
  const document::Node& config = *at->documents.front();
  const model::Cluster& c = built->lab.clusters[0];
  CHECK(config.find_path({"machine", "install", "image"})->origin == c.distribution.talos->version.at);
  CHECK(config.find_path({"machine", "sysctls", "net.core.somaxconn"})->origin == c.sysctls[0].at);
  CHECK(config.find_path({"cluster", "scheduler", "extraArgs", "bind-address"})->origin == c.metrics[2].at);
  CHECK(config.find_path({"cluster", "network", "dnsDomain"})->origin == c.domain.at);
}

TEST_CASE("patches are joined as Talos joins them") {
  const auto built = rich();
  document::Arena& arena = built->arena;
  document::Map patch = arena.map();
  patch.map("machine").map("features").map("hostDNS").set("$patch", "delete");
  patch.map("machine").list("certSANs").add("cp.example.net");
  document::Map plugin = patch.map("cluster").map("apiServer").list("admissionControl").map();
  plugin.set("name", "PodSecurity");
  plugin.map("configuration").map("exemptions").list("namespaces").add("storage");
  patch.map("cluster").map("apiServer").list("admissionControl").map().set("name", "EventRateLimit");
  document::Map hostname = arena.map();
  hostname.set("kind", "HostnameConfig").set("hostname", "other");
  document::Map time = arena.map();
  time.set("kind", "TimeSyncConfig").set("$patch", "delete");
  auto& groups = built->lab.nodes[0].groups;
  groups[0].raw.value = patch.node();
  for (const document::Map& more : {hostname, time}) groups.emplace_back().raw.value = more.node();

  diagnostics::Sink sink;
  const lower::Bundle bundle = built->bundle(sink);
  const auto& documents = bundle.artifacts.at(1).documents;
  REQUIRE(bundle.artifacts[1].path == "talos/rich/cp-1.yaml");
  const document::Node& config = *documents.front();
  CHECK(config.find_path({"machine", "features", "hostDNS"}) == nullptr);
  CHECK(config.find_path({"machine", "features", "kubePrism"}) != nullptr);
  CHECK(config.find_path({"machine", "certSANs"})->size == 3);
  const document::Node* plugins = config.find_path({"cluster", "apiServer", "admissionControl"});
  REQUIRE(plugins->size == 2);
  CHECK(plugins->first->find_path({"configuration", "exemptions", "namespaces"})->size == 2);
  std::string kinds;
  for (const document::Node* document : documents) {
    const document::Node* kind = document->find("kind");
    if (kind == nullptr) continue;
    kinds += std::string(kind->text()) + ' ';
    if (kind->text() == "HostnameConfig") CHECK(document->find("hostname")->text() == "other");
  }
  CHECK(kinds ==
        "HostnameConfig LinkAliasConfig LinkConfig Layer2VIPConfig LinkAliasConfig LinkConfig ResolverConfig "
        "RegistryMirrorConfig VolumeConfig VolumeConfig ");
}

TEST_CASE("a newer Talos reads the configuration that a cluster was made with") {
  const auto built = home();
  auto& talos = built->lab.clusters[0].distribution.talos.value;
  talos.version = built->text("v1.14.1");
  talos.contract = built->opt(Text("1.12"));
  diagnostics::Sink sink;
  CHECK(built->bundle(sink).artifacts.size() == 7);
  CHECK(sink.all().empty());
}
