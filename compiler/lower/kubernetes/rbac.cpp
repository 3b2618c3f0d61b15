// What a workload may do with the Kubernetes API: `api { get = [pods], write = [leases] because "…" }`.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "compiler/lower/kubernetes/pod.h"
#include "compiler/lower/kubernetes/rules.h"

namespace lab::lower::kubernetes {

namespace {

struct Group {
  std::string_view resource;
  std::string_view group;
};
/// Resources outside the core group.
constexpr std::array groups = {
    Group{"deployments", "apps"},
    Group{"statefulsets", "apps"},
    Group{"daemonsets", "apps"},
    Group{"replicasets", "apps"},
    Group{"jobs", "batch"},
    Group{"cronjobs", "batch"},
    Group{"ingresses", "networking.k8s.io"},
    Group{"httproutes", "gateway.networking.k8s.io"},
    Group{"gateways", "gateway.networking.k8s.io"},
    Group{"leases", "coordination.k8s.io"},
    Group{"storageclasses", "storage.k8s.io"},
    Group{"customresourcedefinitions", "apiextensions.k8s.io"},
};
constexpr std::array<std::string_view, 3> reading = {"get", "list", "watch"};
constexpr std::array<std::string_view, 4> writing = {"create", "update", "patch", "delete"};

/// `nodes.metrics.k8s.io` names its group itself.
Group group_of(std::string_view resource) {
  for (const Group& g : groups)
    if (g.resource == resource) return g;
  const std::size_t dot = resource.find('.');
  if (dot == std::string_view::npos) return {resource, ""};
  return {resource.substr(0, dot), resource.substr(dot + 1)};
}

/// One rule for each group, in the order in which groups are met.
void put_rules(const std::vector<model::Prop<Text>>& resources, std::span<const std::string_view> verbs,
               List rules) {
  std::vector<std::string_view> done;
  for (const auto& first : resources) {
    const std::string_view group = group_of(*first).group;
    if (std::find(done.begin(), done.end(), group) != done.end()) continue;
    done.push_back(group);
    Map rule = rules.map(first.at);
    rule.list("apiGroups").add(group, first.at);
    List names = rule.list("resources");
    for (const auto& resource : resources)
      if (const Group g = group_of(*resource); g.group == group) names.add(g.resource, resource.at);
    List allowed = rule.list("verbs");
    for (const std::string_view verb : verbs)
      if (verb != "watch" || group != "metrics.k8s.io") allowed.add(verb);  // its API has no watch
  }
}

}  // namespace

void put_rights_of_api(Context& context, const Unit& unit, Folder& folder) {
  const model::Opt<model::ApiAccess>& api = unit.workload.api;
  if (!api) return;
  constexpr std::string_view rule = "kubernetes.api-access";
  constexpr std::string_view version = "rbac.authorization.k8s.io/v1";
  Object account = object(context, "v1", "ServiceAccount", unit.name, unit.ns_name);
  put_labels(context, unit, account.metadata);
  folder.add("service-account", rule, account.root, unit.raw());

  const bool own = *api->own_namespace;
  const std::string_view kind = own ? "Role" : "ClusterRole";
  const Text ns = own ? unit.ns_name : Text{};
  const std::string name = own ? std::string(unit.name) : fmt::format("{}-{}", unit.ns_name, unit.name);
  Object role = object(context, version, kind, name, ns);
  put_labels(context, unit, role.metadata);
  List rules = role.root.list("rules");
  put_rules(api->get, reading, rules);
  std::vector<std::string_view> all(reading.begin(), reading.end());
  all.insert(all.end(), writing.begin(), writing.end());
  put_rules(api->write, all, rules);
  folder.add(own ? "role" : "cluster-role", rule, role.root, unit.raw());

  Object binding = object(context, version, own ? "RoleBinding" : "ClusterRoleBinding", name, ns);
  put_labels(context, unit, binding.metadata);
  binding.root.map("roleRef")
      .set("apiGroup", "rbac.authorization.k8s.io")
      .set("kind", kind)
      .set("name", name);
  Map subject = binding.root.list("subjects").map();
  subject.set("kind", "ServiceAccount").set("name", unit.name).set("namespace", unit.ns_name);
  folder.add(own ? "role-binding" : "cluster-role-binding", rule, binding.root, unit.raw());
}

}  // namespace lab::lower::kubernetes
