// LAB0208: a range of a network lies in it, and what hands out addresses hands out usable ones.
#include <algorithm>

#include "compiler/checks/fixes.h"
#include "compiler/checks/rules.h"

namespace lab::checks {

namespace {

/// The range without what lies outside of the network's usable addresses; nothing when none is left.
std::optional<model::IpRange> cut(const model::IpRange& range, const model::Cidr& cidr) {
  const model::Ip first = std::max(range.first, cidr.first_usable());
  const model::Ip last = std::min(range.last, cidr.last_usable());
  if (last < first) return std::nullopt;
  return model::IpRange{first, last};
}

std::string spelled_as(std::string_view text, const model::IpRange& range, const model::Cidr& cidr) {
  if (!types::HostRange::parse(text)) return types::IpRange::parse(text) ? range.format() : std::string{};
  const auto first = types::distance(cidr.network(), range.first);
  const auto last = types::distance(cidr.network(), range.last);
  if (!first || !last || *last > 0xffff) return {};
  return types::HostRange{{static_cast<std::uint16_t>(*first)}, {static_cast<std::uint16_t>(*last)}}.format();
}

void report(const model::IpRange& range, model::Origin at, const model::Network& network, std::string message,
            std::string label, Context& context) {
  Diagnostic& d = context.report(make(Code::range_unfit, context.span(at), std::move(label), "{}", message));
  context.label(d, network.cidr.at, fmt::format("network `{}`: {}", network.name, network.cidr->format()));
  const auto right = cut(range, *network.cidr);
  if (!right) return;
  const std::string text = spelled_as(context.editable_text(at), *right, *network.cidr);
  if (!text.empty())
    d.replace(context.span(at), text, fmt::format("write `{}`", text), Applicability::maybe);
  else
    d.help({fmt::format("{} fits", right->format()), Applicability::maybe, {}});
}

/// A pool may not give away the first and last address of a network that holds it.
void usable_ends(const Pool& pool, const model::Network& network, Context& context) {
  const model::Cidr& cidr = *network.cidr;
  const bool first = !cidr.usable(cidr.network()) && pool.range.contains(cidr.network());
  const bool last = !cidr.usable(cidr.broadcast()) && pool.range.contains(cidr.broadcast());
  if (!first && !last) return;
  const model::Ip ip = first ? cidr.network() : cidr.broadcast();
  report(
      pool.range, pool.at, network,
      fmt::format("{} hands out {}, which no machine can have", pool.words(), ip.format()),
      fmt::format("holds {}, {} address of the network", ip.format(), first ? "the first" : "the broadcast"),
      context);
}

}  // namespace

void ranges_in_network(const model::Lab& lab, Context& context) {
  for (const model::Network& n : lab.networks) {
    if (n.cidr.at == 0) continue;
    const auto within = [&](const model::IpRange& range, model::Origin at, std::string_view what) {
      if (at == 0 || n.cidr->contains(range)) return true;
      report(range, at, n,
             fmt::format("{} of network `{}` reaches outside of it: {}", what, n.name, range.format()),
             fmt::format("not within {}", n.cidr->format()), context);
      return false;
    };
    for (const auto& entry : n.range) within(entry.value, entry.at, fmt::format("range `{}`", entry.name));
    if (n.dhcp) within(*n.dhcp, n.dhcp.at, "the DHCP range");
  }
  for (const Pool& pool : context.addresses(lab).pools) {
    const model::Network* n = pool.dhcp() ? lab.find(pool.network) : lab.network_of(pool.range.first);
    if (n == nullptr || n->cidr.at == 0) continue;
    if (n->cidr->contains(pool.range)) {
      usable_ends(pool, *n, context);
    } else if (!pool.dhcp() && pool.l2) {
      report(
          pool.range, pool.at, *n,
          fmt::format("{} reaches outside of network `{}`: {}", pool.words(), n->name, pool.range.format()),
          fmt::format("not within {}", n->cidr->format()), context);
    }
  }
}

}  // namespace lab::checks
