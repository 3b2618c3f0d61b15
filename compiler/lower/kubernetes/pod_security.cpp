#include "compiler/lower/kubernetes/pod_security.h"

#include <algorithm>
#include <array>

namespace lab::lower::kubernetes {

namespace {

bool is_true(const Node* node) {
  return node != nullptr && node->kind == Kind::boolean && node->boolean;
}
bool is_false(const Node* node) {
  return node != nullptr && node->kind == Kind::boolean && !node->boolean;
}
std::string_view text(const Node* node) {
  return node != nullptr && node->kind == Kind::string ? node->text() : std::string_view{};
}

/// check_capabilities_baseline.go
constexpr std::array<std::string_view, 13> baseline_capabilities = {
    "AUDIT_WRITE",      "CHOWN",   "DAC_OVERRIDE", "FOWNER",  "FSETID", "KILL",      "MKNOD",
    "NET_BIND_SERVICE", "SETFCAP", "SETGID",       "SETPCAP", "SETUID", "SYS_CHROOT"};
/// check_sysctls.go
constexpr std::array<std::string_view, 11> safe_sysctls = {"kernel.shm_rmid_forced",
                                                           "net.ipv4.ip_local_port_range",
                                                           "net.ipv4.tcp_syncookies",
                                                           "net.ipv4.ping_group_range",
                                                           "net.ipv4.ip_unprivileged_port_start",
                                                           "net.ipv4.ip_local_reserved_ports",
                                                           "net.ipv4.tcp_keepalive_time",
                                                           "net.ipv4.tcp_fin_timeout",
                                                           "net.ipv4.tcp_keepalive_intvl",
                                                           "net.ipv4.tcp_keepalive_probes",
                                                           "net.ipv4.tcp_rmem"};
/// check_restrictedVolumes.go
constexpr std::array<std::string_view, 9> restricted_volumes = {
    "configMap", "csi",   "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim",
    "projected", "secret"};

template <std::size_t N>
bool one_of(const std::array<std::string_view, N>& all, std::string_view word) {
  return std::find(all.begin(), all.end(), word) != all.end();
}

/// Fields of a security context that hold for pods and containers.
Level level_of_context(const Node* security) {
  if (security == nullptr) return Level::restricted;
  if (text(security->find_path({"seccompProfile", "type"})) == "Unconfined" ||
      text(security->find_path({"appArmorProfile", "type"})) == "Unconfined" ||
      is_true(security->find_path({"windowsOptions", "hostProcess"})))
    return Level::privileged;
  const Node* options = security->find("seLinuxOptions");
  if (options != nullptr && (options->find("user") != nullptr || options->find("role") != nullptr))
    return Level::privileged;
  return Level::restricted;
}

struct Pod {
  bool non_root = false;
  bool seccomp = false;
};

bool is_root(const Node* security) {
  const Node* user = security == nullptr ? nullptr : security->find("runAsUser");
  return user != nullptr && user->kind == Kind::integer && user->integer == 0;
}
bool confines(const Node* security) {
  const std::string_view type =
      security == nullptr ? std::string_view{} : text(security->find_path({"seccompProfile", "type"}));
  return type == "RuntimeDefault" || type == "Localhost";
}

Level level_of_capabilities(const Node* capabilities) {
  if (capabilities == nullptr) return Level::baseline;
  Level level = Level::baseline;
  if (const Node* drop = capabilities->find("drop"))
    for (const Node* c = drop->child(); c != nullptr; c = c->next)
      if (text(c) == "ALL") level = Level::restricted;
  if (const Node* add = capabilities->find("add"))
    for (const Node* c = add->child(); c != nullptr; c = c->next) {
      if (!one_of(baseline_capabilities, text(c))) return Level::privileged;
      if (text(c) != "NET_BIND_SERVICE") level = Level::baseline;
    }
  return level;
}

bool has_host(const Node* probe) {
  if (probe == nullptr) return false;
  for (const std::string_view handler : {"httpGet", "tcpSocket"})
    if (!text(probe->find_path({handler, "host"})).empty()) return true;
  return false;
}

Level level_of_container(const Node& container, const Pod& pod) {
  Level level = Level::restricted;
  const auto raise = [&](Level to) { level = std::max(level, to); };
  const Node* security = container.find("securityContext");
  raise(level_of_context(security));
  for (const std::string_view probe : {"livenessProbe", "readinessProbe", "startupProbe"})
    if (has_host(container.find(probe))) raise(Level::privileged);
  for (const std::string_view hook : {"postStart", "preStop"})
    if (has_host(container.find_path({"lifecycle", hook}))) raise(Level::privileged);
  if (const Node* ports = container.find("ports"))
    for (const Node* port = ports->child(); port != nullptr; port = port->next)
      if (const Node* host = port->find("hostPort"); host != nullptr && host->integer != 0)
        raise(Level::privileged);
  if (security == nullptr) return std::max(level, Level::baseline);
  if (is_true(security->find("privileged"))) raise(Level::privileged);
  const std::string_view mount = text(security->find("procMount"));
  if (!mount.empty() && mount != "Default") raise(Level::privileged);
  raise(level_of_capabilities(security->find("capabilities")));
  if (!is_false(security->find("allowPrivilegeEscalation"))) raise(Level::baseline);
  const Node* non_root = security->find("runAsNonRoot");
  if (non_root != nullptr ? !is_true(non_root) : !pod.non_root) raise(Level::baseline);
  if (is_root(security)) raise(Level::baseline);
  if (security->find("seccompProfile") != nullptr ? !confines(security) : !pod.seccomp)
    raise(Level::baseline);
  return level;
}

}  // namespace

Level level_of(const Node& spec) {
  Level level = Level::restricted;
  const auto raise = [&](Level to) { level = std::max(level, to); };
  for (const std::string_view shared : {"hostNetwork", "hostPID", "hostIPC"})
    if (is_true(spec.find(shared))) raise(Level::privileged);
  const Node* security = spec.find("securityContext");
  raise(level_of_context(security));
  if (security != nullptr) {
    if (is_root(security)) raise(Level::baseline);
    if (const Node* sysctls = security->find("sysctls"))
      for (const Node* s = sysctls->child(); s != nullptr; s = s->next)
        if (!one_of(safe_sysctls, text(s->find("name")))) raise(Level::privileged);
  }
  if (const Node* volumes = spec.find("volumes"))
    for (const Node* volume = volumes->child(); volume != nullptr; volume = volume->next)
      for (const Node* source = volume->child(); source != nullptr; source = source->next) {
        if (source->key() == "name") continue;
        if (source->key() == "hostPath") raise(Level::privileged);
        if (!one_of(restricted_volumes, source->key())) raise(Level::baseline);
      }
  const Pod pod{security != nullptr && is_true(security->find("runAsNonRoot")), confines(security)};
  for (const std::string_view containers : {"initContainers", "containers"})
    if (const Node* list = spec.find(containers))
      for (const Node* c = list->child(); c != nullptr; c = c->next) raise(level_of_container(*c, pod));
  return level;
}

void judge_pod(Context& context, Ref<model::Namespace> ns, const Node& pod_spec, Origin at, Text who) {
  context.demand(ns, level_of(pod_spec), at, who);
}

}  // namespace lab::lower::kubernetes
