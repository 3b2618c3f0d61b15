// What an endpoint of the language means to pods: whom they reach when they call it, and who they are seen
// as when it speaks.
#include <algorithm>
#include <array>

#include "compiler/flows/world.h"

namespace lab::flows {

namespace {

constexpr auto tcp = static_cast<std::uint8_t>(types::Protocol::tcp);

PortSpec tcp_port(std::uint16_t number) {
  return {tcp, number, number};
}

/// Parts of a cluster that are its machines, and where they listen: the API server, the Talos API (apid), the
/// kubelet, Hubble's peer service, etcd.
struct NodePart {
  std::string_view part;
  std::uint16_t first, last;  // 0: all ports
  bool api = false;
};
constexpr std::array node_parts = {
    NodePart{"api", 6443, 6443, true},  NodePart{"talos-api", 50000, 50000},
    NodePart{"kubelets", 10250, 10250}, NodePart{"hubble-peers", 4244, 4244},
    NodePart{"etcd", 2379, 2381},       NodePart{"nodes", 0, 0},
    NodePart{"machines", 0, 0},
};

constexpr std::uint16_t nfs_port = 2049;

class Resolver {
 public:
  explicit Resolver(const World& world) : w_(world), lab_(world.lab) {}

  std::vector<World::Target> targets;

  void add(Peer peer, std::vector<PortSpec> ports = {}) {
    targets.push_back({std::move(peer), std::move(ports)});
  }

  void resolve(const model::Endpoint& e) {
    if (e.ip) return add(Peer::of(*e.ip));
    if (e.cidr) return add_network(*e.cidr);
    if (e.range) {
      for (const Cidr& c : prefixes_of(*e.range)) add(Peer::of(c));
      return;
    }
    if (e.internet && e.internet->name) return add(Peer::of_name(*e.internet->name), ports_of(*e.internet));
    if (e.internet) return add(w_.internet_peer(), ports_of(*e.internet));
    if (e.is("internet")) return add(w_.internet_peer());
    if (e.is("any")) {
      add(Peer::of(PodSet{}));
      add(Peer::of(Entity::cluster));
      return add(Peer::of(Entity::world));
    }
    if (e.ref.valid()) resolve(e.ref);
  }

 private:
  static std::vector<PortSpec> ports_of(const model::Endpoint::Internet& internet) {
    std::vector<PortSpec> out;
    for (const auto& port : internet.ports) out.push_back(*port);
    return out;
  }

  void resolve(const model::AnyRef& ref) {
    if (ref.kind == model::ClusterPart::schema) return add_part(ref);
    if (ref.kind == model::AppPort::schema || ref.kind == model::HelmWorkload::schema ||
        lab_.as<model::App>(ref) || lab_.as<model::Job>(ref) || lab_.as<model::Cron>(ref) ||
        lab_.as<model::Helm>(ref))
      return add_workload(ref);
    if (const auto* idp = lab_.as<model::IdentityProvider>(ref)) return add_provider(*idp);
    if (const auto* gateway = lab_.as<model::Gateway>(ref)) {
      targets.push_back(w_.gateway(*gateway));
      return;
    }
    if (const auto* ns = lab_.as<model::Namespace>(ref))
      return add(Peer::of(PodSet{w_.keep(model::object_name(ns->name)), {}}));
    if (const auto* network = lab_.as<model::Network>(ref)) return add_network(*network->cidr);
    if (const auto* vpn = lab_.as<model::Vpn>(ref)) return add(Peer::of(*vpn->cidr));
    if (const auto* router = lab_.as<model::Router>(ref)) return add_router(*router);
    if (lab_.as<model::Cluster>(ref)) {
      add_nodes({});
      return;
    }
    if (const model::DevicePort* port = lab_.device_port(ref)) {
      const model::AnyRef device{ref.owner_kind, ref.index, {}, {}, {}};
      if (const auto ip = lab_.ip_of(device)) add(Peer::of(*ip), {*port->number});
      return;
    }
    add_machine(ref);
  }

  void add_workload(const model::AnyRef& ref) {
    const model::PortOf one = lab_.port_of(ref);
    for (const std::size_t i : w_.pods_of(ref)) {
      const Pods& p = w_.pods[i];
      std::vector<PortSpec> ports = p.ports;
      if (one.port != nullptr) ports = {*one.port->number};
      if (ports.empty()) continue;  // nothing listens
      if (p.host_network)
        add_nodes(ports);
      else
        add(Peer::of(p.set), ports);
    }
  }

  void add_nodes(const std::vector<PortSpec>& ports) {
    add(Peer::of(Entity::host), ports);
    add(Peer::of(Entity::remote_node), ports);
  }

  void add_part(const model::AnyRef& ref) {
    if (ref.block == "pods" || ref.block == "services") return add(Peer::of(PodSet{}));
    for (const NodePart& part : node_parts) {
      if (part.part != ref.block) continue;
      std::vector<PortSpec> ports;
      if (part.first != 0) ports.push_back({tcp, part.first, part.last});
      if (part.api)
        add(Peer::of(Entity::kube_apiserver), ports);
      else
        add_nodes(ports);
    }
  }

  /// Whoever asks a provider itself does it where its pages are: through the doors of its outpost.
  void add_provider(const model::IdentityProvider& idp) {
    if (!idp.outpost) return;
    const std::size_t before = targets.size();
    const model::AnyRef& ref = idp.outpost->ref;
    for (const model::DoorOf& door : lab_.doors()) {
      if (door.door == nullptr || !door.door->via || door.owner.kind != ref.store_kind() ||
          door.owner.index != ref.index)
        continue;
      if (const auto* gateway = lab_.as<model::Gateway>(*door.door->via))
        targets.push_back(w_.gateway(*gateway));
    }
    if (targets.size() == before) resolve(*idp.outpost);
  }

  /// Addresses of nodes are no CIDR for a policy.
  void add_network(const Cidr& cidr) {
    add(Peer::of(cidr));
    for (const model::Node* node : lab_.nodes_of(w_.cluster))
      if (node->ip && cidr.contains(*node->ip)) return add_nodes({});
  }

  void add_router(const model::Router& router) {
    std::vector<Ip> addresses;
    if (router.address) addresses.push_back(*router.address);
    for (const auto& ref : router.on)
      if (const model::Network* n = lab_.find(*ref); n != nullptr && n->gateway)
        addresses.push_back(*n->gateway);
    std::sort(addresses.begin(), addresses.end());
    addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
    for (const Ip& a : addresses) add(Peer::of(a));
  }

  void add_machine(const model::AnyRef& ref) {
    if (const model::Node* node = lab_.node_of(ref); node != nullptr && node->cluster == w_.cluster)
      return add_nodes({});
    const auto ip = lab_.ip_of(ref);
    if (!ip) return;
    std::vector<PortSpec> ports;
    if (const auto* nas = lab_.as<model::Nas>(ref)) {
      for (const model::DevicePort& p : nas->port) ports.push_back(*p.number);
      if (!nas->export_.empty()) ports.push_back(tcp_port(nfs_port));
    } else if (const auto* device = lab_.as<model::Device>(ref)) {
      for (const model::DevicePort& p : device->port) ports.push_back(*p.number);
    }
    add(Peer::of(*ip), std::move(ports));
  }

  const World& w_;
  const model::Lab& lab_;
};

}  // namespace

std::vector<World::Target> World::targets(const model::Endpoint& endpoint) const {
  Resolver resolver(*this);
  resolver.resolve(endpoint);
  return std::move(resolver.targets);
}

std::vector<Peer> World::sources(const model::Endpoint& endpoint) const {
  std::vector<Peer> out;
  if (endpoint.ref.valid() && endpoint.ref.kind != model::ClusterPart::schema) {
    // Who speaks needs no port to listen on.
    for (const std::size_t i : pods_of(endpoint.ref))
      if (pods[i].host_network) {
        out.push_back(Peer::of(Entity::host));
        out.push_back(Peer::of(Entity::remote_node));
      } else {
        out.push_back(Peer::of(pods[i].set));
      }
  }
  if (out.empty())
    for (Target& t : targets(endpoint)) out.push_back(std::move(t.peer));
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

World::Target World::gateway(const model::Gateway& g) const {
  Target out;
  constexpr std::uint16_t http = 80, https = 443, unprivileged = 8000, envoy_shift = 10000;
  const auto listens = [&](std::uint16_t port) -> std::uint16_t {
    if (g.class_.envoy && port < 1024) return static_cast<std::uint16_t>(port + envoy_shift);
    if (g.class_.traefik) return port == https ? unprivileged + https : port == http ? unprivileged : port;
    return port;
  };
  if (!g.tls.is("none")) out.ports.push_back(tcp_port(listens(https)));
  if (!g.http.is("off")) out.ports.push_back(tcp_port(listens(http)));
  for (const model::Listener& l : g.listener) out.ports.push_back(*l.port);
  if (g.class_.cilium) {
    out.peer = Peer::of(Entity::ingress);
    return out;
  }
  for (const Pods& p : pods)
    if (lab.as<model::Gateway>(p.ref) == &g) out.peer = Peer::of(p.set);
  return out;
}

std::vector<World::Backend> World::served(const model::DoorOf& door) const {
  std::vector<Backend> out;
  const auto add = [&](const model::AnyRef& ref, const model::AppPort* only) {
    for (const std::size_t i : pods_of(ref)) {
      if (only != nullptr) return out.push_back({i, *only->number});
      if (!pods[i].ports.empty()) return out.push_back({i, pods[i].ports.front()});
    }
  };
  if (door.expose != nullptr) {
    add(door.expose->to.ref, lab.port_of(door.expose->to.ref).port);
    return out;
  }
  const model::Door& d = *door.door;
  const auto add_port = [&](const model::AnyRef& port) {
    const model::PortOf of = lab.port_of(port);
    if (of.port != nullptr) add(port, of.port);
  };
  if (d.at_) {
    if (!d.ports.empty()) {
      for (const auto& port : d.ports) add_port(*port);
    } else {
      for (const std::size_t i : pods_of(door.owner))
        for (const PortSpec& port : pods[i].ports) out.push_back({i, port});
    }
    return out;
  }
  if (d.port)
    add_port(*d.port);
  else
    add(door.owner, nullptr);
  for (const model::DoorPath& path : d.path)
    if (path.port) add_port(*path.port);
  return out;
}

std::vector<World::Backend> World::backends(const model::DoorOf& door) const {
  const model::Auth* auth = nullptr;
  if (door.expose != nullptr)
    auth = &door.expose->auth;
  else if (door.door->auth)
    auth = &*door.door->auth;
  const auto* idp = auth == nullptr ? nullptr : lab.as<model::IdentityProvider>(auth->ref);
  if (idp == nullptr || !idp->outpost) return served(door);
  std::vector<Backend> out;
  const model::PortOf port = lab.port_of(idp->outpost->ref);
  for (const std::size_t i : pods_of(idp->outpost->ref)) {
    if (port.port != nullptr)
      out.push_back({i, *port.port->number});
    else if (!pods[i].ports.empty())
      out.push_back({i, pods[i].ports.front()});
  }
  return out;
}

/// Every address but those of the house: private (RFC 1918, RFC 4193), shared (RFC 6598) and link-local ones,
/// the cluster's own and the lab's networks.
Peer World::internet_peer() const {
  const bool v6 = cluster.valid() && lab.get(cluster).pod_cidr->address.family == types::Family::v6;
  Peer out = Peer::of(*Cidr::parse(v6 ? "::/0" : "0.0.0.0/0"));
  const auto add = [&](const Cidr& cidr) {
    if (cidr.address.family != out.prefix.address.family) return;
    if (std::none_of(out.except.begin(), out.except.end(), [&](const Cidr& c) { return c.contains(cidr); }))
      out.except.push_back(cidr.canonical());
  };
  for (const std::string_view text : {"10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12",
                                      "192.168.0.0/16", "fc00::/7", "fe80::/10"})
    add(*Cidr::parse(text));
  if (cluster.valid()) {
    add(*lab.get(cluster).pod_cidr);
    add(*lab.get(cluster).service_cidr);
  }
  for (const model::Network& network : lab.networks) add(*network.cidr);
  std::sort(out.except.begin(), out.except.end());
  return out;
}

}  // namespace lab::flows
