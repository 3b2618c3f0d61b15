// LAB0207: the address of a door is one that its cluster can give it.
#include "compiler/checks/fixes.h"
#include "compiler/checks/rules.h"

namespace lab::checks {

void door_pools(const model::Lab& lab, Context& context) {
  const Addresses& all = context.addresses(lab);
  for (const Claim& claim : all.claims) {
    if (claim.role != Role::door || !claim.cluster.valid()) continue;
    const Pool* first = nullptr;
    bool held = false;
    for (const Pool& pool : all.pools) {
      if (pool.dhcp() || pool.cluster != claim.cluster) continue;
      if (first == nullptr) first = &pool;
      held = held || pool.range.contains(claim.ip);
    }
    if (first == nullptr || held) continue;
    Diagnostic& d = context.report(make(
        Code::door_outside_pool, context.span(claim.at), fmt::format("{} is in no pool", claim.ip.format()),
        "{} asks for {}, which its cluster cannot give it", claim.words(), claim.ip.format()));
    context.label(d, first->at, fmt::format("{}: {}", first->words(), first->range.format()));
    const model::Network* network = lab.network_of(first->range.first);
    if (const auto ip = free_address(all, first->range, first->range.first))
      offer_address(context, d, claim.at, *ip, network == nullptr ? nullptr : &*network->cidr);
  }
}

}  // namespace lab::checks
