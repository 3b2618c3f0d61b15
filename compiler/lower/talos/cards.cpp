// Which network cards a node has.
#include "compiler/lower/talos/node.h"

namespace lab::lower::talos {

namespace {

Card card_of(const model::Lab& lab, const model::Vm& vm, const model::VmNic& nic) {
  Card card;
  card.network = lab.find(nic.label);
  card.address = nic.address.ip;
  card.at = nic.at;
  card.mac = nic.mac;
  if (!card.mac) {
    const auto vlan = card.network != nullptr && card.network->vlan ? *card.network->vlan : 0;
    const auto mac = types::derived_mac(static_cast<std::uint32_t>(*vm.id), static_cast<std::uint32_t>(vlan));
    card.mac = {true, mac, nic.at};
  }
  return card;
}

}  // namespace

std::vector<Card> cards_of(const model::Lab& lab, const model::AnyRef& machine) {
  std::vector<Card> cards;
  if (const model::Vm* vm = lab.as<model::Vm>(machine)) {
    for (const model::VmNic& nic : vm->nic) cards.push_back(card_of(lab, *vm, nic));
  } else if (const model::Host* host = lab.as<model::Host>(machine)) {
    cards.push_back({lab.find(*host->on), {true, *host->address, host->address.at}, host->mac, {}, host->at});
    for (const model::HostNic& nic : host->nic) {
      cards.push_back(
          {lab.find(nic.label), {true, *nic.address, nic.address.at}, nic.mac, nic.interface, nic.at});
    }
  }
  return cards;
}

}  // namespace lab::lower::talos
