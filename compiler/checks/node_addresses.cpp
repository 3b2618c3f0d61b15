// LAB0529: of the networks that a kubelet takes its address from, one holds an address of the node.
#include <algorithm>
#include <vector>

#include "compiler/checks/fixes.h"
#include "compiler/checks/rules.h"
#include "compiler/model/node_facts.h"

namespace lab::checks {

namespace {

/// Fixed addresses of a machine; `all` stays true when none comes from DHCP.
std::vector<model::Ip> addresses_of(const model::Lab& lab, const model::AnyRef& machine, bool& all) {
  std::vector<model::Ip> out;
  all = true;
  if (const model::Vm* vm = lab.as<model::Vm>(machine)) {
    for (const model::VmNic& nic : vm->nic) {
      if (nic.address.ip)
        out.push_back(*nic.address.ip);
      else if (nic.address.reserved)
        out.push_back(*nic.address.reserved->address);
      else
        all = false;
    }
  } else if (const model::Host* host = lab.as<model::Host>(machine)) {
    out.push_back(*host->address);
    for (const model::HostNic& nic : host->nic) out.push_back(*nic.address);
  } else {
    all = false;
  }
  return out;
}

}  // namespace

void node_addresses(const model::Lab& lab, Context& context) {
  for (const model::Node& node : lab.nodes) {
    const auto wanted = model::facts_of(lab, node).node_ip;
    if (wanted.empty()) continue;
    bool all = true;
    const auto own = addresses_of(lab, node.machine, all);
    const bool found = std::any_of(wanted.begin(), wanted.end(), [&](const auto& cidr) {
      return std::any_of(own.begin(), own.end(), [&](const model::Ip& ip) { return cidr->contains(ip); });
    });
    if (found || !all || own.empty()) continue;
    Diagnostic& d = context.report(make(Code::node_ip_foreign, context.span(wanted.front().at),
                                        fmt::format("not an address of `{}`", node.name),
                                        "node `{}` has no address that its kubelet may take", node.name));
    context.label(d, node.ip.at, fmt::format("its address is {}", own.front().format()));
    d.note("in a `nodes` block `self.ip` is the address of each node");
  }
}

}  // namespace lab::checks
