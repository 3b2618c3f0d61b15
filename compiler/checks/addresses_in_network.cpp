// LAB0204: an address lies in the network it is said to be in.
#include <algorithm>

#include "compiler/checks/fixes.h"
#include "compiler/checks/rules.h"

namespace lab::checks {

namespace {

/// The address with the same host part in `network`, when it is free; else the next free one.
std::optional<model::Ip> moved(const model::Lab& lab, const Addresses& all, const model::Network& network,
                               const Claim& claim) {
  const model::Network* from = lab.network_of(claim.ip);
  const model::Ip base =
      from != nullptr ? from->cidr->network() : model::Cidr{claim.ip, network.cidr->length}.network();
  if (const auto offset = types::distance(base, claim.ip)) {
    const auto ip = network.cidr->host(*offset);
    if (ip && network.cidr->usable(*ip) && !all.claimed(*ip) && all.pool_of(*ip) == nullptr) return *ip;
  }
  return free_address(all, network, claim);
}

void outside(const model::Lab& lab, const Addresses& all, const Claim& claim, const model::Network& network,
             Context& context) {
  Diagnostic& d = context.report(make(
      Code::address_outside_network, context.span(claim.at), fmt::format("not in {}", network.cidr->format()),
      "{} is in network `{}`, its address {} is not", claim.words(), network.name, claim.ip.format()));
  if (claim.role == Role::gateway)
    d.message = fmt::format("{} lies outside it: {}", claim.words(), claim.ip.format());
  context.label(d, network.cidr.at, fmt::format("network `{}`: {}", network.name, network.cidr->format()));
  if (claim.role == Role::gateway) return;
  if (const auto ip = moved(lab, all, network, claim))
    offer_address(context, d, claim.at, *ip, &*network.cidr);
}

/// Networks that the nodes of a cluster have their addresses in.
std::vector<const model::Network*> networks_of(const model::Lab& lab, model::Ref<model::Cluster> cluster,
                                               bool control_plane) {
  std::vector<const model::Network*> out;
  for (const model::Node* node : lab.nodes_of(cluster)) {
    if (!node->ip || (control_plane && !node->control_plane)) continue;
    const model::Network* n = lab.network_of(*node->ip);
    if (n != nullptr && std::find(out.begin(), out.end(), n) == out.end()) out.push_back(n);
  }
  return out;
}

/// A VIP, and a door without a pool, is answered for on the nodes' own network.
void off_link(const model::Lab& lab, const Addresses& all, const Claim& claim, Context& context) {
  const auto networks = networks_of(lab, claim.cluster, claim.role == Role::vip);
  if (networks.empty()) return;
  for (const model::Network* n : networks)
    if (n->cidr->contains(claim.ip)) return;
  const model::Network& first = *networks.front();
  Diagnostic& d = context.report(
      make(Code::address_outside_network, context.span(claim.at), "no node is in a network with it",
           "{} has the address {}, which no network of its nodes holds", claim.words(), claim.ip.format()));
  context.label(d, first.cidr.at,
                fmt::format("network `{}` of the nodes: {}", first.name, first.cidr->format()));
  if (const auto ip = free_address(all, first, claim)) offer_address(context, d, claim.at, *ip, &*first.cidr);
}

void not_outside(const Claim& claim, const model::Network& network, Context& context) {
  Diagnostic& d = context.report(make(
      Code::address_outside_network, context.span(claim.at), fmt::format("in network `{}`", network.name),
      "`at` is for addresses outside every network, {} has {}", claim.words(), claim.ip.format()));
  context.label(d, network.cidr.at, fmt::format("network `{}`: {}", network.name, network.cidr->format()));
  d.help({fmt::format("write `{} {} on {}` and `address = {}`", claim.kind, claim.name, network.name,
                      claim.ip.format()),
          Applicability::maybe,
          {}});
}

void peers(const model::Lab& lab, Context& context) {
  for (const model::Vpn& vpn : lab.vpns)
    for (const model::VpnPeer& peer : vpn.peer) {
      if (!peer.address || vpn.cidr.at == 0 || vpn.cidr->contains(*peer.address)) continue;
      Diagnostic& d =
          context.report(make(Code::address_outside_network, context.span(peer.address.at),
                              fmt::format("not in {}", vpn.cidr->format()),
                              "peer `{}` of vpn `{}` has the address {}, which the vpn does not hold",
                              peer.name, vpn.name, peer.address->format()));
      context.label(d, vpn.cidr.at, fmt::format("vpn `{}`: {}", vpn.name, vpn.cidr->format()));
    }
}

}  // namespace

void addresses_in_network(const model::Lab& lab, Context& context) {
  const Addresses& all = context.addresses(lab);
  for (const Claim& claim : all.claims) {
    if (const model::Network* network = lab.find(claim.network)) {
      if (network->cidr.at != 0 && !network->cidr->contains(claim.ip))
        outside(lab, all, claim, *network, context);
    } else if (claim.role == Role::vip) {
      off_link(lab, all, claim, context);
    } else if (claim.role == Role::door) {
      const bool pooled = std::any_of(all.pools.begin(), all.pools.end(),
                                      [&](const Pool& p) { return !p.dhcp() && p.cluster == claim.cluster; });
      if (claim.cluster.valid() && !pooled) off_link(lab, all, claim, context);
    } else if (claim.role == Role::outside && claim.kind != model::Server::kind) {
      if (const model::Network* inside = lab.network_of(claim.ip)) not_outside(claim, *inside, context);
    }
  }
  peers(lab, context);
}

}  // namespace lab::checks
