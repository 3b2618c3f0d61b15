#include "runtime/simulator/kubernetes/kinds.h"

#include <algorithm>

namespace lab::simulator::kubernetes {
namespace {

struct Row {
  const char *version, *kind, *plural;
  bool namespaced;
};

constexpr Row built_in[] = {
    {"v1", "Namespace", "namespaces", false},
    {"v1", "Node", "nodes", false},
    {"v1", "PersistentVolume", "persistentvolumes", false},
    {"v1", "ConfigMap", "configmaps", true},
    {"v1", "Endpoints", "endpoints", true},
    {"v1", "LimitRange", "limitranges", true},
    {"v1", "PersistentVolumeClaim", "persistentvolumeclaims", true},
    {"v1", "Pod", "pods", true},
    {"v1", "ResourceQuota", "resourcequotas", true},
    {"v1", "Secret", "secrets", true},
    {"v1", "Service", "services", true},
    {"v1", "ServiceAccount", "serviceaccounts", true},
    {"apps/v1", "DaemonSet", "daemonsets", true},
    {"apps/v1", "Deployment", "deployments", true},
    {"apps/v1", "ReplicaSet", "replicasets", true},
    {"apps/v1", "StatefulSet", "statefulsets", true},
    {"batch/v1", "CronJob", "cronjobs", true},
    {"batch/v1", "Job", "jobs", true},
    {"autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", true},
    {"policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", true},
    {"networking.k8s.io/v1", "Ingress", "ingresses", true},
    {"networking.k8s.io/v1", "IngressClass", "ingressclasses", false},
    {"networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", true},
    {"rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", false},
    {"rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings", false},
    {"rbac.authorization.k8s.io/v1", "Role", "roles", true},
    {"rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings", true},
    {"storage.k8s.io/v1", "StorageClass", "storageclasses", false},
    {"storage.k8s.io/v1", "CSIDriver", "csidrivers", false},
    {"scheduling.k8s.io/v1", "PriorityClass", "priorityclasses", false},
    {"node.k8s.io/v1", "RuntimeClass", "runtimeclasses", false},
    {"apiextensions.k8s.io/v1", "CustomResourceDefinition", "customresourcedefinitions", false},
    {"admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations",
     false},
    {"admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations",
     false},
};

struct ChartRow {
  const char* chart;
  Role role;
};
constexpr ChartRow charts[] = {
    {"cilium", Role::network},       {"calico", Role::network}, {"tigera-operator", Role::network},
    {"flannel", Role::network},      {"argo-cd", Role::gitops}, {"flux2", Role::gitops},
    {"flux-operator", Role::gitops},
};

// Kinds by which the plan itself hands a cluster over.
struct ChartKind {
  const char* chart;
  Row row;
};
constexpr ChartKind chart_kinds[] = {
    {"argo-cd", {"argoproj.io/v1alpha1", "Application", "applications", true}},
    {"argo-cd", {"argoproj.io/v1alpha1", "ApplicationSet", "applicationsets", true}},
    {"argo-cd", {"argoproj.io/v1alpha1", "AppProject", "appprojects", true}},
    {"flux2", {"source.toolkit.fluxcd.io/v1", "GitRepository", "gitrepositories", true}},
    {"flux2", {"kustomize.toolkit.fluxcd.io/v1", "Kustomization", "kustomizations", true}},
    {"flux2", {"helm.toolkit.fluxcd.io/v2", "HelmRelease", "helmreleases", true}},
};

std::string last_part(const std::string& chart) {
  return chart.substr(chart.rfind('/') + 1);
}

}  // namespace

Role role_of_chart(const std::string& chart) {
  for (const ChartRow& row : charts)
    if (last_part(chart) == row.chart) return row.role;
  return Role::other;
}

std::vector<ServedKind> served(const Json& cluster, const std::string& api_version) {
  std::vector<ServedKind> out;
  for (const Row& row : built_in)
    if (api_version == row.version) out.push_back({row.kind, row.plural, row.namespaced});
  static const Json none = Json::object();
  const Json& releases = cluster.contains("releases") ? cluster["releases"] : none;
  const Json& objects = cluster.contains("objects") ? cluster["objects"] : none;
  for (const auto& [name, release] : releases.items())
    for (const ChartKind& each : chart_kinds)
      if (last_part(text_at(release, "/chart")) == each.chart && api_version == each.row.version)
        out.push_back({each.row.kind, each.row.plural, each.row.namespaced});
  const auto slash = api_version.find('/');
  if (slash == std::string::npos) return out;
  for (const auto& [key, object] : objects.items()) {
    if (object["kind"] != "CustomResourceDefinition" ||
        text_at(object, "/spec/group") != api_version.substr(0, slash))
      continue;
    const Json conditions = at(object, "/status/conditions");
    const bool established = std::any_of(conditions.begin(), conditions.end(), [](const Json& each) {
      return each.value("type", "") == "Established";
    });
    for (const Json& version : at(object, "/spec/versions"))
      if (established && version.value("name", "") == api_version.substr(slash + 1) &&
          version.value("served", true))
        out.push_back({text_at(object, "/spec/names/kind"), text_at(object, "/spec/names/plural"),
                       text_at(object, "/spec/scope") == "Namespaced"});
  }
  return out;
}

}  // namespace lab::simulator::kubernetes
