#include "compiler/session/effects.h"

#include <array>

namespace lab::session {

namespace {

struct Rule {
  std::string_view kind;  // "" for all
  std::string_view path;  // of the field or of one above it
  Effect effect;
};

/// The first that fits.
constexpr auto rules = std::to_array<Rule>({
    // Labels and annotations of an object itself change nothing that runs.
    {"", "metadata.labels", Effect::nothing},
    {"", "metadata.annotations", Effect::nothing},
    {"", "metadata.name", Effect::replace},
    {"", "metadata.namespace", Effect::replace},
    {"", "kind", Effect::replace},
    {"", "apiVersion", Effect::nothing},
    // Workloads: pods are made anew when their template changes.
    {"Deployment", "spec.selector", Effect::replace},
    {"Deployment", "spec.template", Effect::restart},
    {"DaemonSet", "spec.selector", Effect::replace},
    {"DaemonSet", "spec.template", Effect::restart},
    {"StatefulSet", "spec.selector", Effect::replace},
    {"StatefulSet", "spec.serviceName", Effect::replace},
    {"StatefulSet", "spec.volumeClaimTemplates", Effect::replace},
    {"StatefulSet", "spec.template", Effect::restart},
    {"Job", "spec", Effect::replace},
    {"HelmRelease", "spec", Effect::restart},
    {"Application", "spec.source", Effect::restart},
    {"Application", "spec.sources", Effect::restart},
    // Objects whose fields cannot be changed.
    {"PersistentVolumeClaim", "spec.resources", Effect::reload},
    {"PersistentVolumeClaim", "spec", Effect::replace},
    {"PersistentVolume", "spec.capacity", Effect::reload},
    {"PersistentVolume", "spec.mountOptions", Effect::reload},
    {"PersistentVolume", "spec.persistentVolumeReclaimPolicy", Effect::reload},
    {"PersistentVolume", "spec", Effect::replace},
    {"StorageClass", "", Effect::replace},
    {"Service", "spec.clusterIP", Effect::replace},
    {"RoleBinding", "roleRef", Effect::replace},
    {"ClusterRoleBinding", "roleRef", Effect::replace},
    // What only says which files there are, and what is to be done.
    {"Kustomization", "resources", Effect::nothing},
    {"Kustomization", "generators", Effect::nothing},
    {"ksops", "", Effect::nothing},
    {"plan", "", Effect::nothing},
    // Machines.
    {"talos", "machine.type", Effect::replace},
    {"talos", "machine.install.disk", Effect::replace},
    {"talos", "machine.install.diskSelector", Effect::replace},
    {"talos", "machine.install", Effect::reboot},
    {"talos", "machine.systemDiskEncryption", Effect::replace},
    {"talos", "machine.kernel", Effect::reboot},
    {"talos", "machine.disks", Effect::reboot},
    {"talos", "machine.kubelet", Effect::restart},
    {"talos", "cluster.network.podSubnets", Effect::replace},
    {"talos", "cluster.network.serviceSubnets", Effect::replace},
    {"talos", "cluster.apiServer", Effect::restart},
    {"talos", "cluster.controllerManager", Effect::restart},
    {"talos", "cluster.scheduler", Effect::restart},
    {"talos", "cluster.etcd", Effect::restart},
    {"", "", Effect::reload},
});

/// Whether `path` is `prefix` or below it.
bool below(std::string_view path, std::string_view prefix) {
  return path.starts_with(prefix) && (prefix.empty() || path.size() == prefix.size() ||
                                      path[prefix.size()] == '.' || path[prefix.size()] == '[');
}

}  // namespace

Effect effect_of(std::string_view kind, std::string_view path) {
  for (const Rule& rule : rules)
    if ((rule.kind.empty() || rule.kind == kind) && below(path, rule.path)) return rule.effect;
  return Effect::reload;
}

std::string_view spelled(Effect effect) {
  constexpr std::array<std::string_view, 5> names = {"nothing", "reload", "restart", "reboot", "replace"};
  return names[static_cast<std::size_t>(effect)];
}

}  // namespace lab::session
