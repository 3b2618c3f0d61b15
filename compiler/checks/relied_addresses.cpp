// LAB0215: an address that a record or a port forward relies on, and that a pool can give to anybody, is
// pinned by somebody.
#include "compiler/checks/rules.h"

namespace lab::checks {

namespace {

void judge(const Addresses& all, const model::Ip& ip, model::Origin at, std::string who, Context& context) {
  if (at == 0 || all.claimed(ip)) return;
  const Pool* pool = all.pool_of(ip);
  if (pool == nullptr) return;
  Diagnostic& d =
      context.report(make(Code::address_unpinned, context.span(at), "claimed by nobody",
                          "{} leads to {}, which {} can give to anybody", who, ip.format(), pool->words()));
  context.label(d, pool->at, fmt::format("{}: {}", pool->words(), pool->range.format()));
  d.help({"name the gateway, app or machine it is meant for, and give that this address",
          Applicability::maybe,
          {}});
}

}  // namespace

void relied_addresses(const model::Lab& lab, Context& context) {
  const Addresses& all = context.addresses(lab);
  for (const model::Record& record : lab.records) {
    const std::string who = fmt::format("record `{}`", record.name);
    if (record.target.ip) judge(all, *record.target.ip, record.target.ip.at, who, context);
    for (const auto& ip : record.target.ips) judge(all, *ip, ip.at, who, context);
  }
  for (const model::Router& router : lab.routers)
    for (const model::PortForward& forward : router.forward)
      if (forward.to.ip)
        judge(all, *forward.to.ip, forward.to.ip.at,
              fmt::format("port forward `{}` of router `{}`", forward.name, router.name), context);
  for (const model::Network& network : lab.networks)
    for (const model::NameServer& server : network.dns)
      if (server.ip)
        judge(all, *server.ip, server.ip.at, fmt::format("`dns` of network `{}`", network.name), context);
}

}  // namespace lab::checks
