// LAB0211: a hardware address has one owner, in the whole lab. LAB0212: and is that of one card.
//
// A VM's card without one gets a derived address, types::derived_mac, which takes part.
#include <algorithm>

#include "compiler/checks/rules.h"

namespace lab::checks {

namespace {

struct Card {
  model::Mac mac;
  model::Origin at = 0;           // the value, or the card of a derived one
  std::int64_t derived_from = 0;  // id of the VM; 0: said
  std::string owner;
};

std::vector<Card> cards_of(const model::Lab& lab) {
  std::vector<Card> out;
  const auto add = [&](const model::Opt<model::Mac>& mac, std::string_view kind, model::Text name) {
    if (mac) out.push_back({*mac, mac.at, 0, fmt::format("{} `{}`", kind, name)});
  };
  for (const model::Host& h : lab.hosts) {
    add(h.mac, "host", h.name);
    for (const model::HostNic& nic : h.nic) add(nic.mac, "host", h.name);
  }
  for (const model::Device& d : lab.devices) add(d.mac, "device", d.name);
  for (const model::Nas& n : lab.nases) add(n.mac, "nas", n.name);
  for (const model::Vm& vm : lab.vms)
    for (const model::VmNic& nic : vm.nic) {
      add(nic.mac, "vm", vm.name);
      if (nic.mac || vm.id.at == 0) continue;
      const model::Network* n = lab.find(nic.label);
      const std::int64_t vlan = n != nullptr && n->vlan ? *n->vlan : 0;
      out.push_back({types::derived_mac(static_cast<std::uint32_t>(*vm.id), static_cast<std::uint32_t>(vlan)),
                     nic.at, *vm.id, fmt::format("vm `{}`", vm.name)});
    }
  return out;
}

/// The same address with the bits of a locally administered card.
model::Mac unicast(model::Mac mac) {
  mac.bytes[0] = static_cast<std::uint8_t>((mac.bytes[0] & ~1U) | 2U);
  return mac;
}

void report_twice(const Card& a, const Card& b, Context& context) {
  const bool blame_b =
      (a.derived_from == 0) != (b.derived_from == 0) ? a.derived_from != 0 : context.before(a.at, b.at);
  const Card& wrong = blame_b ? b : a;
  const Card& first = blame_b ? a : b;
  Diagnostic& d = context.report(
      make(Code::mac_taken, context.span(wrong.at), fmt::format("{} has it too", wrong.owner),
           "{} and {} have the same hardware address {}", first.owner, wrong.owner, wrong.mac.format()));
  context.label(d, first.at,
                fmt::format("{} has {}{}", first.owner, first.mac.format(),
                            first.derived_from != 0 ? ", derived from its id and VLAN" : ""));
}

}  // namespace

void hardware_addresses(const model::Lab& lab, Context& context) {
  std::vector<Card> cards = cards_of(lab);
  for (const Card& card : cards) {
    if (card.derived_from != 0 || !card.mac.is_multicast()) continue;
    const std::string right = unicast(card.mac).format();
    Diagnostic& d =
        context.report(make(Code::mac_of_many, context.span(card.at), "the first byte is odd",
                            "{} of {} is an address of many cards", card.mac.format(), card.owner));
    d.note("a hardware address whose first byte is odd means a group (IEEE 802)");
    if (context.editable_text(card.at).empty())
      d.help({fmt::format("{} is one of a single card", right), Applicability::maybe, {}});
    else
      d.replace(context.span(card.at), right, fmt::format("write `{}`", right), Applicability::maybe);
  }
  std::stable_sort(cards.begin(), cards.end(), [](const Card& a, const Card& b) { return a.mac < b.mac; });
  for (std::size_t i = 1; i < cards.size(); ++i) {
    const Card& a = cards[i - 1];
    const Card& b = cards[i];
    const bool same_id = a.derived_from != 0 && a.derived_from == b.derived_from;  // LAB0213 says so
    if (a.mac == b.mac && !same_id) report_twice(a, b, context);
  }
}

}  // namespace lab::checks
