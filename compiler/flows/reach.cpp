#include "compiler/flows/reach.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/flows/places.h"

namespace lab::flows {

namespace {

using Trail = std::vector<Hop>;
using Ports = std::vector<PortSpec>;

std::string listed(const Ports& ports) {
  std::string out;
  for (const PortSpec& p : ports) out += fmt::format("{}{}", out.empty() ? "" : ", ", p.format());
  return out.empty() ? "any port" : out;
}

class Walker {
 public:
  explicit Walker(const World& world) : w_(world), lab_(world.lab), doors_(world.lab.doors()) {}

  /// Whether `from` reaches `to` at one of `ports`; the trail says how far it goes.
  bool go(const Place& from, const Place& to, const Ports& ports, Trail& trail) {
    if (from.kind == Place::Kind::pods) return leave_cluster(from, to, ports, trail);
    if (to.kind == Place::Kind::pods) return enter_cluster(from, to, ports, trail);
    return arrive(from, to, ports, trail);
  }

  /// Whether `from` comes through a door.
  bool pass(const Place& from, const model::DoorOf& door, const Ports& ports, Trail& trail) {
    const std::vector<World::Backend> served = w_.served(door);
    if (door.door != nullptr && door.door->at_) {
      Ports open;
      for (const World::Backend& b : served) open.push_back(b.port);
      return arrive(from, at_door(door), open, trail) && admit(door, served, ports, trail);
    }
    const bool top = door.expose != nullptr;
    const model::AnyRef via = top ? *door.expose->via : door.door->via ? *door.door->via : model::AnyRef{};
    const Origin at = top ? door.expose->at : door.door->at;
    door_ = at;
    if (const auto* tunnel = lab_.as<model::Tunnel>(via)) {
      if (!outside(from, trail)) return false;
      trail.push_back(
          {fmt::format("the tunnel {} leads {} to {}", tunnel->name, door.fqdn, door.owner_name), at});
      return through_tunnel(*tunnel, served, ports, trail);
    }
    const auto* gateway = lab_.as<model::Gateway>(via);
    if (gateway == nullptr) return false;
    Place front;
    for (Place& p : gateway_place(*gateway)) front = std::move(p);
    if (!go(from, front, front.ports, trail)) return false;
    trail.push_back({fmt::format("{} leads {} to {}", front.shown, door.fqdn, door.owner_name), at});
    return behind_gateway(*gateway, door, served, ports, trail);
  }

 private:
  // ---- policy

  /// Whether the policies let one of the ports pass; says by which rules, or what refuses.
  bool policy(const Identity& from, const Identity& to, const Ports& ports, Trail& trail) {
    if (!w_.enforced) {
      trail.push_back(
          {fmt::format("no policy stands between {} and {}: the network of the cluster enforces none",
                       from.name, to.name),
           0});
      return true;
    }
    const Verdict v = w_.verdict(from, to);
    // Messages of ICMP are no ports: they pass where everything passes.
    const bool icmp = !ports.empty() && PortSet::of(ports).empty();
    const PortSet wanted = icmp ? PortSet::all() : PortSet::of(ports);
    PortSet open = v.ports;
    open.keep(wanted);
    if (icmp ? open == wanted : !open.empty()) {
      explain(v.egress, from, to, open, true, trail);
      explain(v.ingress, to, from, open, false, trail);
      return true;
    }
    PortSet out = v.egress.ports;
    out.keep(wanted);
    if (out.empty())
      refuse(v.egress, from, to, true, trail);
    else
      refuse(v.ingress, to, from, false, trail);
    return false;
  }

  void explain(const Direction& d, const Identity& subject, const Identity& other, const PortSet& wanted,
               bool egress, Trail& trail) {
    if (subject.kind != Peer::Kind::pods) return;
    if (!d.selected) {
      trail.push_back(
          {fmt::format("no policy limits what {} {}", subject.name, egress ? "speaks to" : "hears"), 0});
      return;
    }
    const Flow* why = nullptr;
    for (const Rule* rule : d.allowing) {
      if (!PortSet::of(rule->ports).overlaps(wanted)) continue;
      for (const Flow* f : rule->flows) {
        if (!matches(egress ? f->to : f->from, other) || !PortSet::of(f->ports).overlaps(wanted)) continue;
        if (why == nullptr || f->at == door_) why = f;
      }
    }
    if (why != nullptr) {
      trail.push_back(
          {fmt::format("{} of {} is allowed: {}", egress ? "egress" : "ingress", subject.name, why->what),
           why->at});
      return;
    }
    trail.push_back({fmt::format("the node of {} reaches it for its probes", subject.name), 0});
  }

  void refuse(const Direction& d, const Identity& subject, const Identity& other, bool egress, Trail& trail) {
    if (!d.denying.empty()) {
      const Flow& first = *d.denying.front()->flows.front();
      trail.push_back({fmt::format("denied: {}", first.what), first.at});
      return;
    }
    const Origin at = subject.pods ? w_.pods[*subject.pods].at : 0;
    trail.push_back({fmt::format("nothing allows {} to {} {} there", subject.name,
                                 egress ? "speak to" : "hear", other.name),
                     at});
  }

  // ---- identities of places

  Identity identity(const Place& p) const {
    switch (p.kind) {
      case Place::Kind::pods:
        return p.pods;
      case Place::Kind::internet:
        return w_.internet(p.host);
      case Place::Kind::gateway:
        return identity(*p.gateway);
      default:
        break;
    }
    if (p.node == nullptr) return w_.identity(p.ip);
    return World::identity(p.node->control_plane ? Entity::kube_apiserver : Entity::remote_node);
  }

  Identity identity(const model::Gateway& gateway) const {
    if (gateway.class_.cilium || !gateway.in) return World::identity(Entity::ingress);
    const auto pods = w_.pods_of(lab_.any_of(gateway));
    return pods.empty() ? World::identity(Entity::ingress) : w_.identity(pods.front());
  }

  std::vector<Place> gateway_place(const model::Gateway& gateway) const {
    model::Endpoint e;
    e.ref = lab_.any_of(gateway);
    return places(w_, e);
  }

  Place at_door(const model::DoorOf& door) const {
    Place p;
    p.kind = Place::Kind::address;
    p.ip = *door.door->at_;
    p.network = lab_.network_of(p.ip);
    p.shown = fmt::format("the door of {} at {}", door.owner_name, p.ip.format());
    p.at = door.door->at_.at;
    return p;
  }

  // ---- from pods

  bool leave_cluster(const Place& from, const Place& to, const Ports& ports, Trail& trail) {
    if (to.kind != Place::Kind::pods) {
      const Ports there = to.gateway == nullptr ? ports : w_.gateway(*to.gateway).ports;
      if (!policy(from.pods, identity(to), there, trail)) return false;
      if (to.gateway != nullptr || to.node != nullptr) return true;
      for (const model::Node* node : lab_.nodes_of(w_.cluster)) {
        if (!node->ip) continue;
        Place start;
        start.kind = Place::Kind::address;
        start.shown = fmt::format("node {}", node->name);
        start.ip = *node->ip;
        start.network = lab_.network_of(start.ip);
        start.node = node;
        return arrive(start, to, ports, trail);  // masqueraded
      }
      return false;
    }
    Trail direct;
    if (policy(from.pods, to.pods, ports, direct)) {
      trail.insert(trail.end(), direct.begin(), direct.end());
      return true;
    }
    for (const model::DoorOf& door : doors_of(to, ports)) {
      const model::AnyRef via = door.expose != nullptr ? *door.expose->via
                                : door.door->via       ? *door.door->via
                                                       : model::AnyRef{};
      if (lab_.as<model::Gateway>(via) == nullptr) continue;
      Trail around;
      if (!pass(from, door, ports, around)) continue;
      trail.insert(trail.end(), around.begin(), around.end());
      return true;
    }
    trail.insert(trail.end(), direct.begin(), direct.end());
    return false;
  }

  /// Doors that lead to pods at one of the ports.
  std::vector<model::DoorOf> doors_of(const Place& to, const Ports& ports) const {
    std::vector<model::DoorOf> out;
    for (const model::DoorOf& door : doors_)
      for (const World::Backend& b : w_.served(door))
        if (to.pods.pods && b.pods == *to.pods.pods && meet({b.port}, ports)) {
          out.push_back(door);
          break;
        }
    return out;
  }

  // ---- to pods

  bool enter_cluster(const Place& from, const Place& to, const Ports& ports, Trail& trail) {
    if (from.node != nullptr && from.node->cluster == w_.cluster)
      return policy(identity(from), to.pods, ports, trail);
    Trail nearest;
    for (const model::DoorOf& door : doors_of(to, ports)) {
      Trail one;
      if (pass(from, door, ports, one)) {
        trail.insert(trail.end(), one.begin(), one.end());
        return true;
      }
      if (one.size() > nearest.size()) nearest = std::move(one);
    }
    if (nearest.empty())
      nearest.push_back({fmt::format("no door leads to {} at {}", to.shown, listed(ports)), to.at});
    trail.insert(trail.end(), nearest.begin(), nearest.end());
    return false;
  }

  bool admit(const model::DoorOf& door, const std::vector<World::Backend>& served, const Ports& ports,
             Trail& trail) {
    for (const World::Backend& b : served) {
      if (!meet({b.port}, ports)) continue;
      trail.push_back(
          {fmt::format("{} is {} at {}", door.door->at_->format(), w_.pods[b.pods].name, b.port.format()),
           door.door->at_.at});
      return policy(World::identity(Entity::world), w_.identity(b.pods), {b.port}, trail);
    }
    return false;
  }

  bool behind_gateway(const model::Gateway& gateway, const model::DoorOf& door,
                      const std::vector<World::Backend>& served, const Ports& ports, Trail& trail) {
    const Identity front = identity(gateway);
    const std::vector<World::Backend> backends = w_.backends(door);
    for (const World::Backend& b : served) {
      if (!meet({b.port}, ports)) continue;
      const bool signs = std::none_of(backends.begin(), backends.end(), [&](const World::Backend& x) {
        return x.pods == b.pods && x.port == b.port;
      });
      if (!signs) return policy(front, w_.identity(b.pods), {b.port}, trail);
      for (const World::Backend& outpost : backends) {
        if (!policy(front, w_.identity(outpost.pods), {outpost.port}, trail)) return false;
        trail.push_back({fmt::format("{} signs people in and passes them on", w_.pods[outpost.pods].name),
                         door.door != nullptr && door.door->auth ? door.door->auth.at : 0});
        return policy(w_.identity(outpost.pods), w_.identity(b.pods), {b.port}, trail);
      }
    }
    const model::DevicePort* port = door.device_port;
    if (port == nullptr || door.expose == nullptr) return false;
    trail.push_back({fmt::format("behind it is {}", port->name), port->at});
    return meet({*port->number}, ports);
  }

  /// The connectors of a tunnel are the chart that has its credentials.
  bool through_tunnel(const model::Tunnel& tunnel, const std::vector<World::Backend>& served,
                      const Ports& ports, Trail& trail) {
    for (const model::Helm& helm : lab_.helms) {
      const bool carries =
          *helm.in == *tunnel.in && std::any_of(helm.secrets.begin(), helm.secrets.end(),
                                                [&](const auto& s) { return *s == *tunnel.credentials; });
      if (!carries) continue;
      for (const std::size_t connector : w_.pods_of(lab_.any_of(helm)))
        for (const World::Backend& b : served)
          if (meet({b.port}, ports))
            return policy(w_.identity(connector), w_.identity(b.pods), {b.port}, trail);
    }
    trail.push_back({fmt::format("nothing of the lab connects the tunnel {}", tunnel.name), tunnel.at});
    return false;
  }

  // ---- over networks

  /// Whether a place reaches the internet: it is there, or goes out.
  bool outside(const Place& from, Trail& trail) {
    if (from.kind == Place::Kind::internet) return true;
    Place there;
    there.kind = Place::Kind::internet;
    there.shown = "internet";
    there.ip = w_.internet().address;
    return go(from, there, {}, trail);
  }

  bool arrive(const Place& from, const Place& to, const Ports& ports, Trail& trail) {
    if (from.kind == Place::Kind::overlay) return over(*from.vpn, from, to, ports, trail);
    if (to.kind == Place::Kind::overlay) {
      trail.push_back({fmt::format("nothing leads from {} into {}", from.shown, to.shown), to.at});
      return false;
    }
    if (from.kind == Place::Kind::internet) return come_in(from, to, ports, trail);
    const model::Network *here = from.network, *there = to.network;
    if (to.kind == Place::Kind::internet || there == nullptr) return go_out(from, to, ports, trail);
    if (here == there) {
      trail.push_back(
          {fmt::format("{} and {} are in network {}", from.shown, to.shown, there->name), there->at});
      return true;
    }
    if (here == nullptr) {
      trail.push_back({fmt::format("{} is in no network of the lab", from.shown), from.at});
      return false;
    }
    const model::Router* joins = nullptr;
    for (const model::Router& router : lab_.routers)
      if (leg(router, *here) && leg(router, *there)) joins = &router;
    if (joins == nullptr) {
      trail.push_back(
          {fmt::format("no router joins network {} and network {}", here->name, there->name), there->at});
      return false;
    }
    return route(*joins, from, to, ports, trail);
  }

  bool leg(const model::Router& router, const model::Network& network) const {
    return std::any_of(router.on.begin(), router.on.end(),
                       [&](const auto& ref) { return lab_.find(*ref) == &network; });
  }

  template <class Rule>
  bool speaks_of(const Rule& rule, const Place& from, const Place& to, const Ports& ports) const {
    Ports own;
    for (const auto& p : rule.ports) own.push_back(*p);
    const auto any = [&](const std::vector<model::Endpoint>& ends, const Place& place, const Ports& at) {
      return std::any_of(ends.begin(), ends.end(),
                         [&](const model::Endpoint& e) { return means(w_, e, place, at); });
    };
    return meet(own, ports) && any(rule.from, from, {}) && any(rule.to, to, ports);
  }

  bool denied(const Place& from, const Place& to, const Ports& ports, Trail& trail) const {
    for (const model::Deny& rule : lab_.denies) {
      if (!speaks_of(rule, from, to, ports)) continue;
      Ports own;
      for (const auto& p : rule.ports) own.push_back(*p);
      if (!own.empty() && !PortSet::of(own).contains(PortSet::of(ports)))
        continue;  // something passes beside it
      trail.push_back(
          {rule.name.empty() ? "a rule denies it" : fmt::format("denied by `{}`", rule.name), rule.at});
      return true;
    }
    return false;
  }

  bool route(const model::Router& router, const Place& from, const Place& to, const Ports& ports,
             Trail& trail) {
    if (denied(from, to, ports, trail)) return false;
    for (const model::Allow& rule : lab_.allows)
      if (speaks_of(rule, from, to, ports)) {
        trail.push_back({fmt::format("router {} passes it: `allow {}`", router.name, rule.name), rule.at});
        return true;
      }
    if (derived(router, from, to, ports, trail)) return true;
    if (*router.default_ == "allow") {
      trail.push_back(
          {fmt::format("router {} passes what no rule is about", router.name), router.default_.at});
      return true;
    }
    trail.push_back(
        {fmt::format("router {} refuses what nothing allows: {} to {}", router.name, from.shown, to.shown),
         router.default_.at});
    return false;
  }

  /// What a router has to pass although nobody wrote a rule: names, NFS, nodes among each other, clients of
  /// doors, calls of pods.
  bool derived(const model::Router& router, const Place& from, const Place& to, const Ports& ports,
               Trail& trail) const {
    constexpr auto both =
        static_cast<std::uint8_t>(types::Protocol::tcp) | static_cast<std::uint8_t>(types::Protocol::udp);
    const auto pass = [&](std::string why, Origin at) {
      trail.push_back({fmt::format("router {} passes {}", router.name, why), at});
      return true;
    };
    if (meet(ports, {{both, 53, 53}}))
      for (const model::NameServer& s : from.network->dns) {
        const auto ip = s.ip ? s.ip : lab_.ip_of(s.ref);
        if (ip && *ip == to.ip)
          return pass(fmt::format("questions of network {} for names", from.network->name), s.at);
      }
    if (from.node != nullptr && to.node != nullptr && from.node->cluster == to.node->cluster)
      return pass("what nodes of a cluster say to each other", lab_.get(from.node->cluster).at);
    if (from.node != nullptr && nfs(to) &&
        meet(ports, {{static_cast<std::uint8_t>(types::Protocol::tcp), 2049, 2049}}))
      return pass("NFS of mounts", to.at);
    if (to.gateway != nullptr && meet(ports, to.ports))
      if (const model::Endpoint* client = client_of(to.gateway->clients, from))
        return pass(fmt::format("clients of {}", to.shown), client->at);
    for (const model::DoorOf& door : doors_) {
      if (door.door == nullptr || !door.door->at_ || *door.door->at_ != to.ip) continue;
      Ports open;
      for (const World::Backend& b : w_.served(door)) open.push_back(b.port);
      if (!meet(ports, open)) continue;
      if (const model::Endpoint* client = client_of(door.door->clients, from))
        return pass(fmt::format("clients of {}", to.shown), client->at);
    }
    if (from.node != nullptr && to.node == nullptr)
      for (const Flow& f : w_.flows)
        if (f.from.kind == Peer::Kind::pods && !f.deny() && f.to.kind == Peer::Kind::prefix &&
            f.to.prefix.length > 0 && f.to.prefix.contains(to.ip) && meet(f.ports, ports))
          return pass(f.what, f.at);
    return false;
  }

  const model::Endpoint* client_of(const model::Opt<model::List<model::Endpoint>>& clients,
                                   const Place& from) const {
    if (clients)
      for (const model::Endpoint& e : *clients)
        if (means(w_, e, from, {})) return &e;
    return nullptr;
  }

  bool nfs(const Place& to) const {
    return std::any_of(lab_.nases.begin(), lab_.nases.end(), [&](const model::Nas& nas) {
      const auto ip = lab_.ip_of(lab_.any_of(nas));
      return !nas.export_.empty() && ip && *ip == to.ip;
    });
  }

  /// Out of the house: whoever has a way out takes it, unless a rule forbids.
  bool go_out(const Place& from, const Place& to, const Ports& ports, Trail& trail) {
    if (denied(from, to, ports, trail)) return false;
    const model::Network* here = from.network;
    const bool way = here != nullptr &&
                     (here->gateway || std::any_of(lab_.routers.begin(), lab_.routers.end(),
                                                   [&](const model::Router& r) { return leg(r, *here); }));
    if (!way) {
      trail.push_back({fmt::format("{} has no way to the internet", from.shown), from.at});
      return false;
    }
    trail.push_back({fmt::format("network {} has a way to the internet", here->name),
                     here->gateway ? here->gateway.at : here->at});
    return true;
  }

  /// From the internet: what a router forwards, and what is out there itself.
  bool come_in(const Place& from, const Place& to, const Ports& ports, Trail& trail) {
    if (to.kind == Place::Kind::internet) return true;
    if (to.network == nullptr) return come_to_server(from, to, ports, trail);
    if (denied(from, to, ports, trail)) return false;
    for (const model::Router& router : lab_.routers)
      for (const model::PortForward& f : router.forward) {
        Ports outer;
        if (f.from) outer.push_back(*f.from);
        if (!means(w_, f.to, to, ports) || !meet(outer, ports)) continue;
        const bool admitted = f.clients.empty() ||
                              std::any_of(f.clients.begin(), f.clients.end(),
                                          [&](const model::Endpoint& e) { return means(w_, e, from, {}); });
        if (!admitted) continue;
        trail.push_back({fmt::format("router {} forwards `{}` to {}", router.name, f.name, to.shown), f.at});
        return true;
      }
    const model::Router* edge = nullptr;
    for (const model::Router& router : lab_.routers)
      if (leg(router, *to.network)) edge = &router;
    if (edge == nullptr)
      trail.push_back(
          {fmt::format("no router forwards anything from the internet to network {}", to.network->name),
           to.network->at});
    else
      trail.push_back(
          {fmt::format("router {} forwards nothing from the internet to {}", edge->name, to.shown),
           edge->at});
    return false;
  }

  bool come_to_server(const Place& from, const Place& to, const Ports& ports, Trail& trail) {
    const bool ours = std::any_of(lab_.servers.begin(), lab_.servers.end(),
                                  [&](const model::Server& s) { return *s.at_ == to.ip; });
    if (denied(from, to, ports, trail)) return false;
    if (!ours) {
      trail.push_back({fmt::format("{} is in the internet itself", to.shown), to.at});
      return true;
    }
    for (const model::Allow& rule : lab_.allows)
      if (speaks_of(rule, from, to, ports)) {
        trail.push_back(
            {fmt::format("the firewall of {} passes it: `allow {}`", to.shown, rule.name), rule.at});
        return true;
      }
    trail.push_back({fmt::format("the firewall of {} refuses what nothing allows", to.shown), to.at});
    return false;
  }

  /// From an overlay: machines that are in it, and what its routers lead to.
  bool over(const model::Vpn& vpn, const Place& from, const Place& to, const Ports& ports, Trail& trail) {
    for (const model::VpnPeer& peer : vpn.peer)
      if (peer.machine)
        if (const auto ip = lab_.ip_of(*peer.machine); ip && *ip == to.ip) {
          trail.push_back({fmt::format("{} is a member of {}", to.shown, vpn.name), peer.at});
          return true;
        }
    for (const model::VpnRouter& router : vpn.router) {
      const bool leads =
          to.kind == Place::Kind::internet ? router.exit_node.value : advertises(router, to.ip);
      if (!leads) continue;
      trail.push_back(
          {fmt::format("{} of {} leads to {}", router.name, vpn.name,
                       to.kind == Place::Kind::internet ? std::string("the internet") : to.ip.format()),
           router.at});
      if (router.node) return from_machine(*router.node, to, ports, trail);
      for (std::size_t i = 0; i < w_.pods.size(); ++i)
        if (routes(w_.pods[i], vpn, router)) return from_router(i, to, ports, trail);
      return false;
    }
    trail.push_back({fmt::format("no router of {} leads to {}", from.shown, to.shown), vpn.at});
    return false;
  }

  bool from_machine(const model::AnyRef& machine, const Place& to, const Ports& ports, Trail& trail) {
    model::Endpoint e;
    e.ref = machine;
    for (const Place& start : places(w_, e)) return arrive(start, to, ports, trail);
    return false;
  }

  /// The routers' pods speak for the members; an address of a door is what stands behind it.
  bool from_router(std::size_t i, const Place& to, const Ports& ports, Trail& trail) {
    Place start;
    start.shown = w_.pods[i].name;
    start.pods = w_.identity(i);
    for (const model::DoorOf& door : doors_)
      if (door.door != nullptr && door.door->at_ && *door.door->at_ == to.ip)
        for (const World::Backend& b : w_.served(door))
          if (meet({b.port}, ports)) return policy(start.pods, w_.identity(b.pods), {b.port}, trail);
    return leave_cluster(start, to, ports, trail);
  }

  bool advertises(const model::VpnRouter& router, const Ip& ip) const {
    return std::any_of(router.advertise.begin(), router.advertise.end(), [&](const model::Advertised& a) {
      if (a.range) return a.range->contains(ip);
      if (a.cidr) return a.cidr->contains(ip);
      const auto* network = lab_.as<model::Network>(a.ref);
      return network != nullptr && network->cidr->contains(ip);
    });
  }

  bool routes(const Pods& p, const model::Vpn& vpn, const model::VpnRouter& router) const {
    const auto* helm = lab_.as<model::Helm>(p.ref);
    if (helm == nullptr || p.block != router.name) return false;
    return std::any_of(helm->workload.begin(), helm->workload.end(), [&](const model::HelmWorkload& w) {
      return w.name == p.block && w.routes && lab_.find(*w.routes) == &vpn;
    });
  }

  const World& w_;
  const model::Lab& lab_;
  std::vector<model::DoorOf> doors_;
  Origin door_ = 0;  // the one that is passed: of several reasons, it is the one to name
};

std::string shown(const std::vector<Place>& places) {
  std::string out;
  for (std::size_t i = 0; i < places.size() && i < 3; ++i)
    out += fmt::format("{}{}", out.empty() ? "" : ", ", places[i].shown);
  if (places.size() > 3) out += fmt::format(" and {} more", places.size() - 3);
  return out;
}

}  // namespace

model::Endpoint the_internet() {
  model::Endpoint e;
  e.tag = "internet";
  return e;
}

Answer reach(const World& world, const std::vector<model::Endpoint>& from,
             const std::vector<model::Endpoint>& to, const std::optional<PortSpec>& port) {
  Answer out;
  std::vector<Place> starts, ends;
  for (const model::Endpoint& e : from)
    for (Place& p : places(world, e)) starts.push_back(std::move(p));
  for (const model::Endpoint& e : to)
    for (Place& p : places(world, e)) ends.push_back(std::move(p));
  if (starts.empty() || ends.empty()) {
    out.verdict = Answer::Verdict::unknown;
    out.said = fmt::format("the lab does not say what {} is made of: declare its workloads",
                           starts.empty() ? "the first end" : "the second end");
    return out;
  }
  Walker walker(world);
  std::vector<Hop> furthest;
  const Place *last_from = nullptr, *last_to = nullptr;
  for (const Place& start : starts)
    for (const Place& end : ends) {
      if (start.kind == Place::Kind::pods && end.kind == Place::Kind::pods &&
          start.pods.name == end.pods.name)
        continue;
      Ports ports = end.ports;
      if (port) ports = {*port};
      if (end.kind == Place::Kind::pods && ports.empty()) continue;  // nothing listens
      std::vector<Hop> trail;
      if (walker.go(start, end, ports, trail)) {
        out.verdict = Answer::Verdict::yes;
        out.hops = std::move(trail);
        out.said = fmt::format("{} reaches {} at {}", start.shown, end.shown, listed(ports));
        if (start.kind == Place::Kind::pods && end.kind == Place::Kind::pods) {
          out.ports = world.verdict(start.pods, end.pods).ports;
          out.ports.keep(PortSet::of(ports));
        }
        return out;
      }
      if (last_from == nullptr || trail.size() > furthest.size()) {
        furthest = std::move(trail);
        last_from = &start;
        last_to = &end;
      }
    }
  out.said = fmt::format("{} does not reach {}{}", shown(starts), shown(ends),
                         port ? fmt::format(" at {}", port->format()) : "");
  if (last_from != nullptr && (starts.size() > 1 || ends.size() > 1))
    out.hops.push_back(
        {fmt::format("the furthest way, from {} to {}:", last_from->shown, last_to->shown), 0});
  out.hops.insert(out.hops.end(), furthest.begin(), furthest.end());
  return out;
}

std::vector<Passage> passages(const World& world, const std::vector<model::Endpoint>& from) {
  std::vector<Place> starts;
  for (const model::Endpoint& e : from)
    for (Place& p : places(world, e)) starts.push_back(std::move(p));
  Walker walker(world);
  std::vector<Passage> out;
  for (const model::DoorOf& door : world.lab.doors()) {
    Passage& passage = out.emplace_back();
    passage.door = door;
    for (const Place& start : starts) {
      std::vector<Hop> trail;
      passage.open = walker.pass(start, door, {}, trail);
      passage.hops = std::move(trail);
      if (passage.open) break;
    }
  }
  return out;
}

}  // namespace lab::flows
