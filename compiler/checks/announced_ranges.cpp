// LAB0209: addresses announced by ARP or NDP lie in a network that a node has a card in.
#include <algorithm>

#include "compiler/checks/fixes.h"
#include "compiler/checks/rules.h"

namespace lab::checks {

namespace {

template <class Visit>
void addresses_of_node(const model::Lab& lab, const model::Node& node, Visit visit) {
  if (const model::Vm* vm = lab.as<model::Vm>(node.machine)) {
    for (const model::VmNic& nic : vm->nic) visit(lab.find(nic.label));
  } else if (const model::Host* host = lab.as<model::Host>(node.machine)) {
    visit(lab.find(*host->on));
    for (const model::HostNic& nic : host->nic) visit(lab.find(nic.label));
  }
}

}  // namespace

void announced_ranges(const model::Lab& lab, Context& context) {
  for (const Pool& pool : context.addresses(lab).pools) {
    if (pool.dhcp() || !pool.l2) continue;
    std::vector<const model::Network*> networks;
    bool reached = false;
    for (const model::Node* node : lab.nodes_of(pool.cluster))
      addresses_of_node(lab, *node, [&](const model::Network* n) {
        if (n == nullptr || n->cidr.at == 0) return;
        reached = reached || n->cidr->contains(pool.range.first);
        if (std::find(networks.begin(), networks.end(), n) == networks.end()) networks.push_back(n);
      });
    if (reached || networks.empty()) continue;
    Diagnostic& d = context.report(make(
        Code::pool_off_link, context.span(pool.at), "nobody hears the announcement",
        "{} is announced on the nodes' network, which does not hold {}", pool.words(), pool.range.format()));
    for (const model::Network* n : networks)
      context.label(d, n->cidr.at, fmt::format("nodes are in network `{}`: {}", n->name, n->cidr->format()));
    d.help({"take a range of that network, or announce with `bgp`", Applicability::maybe, {}});
  }
}

}  // namespace lab::checks
