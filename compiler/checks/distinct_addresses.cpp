// LAB0202: an address has one owner.
//
// A foreigner in a pool is the subject of `pool_addresses`, which names the holder too.
#include "compiler/checks/fixes.h"
#include "compiler/checks/rules.h"

namespace lab::checks {

namespace {

bool is_router(const Claim& c) {
  return c.role == Role::gateway || c.role == Role::router;
}

/// A router is the gateway of a network; a device may stand for the router; and a gateway may be written as
/// the address of the machine that is the router.
bool same_thing(const Claim& a, const Claim& b) {
  if (is_router(a) && is_router(b)) return true;
  if (is_router(a) || is_router(b)) {
    const Claim& other = is_router(a) ? b : a;
    return other.role == Role::device || a.at == b.at;
  }
  return false;
}

bool in_foreign_pool(const Addresses& all, const Claim& c) {
  const Pool* pool = all.pool_of(c.ip);
  return pool != nullptr && !may_take(c, *pool);
}

void report(const model::Lab& lab, const Addresses& all, const Claim& a, const Claim& b, Context& context) {
  const bool blame_b = is_router(a) || (!is_router(b) && !context.before(b.at, a.at));
  const Claim& wrong = blame_b ? b : a;
  const Claim& first = blame_b ? a : b;
  Diagnostic& d = context.report(
      make(Code::address_taken, context.span(wrong.at), fmt::format("{} claims it too", wrong.words()),
           "{} and {} both claim {}", first.words(), wrong.words(), wrong.ip.format()));
  context.label(d, first.at, fmt::format("{} claims {}", first.words(), first.ip.format()));
  const Pool* pool = all.pool_of(wrong.ip);
  const model::Network* network = lab.find(wrong.network);
  if (network == nullptr) network = lab.network_of(wrong.ip);
  const model::Cidr* prefix = network == nullptr ? nullptr : &*network->cidr;
  std::optional<model::Ip> ip;
  if (pool != nullptr && may_take(wrong, *pool))
    ip = free_address(all, pool->range, wrong.ip);
  else if (network != nullptr)
    ip = free_address(all, *network, wrong);
  if (ip) offer_address(context, d, wrong.at, *ip, prefix);
}

}  // namespace

void distinct_addresses(const model::Lab& lab, Context& context) {
  const Addresses& all = context.addresses(lab);
  for (std::size_t first = 0, end = 0; first < all.claims.size(); first = end) {
    while (end < all.claims.size() && all.claims[end].ip == all.claims[first].ip) ++end;
    for (std::size_t i = first + 1; i < end; ++i) {
      const Claim& claim = all.claims[i];
      if (in_foreign_pool(all, claim)) continue;
      for (std::size_t j = first; j < i; ++j) {
        if (in_foreign_pool(all, all.claims[j]) || same_thing(all.claims[j], claim)) continue;
        report(lab, all, all.claims[j], claim, context);
        break;
      }
    }
  }
}

}  // namespace lab::checks
