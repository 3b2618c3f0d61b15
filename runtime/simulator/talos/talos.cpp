#include "runtime/simulator/talos/talos.h"

#include <fmt/format.h>

#include "runtime/drivers/common/encode.h"
#include "runtime/drivers/common/yaml.h"
#include "runtime/drivers/talos/messages.h"
#include "runtime/simulator/talos/archive.h"

namespace lab::simulator::talos {
namespace {

using namespace std::chrono_literals;
using namespace drivers::talos;

// Phases of a machine: off → booting → maintenance → installing → rebooting → running; `running` with its own
// stage.
constexpr Milliseconds time_to_boot = 35s, time_to_install = 50s, time_to_reboot = 40s,
                       time_to_start_etcd = 12s, time_to_start_kubernetes = 45s, time_to_register = 15s;

HttpReply grpc(int status, const std::string& message, const std::vector<std::string>& bodies = {}) {
  HttpReply reply;
  reply.headers = {{"content-type", "application/grpc"}};
  for (const std::string& each : bodies) reply.body += frame(each);
  reply.trailers = {{"grpc-status", std::to_string(status)}};
  if (!message.empty()) reply.trailers.emplace_back("grpc-message", message);
  return reply;
}

HttpReply good(const std::string& body) {
  return grpc(Status::ok, "", {body});
}

/// The document of a configuration that has no kind.
Json main_document(const std::string& config) {
  if (const auto documents = drivers::read_yaml(config))
    for (const Json& each : *documents)
      if (each.is_object() && !each.contains("kind")) return each;
  return Json::object();
}

Json document_of(const std::string& config, const char* kind) {
  if (const auto documents = drivers::read_yaml(config))
    for (const Json& each : *documents)
      if (each.is_object() && each.value("kind", "") == kind) return each;
  return Json::object();
}

/// A certificate and key that a configuration holds in base64.
Identity authority(const Json& document, const char* section) {
  return {drivers::base64_decode(text_at(document, fmt::format("/{}/ca/crt", section).c_str())),
          drivers::base64_decode(text_at(document, fmt::format("/{}/ca/key", section).c_str()))};
}

/// The cluster's CA: a section of the main document, from contract 1.14 on a document of its own.
Identity kubernetes_authority(const std::string& config) {
  const Json document = document_of(config, "KubeAPIServerCAConfig");
  if (document.empty()) return authority(main_document(config), "cluster");
  return {text_at(document, "/issuingCA/cert"), text_at(document, "/issuingCA/key")};
}

bool is_control_plane(const Json& node) {
  return node.value("role", "") == "controlplane";
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at_byte = 0; at_byte < bytes.size(); at_byte += 3) {
    std::uint32_t bits = 0;
    const std::size_t part = std::min<std::size_t>(3, bytes.size() - at_byte);
    for (std::size_t i = 0; i < 3; ++i)
      bits = bits << 8 | (i < part ? static_cast<std::uint8_t>(bytes[at_byte + i]) : 0u);
    for (std::size_t i = 0; i < 4; ++i) out += i <= part ? alphabet[bits >> (18 - 6 * i) & 63] : '=';
  }
  return out;
}

}  // namespace

Talos::Talos(World& world, OnChange on_change, OnRegistered on_registered)
    : world_(world), on_change_(std::move(on_change)), on_registered_(std::move(on_registered)) {
  world_.on("talos.phase", [this](const Json& event) {
    const std::string name = event["node"];
    // A machine that was switched off in between has another generation.
    if (nodes()[name].value("generation", 0) == event["generation"]) enter(name, event["phase"]);
  });
}

void Talos::add_machine(const std::string& name, const std::string& address, const std::string& cluster) {
  Json& node = nodes()[name];
  if (node.is_object()) return;
  node = {{"address", address}, {"cluster", cluster}, {"phase", "off"}, {"generation", 0}};
}

void Talos::power(const std::string& name, bool on) {
  if (!nodes().contains(name)) return;
  Json& node = nodes()[name];
  node["generation"] = node["generation"].get<int>() + 1;
  node["phase"] = on ? "booting" : "off";
  on_change_(node["address"]);
  if (!on) return;
  const bool installed = node.contains("config");
  world_.schedule(
      time_to_boot, "talos.phase",
      {{"node", name}, {"generation", node["generation"]}, {"phase", installed ? "running" : "maintenance"}});
}

Json* Talos::by_address(const std::string& address) {
  for (auto& [name, node] : nodes().items())
    if (node["address"] == address) return &node;
  return nullptr;
}

void Talos::enter(const std::string& name, const std::string& phase) {
  Json& node = nodes()[name];
  const auto next = [&](Milliseconds after, const char* then) {
    world_.schedule(after, "talos.phase",
                    {{"node", name}, {"generation", node["generation"]}, {"phase", then}});
  };
  if (phase == "etcd") {
    node["etcd"] = "running";
    if (!node.contains("member")) node["member"] = world_.random();
    next(time_to_start_kubernetes, "kubernetes");
    return;
  }
  if (phase == "kubernetes") {
    node["kubernetes"] = true;
    on_change_(node["address"]);
    for (auto& [other, each] : nodes().items())
      if (each["phase"] == "running") settle(other, each);
    return;
  }
  if (phase == "registered") {
    node["registered"] = true;
    on_registered_(name, node);
    return;
  }
  node["phase"] = phase;
  if (phase == "installing") next(time_to_install, "rebooting");
  if (phase == "rebooting") next(time_to_reboot, "running");
  if (phase == "running") settle(name, node);
  if (phase != "installing")
    on_change_(node["address"]);  // while it installs, maintenance mode goes on answering
}

/// A running node does what it can do now: etcd goes on, the kubelet registers.
void Talos::settle(const std::string& name, Json& node) {
  const auto next = [&](Milliseconds after, const char* then) {
    world_.schedule(after, "talos.phase",
                    {{"node", name}, {"generation", node["generation"]}, {"phase", then}});
  };
  bool cluster_up = false, etcd_made = false;
  for (const auto& [other, each] : nodes().items()) {
    const bool same = each.value("cluster", "") == node.value("cluster", "");
    cluster_up = cluster_up || (same && each.value("kubernetes", false));
    etcd_made = etcd_made || (same && each.value("etcd", "") == "running");
  }
  if (is_control_plane(node) && etcd_made && node.value("etcd", "") != "running")
    next(time_to_start_etcd, "etcd");
  if (cluster_up && !node.value("registered", false)) next(time_to_register, "registered");
}

std::optional<TlsSettings> Talos::listener(const std::string& address) {
  Json* node = by_address(address);
  if (!node) return std::nullopt;
  const std::string phase = (*node)["phase"];
  TlsSettings out;
  out.http2 = true;
  if (phase == "maintenance" || phase == "installing") {
    out.identity = make_server({address}, nullptr);
    return out;
  }
  if (phase != "running") return std::nullopt;
  const Identity os = authority(main_document((*node)["config"]), "machine");
  if (os.key.empty()) {  // workers hold no key of the CA: trustd of a control-plane node signs for them
    for (const auto& [name, other] : nodes().items()) {
      if (!other.contains("config") || other.value("cluster", "") != node->value("cluster", "")) continue;
      const Identity theirs = authority(main_document(other["config"]), "machine");
      if (!theirs.key.empty()) out.identity = make_server({address}, &theirs);
    }
  } else {
    out.identity = make_server({address}, &os);
  }
  if (out.identity.certificate.empty()) return std::nullopt;
  out.client = ClientCertificate::required;
  out.client_authority = os.certificate;
  return out;
}

std::optional<TlsSettings> Talos::kubernetes_listener(const std::string& address, const std::string& name) {
  Json* node = by_address(address);
  if (!node || (*node)["phase"] != "running" || !node->value("kubernetes", false)) return std::nullopt;
  const Identity kubernetes = kubernetes_authority((*node)["config"]);
  TlsSettings out;
  out.identity = make_server({address, name}, &kubernetes);
  if (out.identity.certificate.empty()) return std::nullopt;
  out.client = ClientCertificate::optional;
  out.client_authority = kubernetes.certificate;
  return out;
}

HttpReply Talos::handle(const std::string& address, const HttpRequest& request) {
  for (auto& [name, node] : nodes().items()) {
    if (node["address"] != address) continue;
    const auto messages = unframe(request.body);
    if (!messages || messages->size() != 1) return grpc(Status::invalid_argument, "one message is expected");
    return call(name, node, request.path, messages->front(), !request.client_subject.empty());
  }
  return grpc(Status::unavailable, "no such node");
}

HttpReply Talos::call(const std::string& name, Json& node, const std::string& path, std::string_view message,
                      bool administrator) {
  const bool running = node["phase"] == "running";
  if (path == call::version)
    return good(
        encode(Version{node.value("version", "v0.0.0"), "nocloud", running ? "cloud" : "maintenance"}));
  if (path == call::get) return resource(name, node, message, administrator);
  if (path == call::apply) return apply(name, node, message);
  if (!running) return grpc(Status::unimplemented, "API is not implemented in maintenance mode");
  if (path == call::bootstrap) return bootstrap(name, node);
  if (path == call::kubeconfig) return kubeconfig(node);
  if (path == call::services) {
    std::vector<Service> services;
    for (const char* id : {"apid", "containerd", "cri", "kubelet", "machined", "udevd"})
      services.push_back({id, "Running", false, true, ""});
    if (is_control_plane(node)) {
      const bool etcd = node.value("etcd", "") == "running";
      services.push_back({"etcd",
                          etcd                                   ? "Running"
                          : node.value("etcd", "") == "starting" ? "Running"
                                                                 : "Preparing",
                          false, etcd, ""});
      services.push_back({"trustd", "Running", false, true, ""});
    }
    return good(encode(services));
  }
  if (path == call::members) {
    if (node.value("etcd", "") != "running") return grpc(Status::unavailable, "etcd is not running");
    std::vector<EtcdMember> members;
    for (const auto& [other, each] : nodes().items())
      if (each.value("etcd", "") == "running" && each.value("cluster", "") == node.value("cluster", ""))
        members.push_back(
            {each["member"], other, fmt::format("https://{}:2380", text_at(each, "/address")), false});
    return good(encode(members));
  }
  if (path == call::reset) {
    world_.wrote("Reset " + name);
    for (const char* each : {"config", "etcd", "member", "kubernetes", "registered", "role"})
      node.erase(each);
    power(name, true);
    return good("");
  }
  return grpc(Status::unimplemented, "unknown method " + path);
}

HttpReply Talos::apply(const std::string& name, Json& node, std::string_view message) {
  const ApplyRequest request = read_apply(message);
  const Json document = main_document(request.data);
  const std::string role = text_at(document, "/machine/type");
  const bool control_plane = role == "controlplane";
  if (role.empty()) return grpc(Status::invalid_argument, "the machine configuration has no machine.type");
  if (text_at(document, "/machine/token").empty() || authority(document, "machine").certificate.empty())
    return grpc(Status::invalid_argument, "the machine configuration lacks machine.token or machine.ca.crt");
  if (control_plane &&
      (authority(document, "machine").key.empty() || kubernetes_authority(request.data).key.empty()))
    return grpc(Status::invalid_argument, "a control plane needs the keys of machine.ca and cluster.ca");
  if (!control_plane && !authority(document, "machine").key.empty())
    return grpc(Status::invalid_argument, "workers must not hold machine.ca.key");
  world_.wrote("ApplyConfiguration " + name);
  const bool first = node["phase"] == "maintenance";
  node["config"] = request.data;
  node["role"] = role;
  const std::string image = text_at(document, "/machine/install/image");
  node["version"] = image.substr(image.rfind(':') + 1);
  const std::string hostname = text_at(document_of(request.data, "HostnameConfig"), "/hostname");
  node["hostname"] = hostname.empty() ? text_at(document, "/machine/network/hostname") : hostname;
  // Absent means flannel up to contract 1.13, and no network from 1.14 on.
  const bool split = !document_of(request.data, "KubeClusterConfig").empty();
  node["network"] = split ? !document_of(request.data, "KubeFlannelCNIConfig").empty()
                          : text_at(document, "/cluster/network/cni/name") != "none";
  if (first) enter(name, "installing");
  return good(Writer().message(1, Writer()).text());
}

HttpReply Talos::bootstrap(const std::string& name, Json& node) {
  if (!is_control_plane(node))
    return grpc(Status::invalid_argument, "bootstrap can only be performed on a control plane node");
  if (!node.value("etcd", "").empty())
    return grpc(Status::already_exists, "etcd data directory is not empty");
  world_.wrote("Bootstrap " + name);
  node["etcd"] = "starting";
  world_.schedule(time_to_start_etcd, "talos.phase",
                  {{"node", name}, {"generation", node["generation"]}, {"phase", "etcd"}});
  return good(Writer().message(1, Writer()).text());
}

HttpReply Talos::resource(const std::string& name, Json& node, std::string_view message, bool administrator) {
  const ResourceName wanted = read_resource_name(message);
  if (wanted.type == machine_config.type) {
    if (!administrator) return grpc(7, "not authorized");
    if (!node.contains("config")) return grpc(Status::not_found, "resource doesn't exist");
    return good(encode_resource(wanted, encode_machine_config(text_at(node, "/config"))));
  }
  if (wanted.type != machine_status.type) return grpc(Status::not_found, "resource doesn't exist");
  MachineStatus status;
  const std::string phase = node["phase"];
  if (phase == "maintenance") status.stage = Stage::maintenance;
  if (phase == "installing") status.stage = Stage::installing;
  if (phase == "running") {
    const bool waits = is_control_plane(node) && node.value("etcd", "") != "running";
    status.stage = waits ? Stage::booting : Stage::running;
    if (waits) status.unmet.emplace_back("services", "etcd is not healthy");
    if (is_control_plane(node) && !node.value("kubernetes", false))
      status.unmet.emplace_back("staticPods", "kube-apiserver is not ready");
    if (!node_ready || !node_ready(node.value("cluster", ""), name))
      status.unmet.emplace_back("nodeReady", fmt::format("node \"{}\" is not ready", name));
  }
  status.ready = phase == "maintenance" || (phase == "running" && status.unmet.empty());
  return good(encode_resource(wanted, encode(status)));
}

HttpReply Talos::kubeconfig(Json& node) {
  const Json document = main_document(node["config"]);
  const Identity kubernetes = kubernetes_authority(node["config"]);
  if (kubernetes.key.empty())
    return grpc(Status::invalid_argument, "kubeconfig is only available on control plane nodes");
  const Identity admin = make_client("admin", "system:masters", kubernetes);
  const std::string cluster = node.value("cluster", ""), user = "admin@" + cluster;
  const Json config = {
      {"apiVersion", "v1"},
      {"kind", "Config"},
      {"current-context", user},
      {"clusters",
       {{{"name", cluster},
         {"cluster",
          {{"server", text_at(document, "/cluster/controlPlane/endpoint")},
           {"certificate-authority-data", base64(kubernetes.certificate)}}}}}},
      {"users",
       {{{"name", user},
         {"user",
          {{"client-certificate-data", base64(admin.certificate)},
           {"client-key-data", base64(admin.key)}}}}}},
      {"contexts",
       {{{"name", user}, {"context", {{"cluster", cluster}, {"namespace", "default"}, {"user", user}}}}}}};
  const std::string archive = tar_gz("kubeconfig", config.dump());
  std::vector<std::string> parts;
  constexpr std::size_t part_size = 1024;  // a stream of several messages, as a node sends
  for (std::size_t at_byte = 0; at_byte < archive.size(); at_byte += part_size)
    parts.push_back(encode_data(std::string_view(archive).substr(at_byte, part_size)));
  return grpc(Status::ok, "", parts);
}

}  // namespace lab::simulator::talos
