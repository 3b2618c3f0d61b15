// LAB0205: nobody has the first or the last address of a network (RFC 919 §7, RFC 4291 §2.6.1).
#include "compiler/checks/fixes.h"
#include "compiler/checks/rules.h"

namespace lab::checks {

void usable_addresses(const model::Lab& lab, Context& context) {
  const Addresses& all = context.addresses(lab);
  for (const Claim& claim : all.claims) {
    if (claim.role == Role::outside || claim.role == Role::peer) continue;
    const model::Network* network = lab.find(claim.network);
    if (network == nullptr) network = lab.network_of(claim.ip);
    if (network == nullptr || network->cidr.at == 0 || !network->cidr->contains(claim.ip) ||
        network->cidr->usable(claim.ip))
      continue;
    const bool v6 = claim.ip.family == types::Family::v6;
    const bool first = claim.ip == network->cidr->network();
    const std::string_view what = !first ? "the broadcast address"
                                  : v6   ? "the routers' anycast address"
                                         : "the network's own address";
    Diagnostic& d = context.report(make(Code::address_unusable, context.span(claim.at),
                                        fmt::format("{} of {}", what, network->cidr->format()),
                                        "{} claims {}, {} of network `{}`", claim.words(), claim.ip.format(),
                                        what, network->name));
    context.label(d, network->cidr.at,
                  fmt::format("network `{}`: {}", network->name, network->cidr->format()));
    if (const auto ip = free_address(all, *network, claim))
      offer_address(context, d, claim.at, *ip, &*network->cidr);
  }
}

}  // namespace lab::checks
