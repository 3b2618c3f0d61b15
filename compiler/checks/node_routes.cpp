// LAB0526: the next hop of a node's route is a neighbour: it lies in a network of one of the node's cards.
#include <algorithm>
#include <vector>

#include "compiler/checks/fixes.h"
#include "compiler/checks/rules.h"

namespace lab::checks {

namespace {

using Networks = std::vector<const model::Network*>;

Networks networks_of(const model::Lab& lab, const model::AnyRef& machine) {
  Networks out;
  const auto add = [&](model::Ref<model::Network> ref) {
    if (const model::Network* network = lab.find(ref)) out.push_back(network);
  };
  if (const model::Vm* vm = lab.as<model::Vm>(machine)) {
    for (const model::VmNic& nic : vm->nic) add(nic.label);
  } else if (const model::Host* host = lab.as<model::Host>(machine)) {
    add(*host->on);
    for (const model::HostNic& nic : host->nic) add(nic.label);
  }
  return out;
}

void judge(const model::Node& node, const Networks& networks, const model::StaticRoute& route,
           Context& context) {
  const model::Ip& via = *route.via;
  if (route.via.at == 0 ||
      std::any_of(networks.begin(), networks.end(), [&](const auto* n) { return n->cidr->contains(via); }))
    return;
  Diagnostic& d = context.report(make(Code::next_hop_off_link, context.span(route.via.at), "no neighbour",
                                      "the next hop {} of route `{}` lies in no network of node `{}`",
                                      via.format(), route.name, node.name));
  for (const model::Network* n : networks)
    context.label(d, n->cidr.at, fmt::format("network `{}`: {}", n->name, n->cidr->format()));
  d.note("a router further away is reached through a neighbour, which is then the next hop");
}

}  // namespace

void node_routes(const model::Lab& lab, Context& context) {
  for (const model::Node& node : lab.nodes) {
    const Networks networks = networks_of(lab, node.machine);
    if (networks.empty()) continue;
    for (const model::NodeGroup& group : node.groups)
      for (const model::StaticRoute& route : group.route) judge(node, networks, route, context);
  }
}

}  // namespace lab::checks
