// LAB0316: a machine is a node once, and no two nodes of a cluster have one name. LAB0326: the name of a node
// is a host name (RFC 1123 §2.1, in lower case as Kubernetes demands of Node objects).
#include <algorithm>

#include "compiler/checks/rules.h"

namespace lab::checks {

namespace {

auto machine_key(const model::Node& n) {
  return std::pair(n.machine.kind, n.machine.index);
}

std::string part(const model::Lab& lab, const model::Node& n) {
  const model::Cluster* c = lab.find(n.cluster);
  return fmt::format("{} of cluster `{}`", n.control_plane ? "in the control plane" : "a worker",
                     c == nullptr ? model::Text{} : c->name);
}

void twice(const model::Lab& lab, std::vector<const model::Node*> nodes, Context& context) {
  std::stable_sort(nodes.begin(), nodes.end(),
                   [](const auto* a, const auto* b) { return machine_key(*a) < machine_key(*b); });
  for (std::size_t i = 1; i < nodes.size(); ++i) {
    const model::Node& a = *nodes[i - 1];
    const model::Node& b = *nodes[i];
    if (machine_key(a) != machine_key(b)) continue;
    Diagnostic& d = context.report(make(Code::node_twice, context.span(b.at), part(lab, b),
                                        "{} `{}` is a node twice", b.machine.kind, b.name));
    context.label(d, a.at, part(lab, a));
  }
}

void same_name(std::vector<const model::Node*> nodes, Context& context) {
  std::stable_sort(nodes.begin(), nodes.end(), [](const auto* a, const auto* b) {
    return std::pair(a->cluster.index, a->name) < std::pair(b->cluster.index, b->name);
  });
  for (std::size_t i = 1; i < nodes.size(); ++i) {
    const model::Node& a = *nodes[i - 1];
    const model::Node& b = *nodes[i];
    if (a.cluster != b.cluster || a.name != b.name || machine_key(a) == machine_key(b)) continue;
    Diagnostic& d = context.report(make(Code::node_twice, context.span(b.at),
                                        fmt::format("{} `{}`", b.machine.kind, b.name),
                                        "two nodes of a cluster are called `{}`", b.name));
    context.label(d, a.at, fmt::format("{} `{}`", a.machine.kind, a.name));
  }
}

bool plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/// `name` as a host name of one label: lower case, dashes for what cannot be.
std::string host_name(std::string_view name) {
  std::string out;
  for (char c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (plain(c))
      out += c;
    else if (!out.empty() && out.back() != '-')
      out += '-';
  }
  while (out.ends_with('-')) out.pop_back();
  return out.substr(0, 63);
}

void well_named(const model::Lab& lab, const model::Node& node, Context& context) {
  const std::string right = host_name(node.name);
  if (node.name.empty() || right == node.name) return;
  const model::Named* machine = lab.named(node.machine);
  if (machine == nullptr) return;
  Diagnostic& d = context.report(make(Code::node_name, context.span(machine->at), "not a host name",
                                      "{} `{}` is a node, and its name cannot be that of one",
                                      node.machine.kind, node.name));
  context.label(d, node.at, "made a node here");
  d.note("lower-case letters, digits and single dashes, at most 63");
  if (!right.empty()) d.help({fmt::format("call it `{}`", right), Applicability::maybe, {}});
}

}  // namespace

void distinct_nodes(const model::Lab& lab, Context& context) {
  std::vector<const model::Node*> nodes;
  for (const model::Node& n : lab.nodes) {
    nodes.push_back(&n);
    well_named(lab, n, context);
  }
  twice(lab, nodes, context);
  same_name(std::move(nodes), context);
}

}  // namespace lab::checks
