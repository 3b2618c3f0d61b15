// What the controllers of a simulated cluster do with objects.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/drivers/common/yaml.h"
#include "runtime/drivers/kubernetes/readiness.h"
#include "runtime/simulator/kubernetes/kinds.h"
#include "runtime/simulator/kubernetes/kubernetes.h"

namespace lab::simulator::kubernetes {
namespace {

using namespace std::chrono_literals;

constexpr Milliseconds time_to_look = 1s, time_to_pull = 20s, time_to_try_again = 10s, time_to_run_job = 45s,
                       time_to_sync = 15s, time_to_assess = 10s;

Json condition(const char* type, bool is = true) {
  return {{"type", type}, {"status", is ? "True" : "False"}, {"reason", "Simulated"}};
}

bool host_network(const Json& object) {
  const Json value = at(object, "/spec/template/spec/hostNetwork");
  return value.is_boolean() && value.get<bool>();
}

/// The addresses that a Service of type LoadBalancer asks for.
Json asked_addresses(const Json& service) {
  std::string text = text_at(service, "/spec/loadBalancerIP");
  for (const char* annotation :
       {"/metadata/annotations/lbipam.cilium.io~1ips", "/metadata/annotations/io.cilium~1lb-ipam-ips",
        "/metadata/annotations/metallb.io~1loadBalancerIPs",
        "/metadata/annotations/kube-vip.io~1loadbalancerIPs"})
    if (text.empty()) text = text_at(service, annotation);
  Json out = Json::array();
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    out.push_back({{"ip", text.substr(0, comma)}});
    text.erase(0, std::min(comma + 1, text.size()));
  }
  if (out.empty()) out.push_back({{"ip", "192.0.2.1"}});  // some address of the pool
  return out;
}

Json workload_status(const Json& object, std::size_t nodes) {
  const std::string kind = object.value("kind", "");
  const Json replicas = at(object, "/spec/replicas");
  const std::int64_t wanted = kind == "DaemonSet"            ? static_cast<std::int64_t>(nodes)
                              : replicas.is_number_integer() ? replicas.get<std::int64_t>()
                                                             : 1;
  Json status = {{"observedGeneration", at(object, "/metadata/generation")}};
  if (kind == "DaemonSet") {
    for (const char* name : {"desiredNumberScheduled", "currentNumberScheduled", "updatedNumberScheduled",
                             "numberAvailable", "numberReady"})
      status[name] = wanted;
    return status;
  }
  for (const char* name : {"replicas", "readyReplicas", "updatedReplicas", "availableReplicas"})
    status[name] = wanted;
  if (kind == "Deployment")
    status["conditions"] = Json::array({condition("Available"), condition("Progressing")});
  if (kind == "StatefulSet")
    status["currentRevision"] = status["updateRevision"] = object["metadata"].value("name", "") + "-1";
  return status;
}

}  // namespace

Kubernetes::Kubernetes(World& world) : world_(world) {
  world_.on("kubernetes.settle", [this](const Json& event) { settle(event["cluster"], event["key"]); });
  world_.on("kubernetes.assess", [this](const Json& event) { assess(event["cluster"], event["key"]); });
}

Json& Kubernetes::state(const std::string& cluster) {
  Json& here = world_.part("kubernetes")[cluster];
  if (here.is_object()) return here;
  here = {{"objects", Json::object()}};
  for (const char* name : {"default", "kube-node-lease", "kube-public", "kube-system"}) {
    const Json labels = {{"kubernetes.io/metadata.name", name}};
    const Json wanted = {{"metadata", {{"labels", labels}}}};
    Store(world_, here).apply({"v1", "Namespace", "", name}, wanted, "kube-apiserver", true, false);
  }
  return here;
}

void Kubernetes::add_node(const std::string& cluster, const std::string& node, const std::string& address,
                          const std::string& version, bool network) {
  Json& here = state(cluster);
  if (network) here["network"] = true;
  Json wanted = {{"metadata", {{"labels", {{"kubernetes.io/hostname", node}}}}}, {"spec", Json::object()}};
  Store store(world_, here);
  Json* object = store.find({"v1", "Node", "", node});
  if (!object) {
    store.apply({"v1", "Node", "", node}, wanted, "kubelet", true, false);
    object = store.find({"v1", "Node", "", node});
  }
  (*object)["status"]["addresses"] = Json::array({{{"type", "InternalIP"}, {"address", address}}});
  (*object)["status"]["nodeInfo"] = {{"kubeletVersion", version}};
  update_nodes(cluster);
}

void Kubernetes::update_nodes(const std::string& cluster) {
  Json& here = state(cluster);
  for (auto& [key, object] : here["objects"].items()) {
    if (object["kind"] != "Node") continue;
    Json status = object.value("status", Json::object());
    status["conditions"] = Json::array({condition("Ready", here.value("network", false))});
    Store(world_, here).set_status(object, status);
  }
}

bool Kubernetes::node_ready(const std::string& cluster, const std::string& node) {
  Json& here = state(cluster);
  if (!here.value("network", false)) return false;
  return Store(world_, here).find({"v1", "Node", "", node}) != nullptr;
}

void Kubernetes::settle_later(const std::string& cluster, const std::string& key, Milliseconds delay) {
  world_.schedule(delay, "kubernetes.settle", {{"cluster", cluster}, {"key", key}});
}

void Kubernetes::settle(const std::string& cluster, const std::string& key) {
  Json& here = state(cluster);
  const auto found = here["objects"].find(key);
  if (found == here["objects"].end()) return;
  Json& object = *found;
  const std::string kind = object.value("kind", "");
  Store store(world_, here);
  std::size_t nodes = 0;
  for (const auto& [other, each] : here["objects"].items()) nodes += each["kind"] == "Node" ? 1u : 0u;
  const bool pods_run = nodes > 0 && (here.value("network", false) || host_network(object));
  Json status = object.value("status", Json::object());
  if (kind == "CustomResourceDefinition") {
    store.set_status(object,
                     {{"conditions", Json::array({condition("NamesAccepted"), condition("Established")})},
                      {"acceptedNames", at(object, "/spec/names")}});
  } else if (kind == "Namespace") {
    store.set_status(object, {{"phase", "Active"}});
  } else if (kind == "Deployment" || kind == "StatefulSet" || kind == "DaemonSet") {
    if (!pods_run) return settle_later(cluster, key, time_to_try_again);
    store.set_status(object, workload_status(object, nodes));
  } else if (kind == "Job") {
    if (!pods_run) return settle_later(cluster, key, time_to_try_again);
    if (status.empty()) {
      store.set_status(object, {{"active", 1}});
      return settle_later(cluster, key, time_to_run_job);
    }
    store.set_status(object, {{"succeeded", 1}, {"conditions", Json::array({condition("Complete")})}});
    run_job(cluster, object);
  } else if (kind == "PersistentVolumeClaim") {
    store.set_status(object, {{"phase", "Bound"}});
  } else if (kind == "Service" && text_at(object, "/spec/type") == "LoadBalancer") {
    store.set_status(object, {{"loadBalancer", {{"ingress", asked_addresses(object)}}}});
  } else if (kind == "Gateway") {
    Json addresses = at(object, "/spec/addresses");
    store.set_status(object, {{"addresses", addresses.is_null() ? Json::array() : addresses},
                              {"conditions", Json::array({condition("Accepted"), condition("Programmed")})}});
  } else if (kind == "Certificate" || kind == "ClusterIssuer" || kind == "Issuer") {
    store.set_status(object, {{"conditions", Json::array({condition("Ready")})}});
  } else if (kind == "Application") {
    if (text_at(here, "/gitops").empty()) return;  // looked at when the controller comes
    sync(cluster, object);
  }
}

void Kubernetes::run_job(const std::string& cluster, Json& job) {
  const Json command = at(job, "/spec/template/spec/containers/0/command");
  if (!command.is_array()) return;
  const std::vector<std::string> words = command.get<std::vector<std::string>>();
  const auto option = [&](const char* name) {
    const auto place = std::find(words.begin(), words.end(), name);
    return place == words.end() || place + 1 == words.end() ? std::string() : *(place + 1);
  };
  const auto flag = std::find(words.begin(), words.end(), "--install");
  if (!words.empty() && words[0] == "helm" && words.end() - flag > 2)
    install(cluster, *(flag + 1), *(flag + 2), option("--version"), option("--namespace"));
  else if (!words.empty() && words[0] == "kubectl")
    state(cluster)["applied"][job["metadata"].value("name", "")] = option("--kustomize");
}

void Kubernetes::install(const std::string& cluster, const std::string& release, const std::string& chart,
                         const std::string& version, const std::string& space) {
  Json& here = state(cluster);
  here["releases"][space + "/" + release] = {{"chart", chart}, {"version", version}, {"namespace", space}};
  const Role role = role_of_chart(chart);
  if (role == Role::network) {
    here["network"] = true;
    update_nodes(cluster);
  }
  if (role != Role::gitops || !text_at(here, "/gitops").empty()) return;
  here["gitops"] = chart;
  std::vector<std::string> waiting;
  for (const auto& [key, object] : here["objects"].items())
    if (object["kind"] == "Application") waiting.push_back(key);
  for (const std::string& key : waiting) settle_later(cluster, key, time_to_sync);
}

bool Kubernetes::collect(const std::string& folder, std::vector<Json>& out) {
  const auto text = world_.read_file(folder + "/kustomization.yaml");
  if (!text) return false;
  const auto documents = drivers::read_yaml(*text);
  if (!documents || documents->empty()) return false;
  for (const Json& each : documents->front().value("resources", Json::array())) {
    const std::string path = folder + "/" + each.get<std::string>();
    const auto file = world_.read_file(path);
    if (!file) {
      collect(path, out);
      continue;
    }
    if (auto objects = drivers::read_yaml(*file))
      for (Json& object : *objects) out.push_back(std::move(object));
  }
  return true;
}

void Kubernetes::sync(const std::string& cluster, Json& application) {
  const Json id = application["metadata"];
  const std::string key = id_of(application).key(),
                    space = text_at(application, "/spec/destination/namespace");
  Json sources = at(application, "/spec/sources");
  if (!sources.is_array()) sources = Json::array({at(application, "/spec/source")});
  std::vector<Json> objects;
  Json& here = state(cluster);
  for (const Json& source : sources) {
    if (const std::string chart = text_at(source, "/chart"); !chart.empty()) {
      const std::string release = text_at(source, "/helm/releaseName");
      install(cluster, release.empty() ? id.value("name", "") : release, chart,
              text_at(source, "/targetRevision"), space);
      continue;
    }
    // The repository holds the emitted tree below some folder; a path that is not in it is somebody else's
    // repository.
    std::string folder = text_at(source, "/path");
    while (!folder.empty() && !collect(folder, objects)) {
      const auto slash = folder.find('/');
      folder = slash == std::string::npos ? "" : folder.substr(slash + 1);
    }
  }
  Json members = Json::array();
  Store store(world_, here);
  for (Json& object : objects) {
    Id object_id = id_of(object);
    const bool cluster_wide = object_id.kind == "Namespace" || object_id.kind.rfind("Cluster", 0) == 0 ||
                              object_id.kind == "StorageClass" || object_id.kind == "GatewayClass" ||
                              object_id.kind == "PersistentVolume" ||
                              object_id.kind == "CustomResourceDefinition";
    if (object_id.space.empty() && !cluster_wide) object_id.space = space;
    members.push_back(object_id.key());
    // Force, as Argo CD's server-side apply does.
    const Applied applied = store.apply(object_id, object, "argocd-controller", true, false);
    const bool workload =
        object_id.kind == "Deployment" || object_id.kind == "StatefulSet" || object_id.kind == "DaemonSet";
    if (applied.changed)
      settle_later(cluster, object_id.key(),
                   workload                          ? time_to_pull
                   : object_id.kind == "Application" ? time_to_sync
                                                     : time_to_look);
  }
  here["applications"][key] = members;
  if (Json* live = store.find(
          {"argoproj.io/v1alpha1", "Application", id.value("namespace", ""), id.value("name", "")}))
    store.set_status(*live, {{"sync", {{"status", "Synced"}}}, {"health", {{"status", "Progressing"}}}});
  world_.schedule(time_to_assess, "kubernetes.assess", {{"cluster", cluster}, {"key", key}});
}

void Kubernetes::assess(const std::string& cluster, const std::string& key) {
  Json& here = state(cluster);
  const auto found = here["objects"].find(key);
  if (found == here["objects"].end()) return;
  bool well = here.value("network", false);
  for (const Json& member : here["applications"][key]) {
    const auto object = here["objects"].find(member.get<std::string>());
    if (object == here["objects"].end()) continue;
    const bool good =
        (*object)["kind"] == "Application"
            ? text_at(*object, "/status/health/status") == "Healthy"
            : drivers::kubernetes::readiness(*object).readiness == drivers::kubernetes::Readiness::current;
    well = well && good;
  }
  if (well) {
    Json status = found->value("status", Json::object());
    status["health"] = {{"status", "Healthy"}};
    Store(world_, here).set_status(*found, status);
  } else {
    world_.schedule(time_to_assess, "kubernetes.assess", {{"cluster", cluster}, {"key", key}});
  }
}

}  // namespace lab::simulator::kubernetes
