// LAB0319: what selects nodes selects one at least.
//
// Known are the labels that the lab gives, those every node gets (Kubernetes, "Well-Known Labels, Annotations
// and Taints") and those of a discovery (node feature discovery, the GPU operators), which are not judged.
#include <algorithm>
#include <array>

#include "compiler/checks/fixes.h"
#include "compiler/checks/rules.h"
#include "compiler/diagnostics/nearest.h"

namespace lab::checks {

namespace {

constexpr std::array<std::string_view, 7> discovered = {
    "feature.node.kubernetes.io/", "nvidia.com/", "amd.com/",           "gpu.intel.com/",
    "intel.feature.node.",         "topology.",   "beta.kubernetes.io/"};

bool judged(std::string_view key) {
  return std::none_of(discovered.begin(), discovered.end(),
                      [&](std::string_view d) { return key.starts_with(d); });
}

std::string_view arch_of(const model::Lab& lab, const model::Node& node) {
  if (const model::Host* host = lab.host_of(node.machine)) return *host->arch;
  return {};
}

/// Whether a node has a label; an empty architecture is one that is not known, and matches.
bool has(const model::Lab& lab, const model::Node& node, std::string_view key, std::string_view value) {
  for (const model::NodeGroup& group : node.groups)
    for (const auto& label : group.labels)
      if (label.name == key) return label.value == value;
  if (key == "kubernetes.io/hostname") return value == node.name;
  if (key == "kubernetes.io/os") return value == "linux";
  if (key == "kubernetes.io/arch") return arch_of(lab, node).empty() || value == arch_of(lab, node);
  if (key == "node-role.kubernetes.io/control-plane") return node.control_plane;
  return false;
}

void labels(const model::Lab& lab, const model::Workload& w, std::string_view kind,
            const std::vector<const model::Node*>& nodes, Context& context) {
  if (!std::all_of(w.node_labels.begin(), w.node_labels.end(), [](const auto& l) { return judged(l.name); }))
    return;
  if (w.node_labels.empty() || nodes.empty()) return;
  const bool any = std::any_of(nodes.begin(), nodes.end(), [&](const model::Node* node) {
    return std::all_of(w.node_labels.begin(), w.node_labels.end(),
                       [&](const auto& l) { return has(lab, *node, l.name, l.value); });
  });
  if (any) return;
  const auto& first = *std::find_if(w.node_labels.begin(), w.node_labels.end(), [&](const auto& l) {
    return &l == &w.node_labels.back() || std::none_of(nodes.begin(), nodes.end(), [&](const model::Node* n) {
      return has(lab, *n, l.name, l.value);
    });
  });
  Diagnostic& d = context.report(make(Code::selects_no_node, context.span(first.at),
                                      fmt::format("no node has {}={}", first.name, first.value),
                                      "{} `{}` runs on 0 of {} nodes", kind, w.name, nodes.size()));
  std::vector<std::string_view> known;
  for (const model::Node* node : nodes)
    for (const model::NodeGroup& group : node->groups)
      for (const auto& label : group.labels) known.push_back(label.name);
  if (const auto near = diagnostics::nearest(first.name, known); near && *near != first.name)
    d.help({fmt::format("nodes have a label `{}`", *near), Applicability::maybe, {}});
}

void machines(const model::Lab& lab, const model::Workload& w, std::string_view kind,
              model::Ref<model::Cluster> cluster, Context& context) {
  for (const auto& machine : w.nodes) {
    const model::Node* node = lab.node_of(*machine);
    if (node != nullptr && node->cluster == cluster) continue;
    const model::Named* named = lab.named(*machine);
    const model::Cluster* home = lab.find(cluster);
    if (named == nullptr || home == nullptr) continue;
    Diagnostic& d = context.report(
        make(Code::selects_no_node, context.span(machine.at), fmt::format("not a node of `{}`", home->name),
             "{} `{}` cannot run on {} `{}`", kind, w.name, machine->kind, named->name));
    context.label(d, home->at, fmt::format("{} `{}` runs in cluster `{}`", kind, w.name, home->name));
  }
}

template <class T>
void workloads(const model::Lab& lab, const std::vector<T>& all, Context& context) {
  for (const T& w : all) {
    if (!w.in || (w.node_labels.empty() && w.nodes.empty())) continue;
    const model::Ref<model::Cluster> cluster = lab.cluster_of(*w.in);
    labels(lab, w, T::kind, lab.nodes_of(cluster), context);
    machines(lab, w, T::kind, cluster, context);
  }
}

}  // namespace

void node_selection(const model::Lab& lab, Context& context) {
  workloads(lab, lab.apps, context);
  workloads(lab, lab.jobs, context);
  workloads(lab, lab.crons, context);
}

}  // namespace lab::checks
