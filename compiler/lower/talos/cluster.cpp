// The `cluster` section of the v1alpha1 document.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/lower/talos/node.h"

namespace lab::lower::talos {

namespace {

using document::List;
using document::Map;

bool has_metrics(const Node& n, std::string_view part, document::Origin& at) {
  for (const auto& metric : n.cluster.metrics) {
    if (*metric != part) continue;
    at = metric.at;
    return true;
  }
  return false;
}

Map add_component(const Node& n, Map cluster, std::string_view key, std::string_view image) {
  Map component = cluster.map(key);
  component.set("image", fmt::format("registry.k8s.io/{}:{}", image, n.kubernetes), n.kubernetes_at);
  return component;
}

void add_network(const Node& n, Map cluster) {
  Map network = cluster.map("network");
  if (!n.cluster.cni.flannel) network.map("cni").set("name", "none", n.cluster.cni.at);
  network.set("dnsDomain", *n.cluster.domain, n.cluster.domain.at);
  network.list("podSubnets").add(n.cluster.pod_cidr->format(), n.cluster.pod_cidr.at);
  network.list("serviceSubnets").add(n.cluster.service_cidr->format(), n.cluster.service_cidr.at);
}

/// Sign-in of people: flags of the API server. Authentik has an issuer for each application.
void add_oidc(const Node& n, Map server) {
  const auto& oidc = n.cluster.oidc;
  if (!oidc) return;
  const model::IdentityProvider* provider = n.lab.find(*oidc->from);
  if (provider == nullptr || !provider->url) return;
  Map args = server.map("extraArgs");
  const std::string_view url = *provider->url;
  const std::string_view base = url.ends_with('/') ? url.substr(0, url.size() - 1) : url;
  args.set("oidc-issuer-url",
           *provider->engine == "authentik" ? fmt::format("{}/application/o/{}/", base, n.cluster.name)
                                            : std::string(url),
           oidc->from.at);
  args.set("oidc-client-id", n.cluster.name, oidc->from.at);
  args.set("oidc-username-claim", *oidc->username, oidc->username.at);
  args.set("oidc-groups-claim", *oidc->groups, oidc->groups.at);
}

/// Pod security where a namespace says nothing; the defaults are those of Talos' generator.
void add_admission(const Node& n, Map server) {
  const auto& level = n.cluster.admission;
  List plugins = server.list("admissionControl", level.at);
  if (*level == "none") return;
  Map plugin = plugins.map(level.at);
  plugin.set("name", "PodSecurity", level.at);
  Map configuration = plugin.map("configuration");
  configuration.set("apiVersion", "pod-security.admission.config.k8s.io/v1alpha1");
  configuration.set("kind", "PodSecurityConfiguration");
  Map defaults = configuration.map("defaults");
  defaults.set("enforce", *level, level.at).set("enforce-version", "latest");
  defaults.set("audit", "restricted").set("audit-version", "latest");
  defaults.set("warn", "restricted").set("warn-version", "latest");
  Map exemptions = configuration.map("exemptions");
  exemptions.list("usernames");
  exemptions.list("runtimeClasses");
  exemptions.list("namespaces").add("kube-system");
}

/// Without a policy Talos records metadata of everything, so that nothing has to be said.
void add_audit(const Node& n, Map server) {
  const auto& audit = n.cluster.audit;
  Map policy = server.map("auditPolicy", audit.at);
  policy.set("apiVersion", "audit.k8s.io/v1").set("kind", "Policy");
  policy.list("rules").map(audit.at).set("level", *audit ? "Metadata" : "None", audit.at);
}

/// Every way that leads to the API server.
void add_server_names(const Node& n, Map server) {
  List sans = server.list("certSANs");
  if (n.cluster.vip) sans.add(n.cluster.vip->format(), n.cluster.vip.at);
  for (const model::Node& other : n.lab.nodes) {
    if (other.cluster == n.node.cluster && other.control_plane && other.ip) {
      sans.add(other.ip->format(), other.ip.at);
    }
  }
  add_all(sans, n.cluster.names);
}

void add_server(const Node& n, Map cluster) {
  Map server = add_component(n, cluster, "apiServer", "kube-apiserver");
  add_oidc(n, server);
  if (!n.cluster.api_server_args.empty()) set_all(server.map("extraArgs"), n.cluster.api_server_args);
  add_server_names(n, server);
  add_admission(n, server);
  add_audit(n, server);
}

/// The controller manager or the scheduler; metrics are served on every address when asked for.
void add_controller(const Node& n, Map cluster, std::string_view key, std::string_view part,
                    const model::Map<model::Text>& arguments) {
  Map component = add_component(n, cluster, key, fmt::format("kube-{}", part));
  document::Origin at = document::no_origin;
  if (has_metrics(n, part, at)) component.map("extraArgs").set("bind-address", "0.0.0.0", at);
  if (!arguments.empty()) set_all(component.map("extraArgs"), arguments);
}

void add_proxy(const Node& n, Map cluster) {
  if (const auto& cilium = n.cluster.cni.cilium; cilium && *cilium->kube_proxy_replacement) {
    cluster.map("proxy").set("disabled", true, cilium->kube_proxy_replacement.at);
  } else {
    add_component(n, cluster, "proxy", "kube-proxy");
  }
}

void add_etcd(const Node& n, Map cluster) {
  document::Origin at = document::no_origin;
  if (has_metrics(n, "etcd", at)) {
    cluster.map("etcd").map("extraArgs").set("listen-metrics-urls", "http://0.0.0.0:2381", at);
  }
  if (!n.cluster.etcd_args.empty()) set_all(cluster.map("etcd").map("extraArgs"), n.cluster.etcd_args);
  if (const auto& ip = n.cards.empty() ? n.node.ip : n.cards.front().address; n.several_cards() && ip) {
    cluster.map("etcd").list("advertisedSubnets").add(fmt::format("{}/{}", ip->format(), ip->bits()), ip.at);
  }
}

}  // namespace

void add_cluster(const Node& n, Map config) {
  Map cluster = config.map("cluster", n.cluster.at);
  cluster.map("controlPlane").set("endpoint", *n.cluster.endpoint, n.cluster.endpoint.at);
  cluster.set("clusterName", n.cluster.name, n.cluster.at);
  add_network(n, cluster);
  if (n.control_plane()) {
    add_server(n, cluster);
    add_controller(n, cluster, "controllerManager", "controller-manager", n.cluster.controller_manager_args);
    add_proxy(n, cluster);
    add_controller(n, cluster, "scheduler", "scheduler", n.cluster.scheduler_args);
  }
  Map discovery = cluster.map("discovery");
  discovery.set("enabled", true);
  discovery.map("registries").map("kubernetes").set("disabled", true);
  discovery.map("registries").map("service");
  if (!n.control_plane()) return;
  add_etcd(n, cluster);
  if (!n.cluster.manifests.empty()) add_all(cluster.list("extraManifests"), n.cluster.manifests);
  if (const auto& schedule = n.cluster.schedule_on_control_plane; *schedule) {
    cluster.set("allowSchedulingOnControlPlanes", true, schedule.at);
  }
}

}  // namespace lab::lower::talos
