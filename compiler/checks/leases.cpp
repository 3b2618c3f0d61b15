// LAB0217: a lease named after a machine gives it the address that the machine says it has.
#include "compiler/checks/fixes.h"
#include "compiler/checks/rules.h"

namespace lab::checks {

namespace {

struct Machine {
  model::Opt<model::Ip> ip;
  model::Opt<model::Mac> mac;
  std::string_view kind;
};

template <class T>
bool find(const std::vector<T>& store, std::string_view name, const model::Lab& lab, Machine& out) {
  for (const T& machine : store) {
    if (machine.name != name) continue;
    out.ip = lab.ip_of(lab.any_of(machine));
    out.kind = T::kind;
    if constexpr (requires { machine.mac; }) out.mac = machine.mac;
    return true;
  }
  return false;
}

}  // namespace

void leases(const model::Lab& lab, Context& context) {
  for (const model::Router& router : lab.routers)
    for (const model::Lease& lease : router.lease) {
      Machine machine;
      if (lease.address.at == 0) continue;
      if (!find(lab.hosts, lease.name, lab, machine) && !find(lab.vms, lease.name, lab, machine) &&
          !find(lab.devices, lease.name, lab, machine) && !find(lab.nases, lease.name, lab, machine))
        continue;
      if (!machine.ip || *machine.ip == *lease.address) continue;
      Diagnostic& d =
          context.report(make(Code::lease_disagrees, context.span(lease.address.at),
                              fmt::format("router `{}` gives it {}", router.name, lease.address->format()),
                              "the lease of {} `{}` is not its address", machine.kind, lease.name));
      context.label(d, machine.ip.at,
                    fmt::format("{} `{}` says {}", machine.kind, lease.name, machine.ip->format()));
      const model::Network* n = lab.network_of(*machine.ip);
      const std::string text = with_address(context.editable_text(lease.address.at), *machine.ip,
                                            n == nullptr ? nullptr : &*n->cidr);
      if (!text.empty())
        d.replace(context.span(lease.address.at), text, fmt::format("write `{}`", text),
                  Applicability::maybe);
    }
}

}  // namespace lab::checks
