// LAB0317: the host of a VM is a hypervisor. LAB0318: a bridge of it carries the network of each card.
#include <algorithm>

#include "compiler/checks/fixes.h"
#include "compiler/checks/rules.h"

namespace lab::checks {

namespace {

bool carries(const model::HostBridge& bridge, model::Ref<model::Network> network) {
  return std::any_of(bridge.trunk.begin(), bridge.trunk.end(), [&](const auto& n) { return *n == network; });
}

void card(const model::Lab& lab, const model::Vm& vm, const model::VmNic& nic, const model::Host& host,
          Context& context) {
  const model::Network* network = lab.find(nic.label);
  if (network == nullptr || host.bridge.empty()) return;
  const model::HostBridge* named = nullptr;
  if (nic.bridge)
    for (const model::HostBridge& b : host.bridge)
      if (b.name == nic.bridge->block) named = &b;
  const bool carried = named != nullptr ? carries(*named, nic.label)
                                        : std::any_of(host.bridge.begin(), host.bridge.end(),
                                                      [&](const auto& b) { return carries(b, nic.label); });
  if (carried) return;
  const model::HostBridge& bridge = named != nullptr ? *named : host.bridge.front();
  Diagnostic& d =
      context.report(make(Code::network_not_carried, context.span(named != nullptr ? nic.bridge.at : nic.at),
                          fmt::format("a card of vm `{}`", vm.name),
                          "no bridge of host `{}` carries network `{}`", host.name, network->name));
  if (named != nullptr)
    d.message = fmt::format("bridge `{}` of host `{}` does not carry network `{}`", named->name, host.name,
                            network->name);
  std::vector<std::string_view> trunk;
  for (const auto& n : bridge.trunk)
    if (const model::Network* known = lab.find(*n)) trunk.push_back(known->name);
  context.label(d, bridge.at,
                trunk.empty() ? fmt::format("bridge `{}` carries nothing", bridge.name)
                              : fmt::format("bridge `{}` carries {}", bridge.name, list_of(trunk)));
  d.help({fmt::format("add `{}` to the `trunk` of bridge `{}`", network->name, bridge.name),
          Applicability::maybe,
          {}});
}

}  // namespace

void vm_placement(const model::Lab& lab, Context& context) {
  for (const model::Vm& vm : lab.vms)
    for (const auto& on : vm.on) {
      const model::Host* host = lab.find(*on);
      if (host == nullptr) continue;
      if (!host->proxmox) {
        Diagnostic& d =
            context.report(make(Code::host_without_hypervisor, context.span(on.at), "no hypervisor",
                                "vm `{}` runs on host `{}`, which is no hypervisor", vm.name, host->name));
        context.label(d, host->at, fmt::format("host `{}` has no `proxmox`", host->name));
        d.help({"say how its API is reached: `proxmox { token = … }`", Applicability::placeholders, {}});
        continue;
      }
      for (const model::VmNic& nic : vm.nic) card(lab, vm, nic, *host, context);
    }
}

}  // namespace lab::checks
