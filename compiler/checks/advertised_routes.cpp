// LAB0216: what an overlay network advertises leads to every door whose clients are in it.
//
// Clients of a door are its own `clients`, else those of the gateway it is behind.
#include <algorithm>

#include "compiler/checks/rules.h"

namespace lab::checks {

namespace {

/// A route as a range, with the words for it.
struct Route {
  model::IpRange range;
  model::Origin at = 0;
};

std::vector<Route> routes_of(const model::Lab& lab, const model::Vpn& vpn) {
  std::vector<Route> out;
  for (const model::VpnRouter& router : vpn.router)
    for (const model::Advertised& a : router.advertise) {
      if (a.range) out.push_back({*a.range, a.at});
      if (a.cidr) out.push_back({a.cidr->range(), a.at});
      if (const model::Network* n = lab.as<model::Network>(a.ref)) out.push_back({n->cidr->range(), a.at});
    }
  return out;
}

const model::Endpoint* names(const model::Lab& lab, const std::vector<model::Endpoint>& clients,
                             const model::Vpn& vpn) {
  const auto it = std::find_if(clients.begin(), clients.end(),
                               [&](const model::Endpoint& e) { return lab.as<model::Vpn>(e.ref) == &vpn; });
  return it == clients.end() ? nullptr : &*it;
}

class Judge {
 public:
  Judge(const model::Lab& lab, const model::Vpn& vpn, Context& context)
      : lab_(lab), vpn_(vpn), context_(context), routes_(routes_of(lab, vpn)) {}

  void door(const model::Opt<std::vector<model::Endpoint>>& clients, const model::Prop<model::Ip>& address,
            std::string who) const {
    if (!clients || address.at == 0) return;
    const model::Endpoint* client = names(lab_, *clients, vpn_);
    if (client == nullptr) return;
    if (std::any_of(routes_.begin(), routes_.end(),
                    [&](const Route& r) { return r.range.contains(*address); }))
      return;
    Diagnostic& d = context_.report(
        make(Code::route_misses_door, context_.span(client->at), "these clients have no route to it",
             "vpn `{}` has no route to {} at {}", vpn_.name, who, address->format()));
    for (const Route& r : routes_) context_.label(d, r.at, fmt::format("advertises {}", r.range.format()));
    context_.label(d, address.at, fmt::format("{} is at {}", who, address->format()));
    const model::Network* n = lab_.network_of(*address);
    d.help({n == nullptr ? fmt::format("advertise a range that holds {}", address->format())
                         : fmt::format("advertise `{}` or a range of it", n->name),
            Applicability::maybe,
            {}});
  }

 private:
  const model::Lab& lab_;
  const model::Vpn& vpn_;
  Context& context_;
  std::vector<Route> routes_;
};

template <class T>
void doors_of(const T& owner, const Judge& judge) {
  for (const model::Door& door : owner.expose)
    if (door.at_)
      judge.door(door.clients, {*door.at_, door.at_.at}, fmt::format("{} `{}`", T::kind, owner.name));
}

}  // namespace

void advertised_routes(const model::Lab& lab, Context& context) {
  for (const model::Vpn& vpn : lab.vpns) {
    if (vpn.router.empty()) continue;
    const Judge judge(lab, vpn, context);
    for (const model::Gateway& g : lab.gateways)
      judge.door(g.clients, g.address, fmt::format("gateway `{}`", g.name));
    for (const model::App& app : lab.apps) doors_of(app, judge);
    for (const model::Helm& helm : lab.helms) doors_of(helm, judge);
    // A door behind a gateway may have clients of its own.
    for (const model::DoorOf& door : lab.doors()) {
      const auto& clients = door.door != nullptr ? door.door->clients : door.expose->clients;
      const model::AnyRef via = door.door == nullptr ? *door.expose->via
                                : door.door->via     ? *door.door->via
                                                     : model::AnyRef{};
      const model::Gateway* gateway = lab.as<model::Gateway>(via);
      if (gateway != nullptr)
        judge.door(clients, gateway->address, fmt::format("gateway `{}`", gateway->name));
    }
  }
}

}  // namespace lab::checks
