// LAB0203: a fixed address is nowhere handed out to somebody else.
//
// Ranges may overlap as they like: the error is one claimed address that something else can give away.
#include <algorithm>

#include "compiler/checks/fixes.h"
#include "compiler/checks/rules.h"

namespace lab::checks {

namespace {

/// Who holds the address by right: a door of the pool's own cluster.
const Claim* holder(const Addresses& all, const Claim& claim, const Pool& pool) {
  const auto [low, high] = all.between(claim.ip, claim.ip);
  for (std::size_t i = low; i < high; ++i)
    if (may_take(all.claims[i], pool)) return &all.claims[i];
  return nullptr;
}

void report(const model::Lab& lab, const Addresses& all, const Claim& claim, const Pool& pool,
            Context& context) {
  Diagnostic& d = context.report(make(
      Code::address_in_pool, context.span(claim.at), fmt::format("the fixed address of {}", claim.words()),
      "{} claims {}, which {} hands out", claim.words(), claim.ip.format(), pool.words()));
  context.label(d, pool.at, fmt::format("{}: {}", pool.words(), pool.range.format()));
  if (const Claim* right = holder(all, claim, pool))
    context.label(d, right->at, fmt::format("{} holds it already", right->words()));
  if (claim.role == Role::gateway || claim.role == Role::router) {
    d.help({fmt::format("let the range leave out {}", claim.ip.format()), Applicability::maybe, {}});
    return;
  }
  const model::Network* network = lab.find(claim.network);
  if (network == nullptr) network = lab.network_of(claim.ip);
  if (network == nullptr) return;
  const auto own = std::find_if(all.pools.begin(), all.pools.end(),
                                [&](const Pool& p) { return may_take(claim, p) && !p.dhcp(); });
  const auto ip =
      own == all.pools.end() ? free_address(all, *network, claim) : free_address(all, own->range, claim.ip);
  if (ip) offer_address(context, d, claim.at, *ip, &*network->cidr);
}

}  // namespace

void pool_addresses(const model::Lab& lab, Context& context) {
  const Addresses& all = context.addresses(lab);
  std::vector<const Pool*> open;  // pools that began at or before the current address
  auto next = all.pools.begin();
  for (const Claim& claim : all.claims) {
    for (; next != all.pools.end() && next->range.first <= claim.ip; ++next) open.push_back(&*next);
    std::erase_if(open, [&](const Pool* p) { return p->range.last < claim.ip; });
    for (const Pool* pool : open)
      if (!may_take(claim, *pool)) {
        report(lab, all, claim, *pool, context);
        break;
      }
  }
}

}  // namespace lab::checks
