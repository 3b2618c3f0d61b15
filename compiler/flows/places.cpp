#include "compiler/flows/places.h"

#include <fmt/format.h>

#include <algorithm>

namespace lab::flows {

bool meet(const std::vector<PortSpec>& a, const std::vector<PortSpec>& b) {
  if (a.empty() || b.empty()) return true;
  return std::any_of(a.begin(), a.end(), [&](const PortSpec& x) {
    return std::any_of(b.begin(), b.end(), [&](const PortSpec& y) { return x.overlaps(y); });
  });
}

namespace {

class Finder {
 public:
  explicit Finder(const World& world) : w_(world), lab_(world.lab) {}
  std::vector<Place> found;

  void find(const model::Endpoint& e) {
    if (e.ip) return add_address(*e.ip, e.ip->format(), {}, e.at);
    if (e.cidr) return add_prefix(e.cidr->first_usable(), e.cidr->format(), e.at);
    if (e.range) return add_prefix(e.range->first, e.range->format(), e.at);
    if (e.internet || e.is("internet")) return add_internet(e);
    if (e.is("any")) {
      add_internet(e);
      for (const model::Network& n : lab_.networks) add_network(n);
      for (std::size_t i = 0; i < w_.pods.size(); ++i) add_pods(i, w_.pods[i].ports);
      return;
    }
    if (e.ref.valid()) find(e.ref);
  }

 private:
  void find(const model::AnyRef& ref) {
    if (ref.kind == model::ClusterPart::schema) return add_part(ref);
    if (const auto* idp = lab_.as<model::IdentityProvider>(ref)) {
      if (idp->outpost) find(*idp->outpost);
      return;
    }
    if (const auto* gateway = lab_.as<model::Gateway>(ref)) return add_gateway(*gateway);
    if (const auto* ns = lab_.as<model::Namespace>(ref)) return add_namespace(*ns);
    if (const auto* network = lab_.as<model::Network>(ref)) return add_network(*network);
    if (const auto* vpn = lab_.as<model::Vpn>(ref)) {
      Place& p = add(Place::Kind::overlay, fmt::format("vpn {}", vpn->name), vpn->at);
      p.vpn = vpn;
      p.ip = vpn->cidr->first_usable();
      return;
    }
    if (const auto* tunnel = lab_.as<model::Tunnel>(ref)) {
      add(Place::Kind::internet, fmt::format("tunnel {}", tunnel->name), tunnel->at).ip =
          w_.internet().address;
      return;
    }
    if (const auto* cluster = lab_.as<model::Cluster>(ref))
      return add_nodes(lab_.ref_of(*cluster), {}, false);
    if (const auto* router = lab_.as<model::Router>(ref)) return add_router(*router);
    if (const model::DevicePort* port = lab_.device_port(ref)) {
      const model::AnyRef device{ref.owner_kind, ref.index, {}, {}, {}};
      if (const auto ip = lab_.ip_of(device))
        add_address(*ip, fmt::format("{} {}", ref.owner_kind, lab_.named(device)->name), {*port->number},
                    port->at);
      return;
    }
    add_workload(ref);
  }

  Place& add(Place::Kind kind, std::string shown, Origin at) {
    Place& p = found.emplace_back();
    p.kind = kind;
    p.shown = std::move(shown);
    p.at = at;
    return p;
  }

  void add_address(const Ip& ip, std::string shown, std::vector<PortSpec> ports, Origin at) {
    Place& p = add(Place::Kind::address, std::move(shown), at);
    p.ip = ip;
    p.network = lab_.network_of(ip);
    p.ports = std::move(ports);
    for (const model::Node& node : lab_.nodes)
      if (node.ip && *node.ip == ip) p.node = &node;
  }

  void add_prefix(const Ip& ip, std::string shown, Origin at) {
    Place& p = add(Place::Kind::network, std::move(shown), at);
    p.ip = ip;
    p.network = lab_.network_of(ip);
  }

  void add_internet(const model::Endpoint& e) {
    Place& p = add(Place::Kind::internet,
                   e.internet && e.internet->name ? std::string(*e.internet->name) : "internet", e.at);
    p.ip = w_.internet().address;
    if (!e.internet) return;
    if (e.internet->name) p.host = *e.internet->name;
    for (const auto& port : e.internet->ports) p.ports.push_back(*port);
  }

  void add_network(const model::Network& n) {
    Place& p = add(Place::Kind::network, fmt::format("network {}", n.name), n.at);
    p.ip = n.cidr->first_usable();
    p.network = &n;
  }

  void add_gateway(const model::Gateway& gateway) {
    Place& p = add(Place::Kind::gateway, fmt::format("gateway {}", gateway.name), gateway.at);
    p.ip = *gateway.address;
    p.network = lab_.network_of(p.ip);
    p.gateway = &gateway;
    p.ports = outer_ports(gateway);
  }

  /// Where people reach it; behind, its pods may listen elsewhere.
  static std::vector<PortSpec> outer_ports(const model::Gateway& gateway) {
    constexpr auto tcp = static_cast<std::uint8_t>(types::Protocol::tcp);
    std::vector<PortSpec> out;
    if (!gateway.tls.is("none")) out.push_back({tcp, 443, 443});
    if (!gateway.http.is("off")) out.push_back({tcp, 80, 80});
    for (const model::Listener& l : gateway.listener) out.push_back(*l.port);
    return out;
  }

  void add_pods(std::size_t i, std::vector<PortSpec> ports) {
    const Pods& pods = w_.pods[i];
    if (pods.host_network) {
      for (const model::Node* node : lab_.nodes_of(w_.cluster))
        if (node->ip) add_address(*node->ip, pods.name, ports, pods.at);
      return;
    }
    Place& p = add(Place::Kind::pods, pods.name, pods.at);
    p.pods = w_.identity(i);
    p.ports = std::move(ports);
  }

  void add_namespace(const model::Namespace& ns) {
    const Text name = w_.keep(model::object_name(ns.name));
    for (std::size_t i = 0; i < w_.pods.size(); ++i)
      if (w_.pods[i].set.ns == name) add_pods(i, w_.pods[i].ports);
    Place& p = add(Place::Kind::pods, fmt::format("another pod of namespace {}", ns.name), ns.at);
    p.pods.name = p.shown;
    p.pods.ns = name;
  }

  void add_nodes(model::Ref<model::Cluster> cluster, const std::vector<PortSpec>& ports, bool control_plane) {
    for (const model::Node* node : lab_.nodes_of(cluster))
      if (node->ip && (!control_plane || node->control_plane))
        add_address(*node->ip, fmt::format("node {}", node->name), ports, node->at);
  }

  void add_part(const model::AnyRef& ref) {
    if (ref.block == "pods" || ref.block == "services") {
      for (std::size_t i = 0; i < w_.pods.size(); ++i) add_pods(i, w_.pods[i].ports);
      return;
    }
    model::Endpoint e;
    e.ref = ref;
    std::vector<PortSpec> ports;
    for (const World::Target& t : w_.targets(e)) ports = t.ports;
    add_nodes({ref.index}, ports, ref.block == "api" || ref.block == "etcd");
    if (const model::Cluster* c = lab_.find(model::Ref<model::Cluster>{ref.index});
        c != nullptr && ref.block == "api" && c->vip)
      add_address(*c->vip, fmt::format("the address of {}", c->name), ports, c->vip.at);
  }

  void add_router(const model::Router& router) {
    if (router.address) add_address(*router.address, fmt::format("router {}", router.name), {}, router.at);
    for (const auto& ref : router.on)
      if (const model::Network* n = lab_.find(*ref);
          n != nullptr && n->gateway && (!router.address || *n->gateway != *router.address))
        add_address(*n->gateway, fmt::format("router {}", router.name), {}, router.at);
  }

  void add_workload(const model::AnyRef& ref) {
    const model::PortOf one = lab_.port_of(ref);
    const auto pods = w_.pods_of(ref);
    for (const std::size_t i : pods)
      add_pods(i, one.port != nullptr ? std::vector<PortSpec>{*one.port->number} : w_.pods[i].ports);
    if (!pods.empty()) return;
    const model::AnyRef owner = ref.is_block() ? model::AnyRef{ref.owner_kind, ref.index, {}, {}, {}} : ref;
    const auto* app = lab_.as<model::App>(owner);
    const model::Server* server = app != nullptr && app->on ? lab_.find(*app->on) : nullptr;
    std::vector<PortSpec> ports;
    if (app != nullptr)
      for (const model::AppPort& p : app->port) ports.push_back(*p.number);
    if (one.port != nullptr) ports = {*one.port->number};
    std::optional<Ip> ip;
    if (server != nullptr) ip = *server->at_;
    if (const auto machine = lab_.ip_of(ref)) ip = *machine;
    const model::Named* named = lab_.named(ref);
    if (!ip || named == nullptr) return;
    add_address(*ip, fmt::format("{} {}", owner.kind, named->name), std::move(ports), named->at);
  }

  const World& w_;
  const model::Lab& lab_;
};

}  // namespace

std::vector<Place> places(const World& world, const model::Endpoint& endpoint) {
  Finder finder(world);
  finder.find(endpoint);
  return std::move(finder.found);
}

namespace {

bool opens_at(const World& world, std::size_t pods, const Ip& ip) {
  for (const model::DoorOf& door : world.lab.doors()) {
    if (door.door == nullptr || !door.door->at_ || *door.door->at_ != ip) continue;
    for (const World::Backend& b : world.served(door))
      if (b.pods == pods) return true;
  }
  return false;
}

}  // namespace

bool means(const World& world, const model::Endpoint& e, const Place& place,
           const std::vector<PortSpec>& ports) {
  if (e.is("any")) return true;
  const bool inside = place.kind != Place::Kind::internet && place.kind != Place::Kind::pods;
  if (e.ip) return inside && *e.ip == place.ip;
  if (e.cidr) return inside && e.cidr->contains(place.ip);
  if (e.range) return inside && e.range->contains(place.ip);
  for (const Place& p : places(world, e)) {
    if (!meet(p.ports, ports)) continue;
    if (p.kind == Place::Kind::network && p.network != nullptr && inside &&
        p.network->cidr->contains(place.ip))
      return true;
    if (p.kind == Place::Kind::overlay && inside && p.vpn->cidr->contains(place.ip)) return true;
    if (p.kind == Place::Kind::internet && place.kind == Place::Kind::internet)
      return p.host.empty() || p.host == place.host;
    if (p.kind == Place::Kind::pods && place.kind == Place::Kind::pods && p.pods.name == place.pods.name)
      return true;
    // An app is reached from outside at its doors' addresses.
    if (p.kind == Place::Kind::pods && place.kind == Place::Kind::address && p.pods.pods &&
        opens_at(world, *p.pods.pods, place.ip))
      return true;
    const bool addressed = p.kind == Place::Kind::address || p.kind == Place::Kind::gateway;
    if (addressed && inside && p.ip == place.ip) return true;
  }
  return false;
}

}  // namespace lab::flows
