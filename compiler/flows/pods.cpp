// The pods of the cluster, as policies select them.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/flows/world.h"

namespace lab::flows {

namespace {

constexpr std::string_view name_label = "app.kubernetes.io/name";
/// The cluster's name service, by the label that kubeadm, Talos and k3s give it.
constexpr std::string_view dns_namespace = "kube-system", dns_key = "k8s-app", dns_value = "kube-dns";
constexpr std::uint16_t dns_port = 53, dns_metrics_port = 9153;

class Finder {
 public:
  explicit Finder(World& world) : w_(world), lab_(world.lab) {}

  void run() {
    for (const model::App& app : lab_.apps) add(app, lab_.any_of(app));
    for (const model::Job& job : lab_.jobs) add(job, lab_.any_of(job));
    for (const model::Cron& cron : lab_.crons) add(cron, lab_.any_of(cron));
    for (const model::Helm& helm : lab_.helms)
      for (const model::HelmWorkload& workload : helm.workload) add(helm, workload);
    for (const model::Gateway& gateway : lab_.gateways) add(gateway);
    add_dns();
  }

 private:
  bool here(model::Ref<model::Namespace> ns) const { return ns.valid() && lab_.cluster_of(ns) == w_.cluster; }
  Text object(std::string_view name) const { return w_.keep(model::object_name(name)); }

  void add(const model::Workload& workload, const model::AnyRef& ref) {
    if (!workload.in || !here(*workload.in)) return;
    Pods& p = w_.pods.emplace_back();
    p.set.ns = object(lab_.get(*workload.in).name);
    const Text name = object(workload.name);
    p.set.labels = {{name_label, name}};
    p.labels = {{"app.kubernetes.io/instance", name},
                {"app.kubernetes.io/managed-by", "lab"},
                {name_label, name},
                {"app.kubernetes.io/part-of", lab_.lab().name}};
    for (const auto& label : workload.labels) set(p.labels, label.name, label.value);
    p.name = fmt::format("{}/{}", p.set.ns, name);
    p.ref = ref;
    p.unit = name;
    for (const model::AppPort& port : workload.port) p.ports.push_back(*port.number);
    p.host_network = *workload.host_network;
    p.at = workload.at;
  }

  static void set(Labels& labels, Text key, Text value) {
    const auto it = std::find_if(labels.begin(), labels.end(), [&](const auto& l) { return l.first == key; });
    if (it != labels.end())
      it->second = value;
    else
      labels.emplace_back(key, value);
    std::sort(labels.begin(), labels.end());
  }

  void add(const model::Helm& helm, const model::HelmWorkload& workload) {
    if (!here(*helm.in)) return;
    Pods& p = w_.pods.emplace_back();
    p.set.ns = object(lab_.get(*helm.in).name);
    for (const auto& label : workload.selector) p.set.labels.emplace_back(label.name, label.value);
    std::sort(p.set.labels.begin(), p.set.labels.end());
    p.labels = p.set.labels;
    p.unit = object(helm.name);
    p.name = fmt::format("{}/{}.{}", p.set.ns, p.unit, workload.name);
    p.ref = lab_.any_of(helm);
    p.block = workload.name;
    for (const model::AppPort& port : workload.port) p.ports.push_back(*port.number);
    p.host_network = *workload.host_network;
    p.at = workload.at;
  }

  /// Gateways of Envoy Gateway and Traefik are pods; Cilium's is an identity of its own.
  void add(const model::Gateway& gateway) {
    if (!gateway.in || !here(*gateway.in) || gateway.class_.cilium) return;
    const bool envoy = static_cast<bool>(gateway.class_.envoy);
    Pods& p = w_.pods.emplace_back();
    p.set.ns = object(lab_.get(*gateway.in).name);
    for (const model::Helm& helm : lab_.helms) {
      const std::string_view chart = *helm.chart;
      if (chart.substr(chart.rfind('/') + 1) == (envoy ? "gateway-helm" : "traefik") && helm.in->valid())
        p.set.ns = object(lab_.get(*helm.in).name);
    }
    const Text name = gateway.object_name ? *gateway.object_name : object(gateway.name);
    if (envoy)
      p.set.labels = {{"gateway.envoyproxy.io/owning-gateway-name", name}};
    else
      p.set.labels = {{name_label, "traefik"}};
    p.labels = p.set.labels;
    p.name = fmt::format("{}/gateway.{}", p.set.ns, name);
    p.ref = lab_.any_of(gateway);
    p.unit = object(gateway.name);
    p.ports = w_.gateway(gateway).ports;
    p.at = gateway.at;
  }

  void add_dns() {
    Pods& p = w_.pods.emplace_back();
    p.name = "kube-system/kube-dns";
    p.set = {dns_namespace, {{dns_key, dns_value}}};
    p.labels = p.set.labels;
    constexpr auto both =
        static_cast<std::uint8_t>(types::Protocol::tcp) | static_cast<std::uint8_t>(types::Protocol::udp);
    p.ports = {{both, dns_port, dns_port},
               {static_cast<std::uint8_t>(types::Protocol::tcp), dns_metrics_port, dns_metrics_port}};
    p.at = lab_.get(w_.cluster).at;
  }

  World& w_;
  const model::Lab& lab_;
};

}  // namespace

void find_pods(World& world) {
  Finder(world).run();
}

}  // namespace lab::flows
