// The flows of a lab: what it says, and what follows from doors, metrics, webhooks, name service, overlays.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "compiler/flows/world.h"

namespace lab::flows {

namespace {

constexpr auto tcp = static_cast<std::uint8_t>(types::Protocol::tcp);
constexpr auto udp = static_cast<std::uint8_t>(types::Protocol::udp);
constexpr PortSpec api_port{tcp, 6443, 6443};
constexpr PortSpec talos_port{tcp, 50000, 50000};
constexpr PortSpec dns_port{tcp | udp, 53, 53};
constexpr PortSpec dns_metrics{tcp, 9153, 9153};

/// Where the control plane serves its measures when `metrics` of the cluster says so.
struct ControlPlanePart {
  std::string_view name;
  std::uint16_t port;
};
constexpr std::array control_plane_parts = {ControlPlanePart{"etcd", 2381},
                                            ControlPlanePart{"controller-manager", 10257},
                                            ControlPlanePart{"scheduler", 10259}};

class Declarer {
 public:
  explicit Declarer(World& world) : w_(world), lab_(world.lab) {}

  void run() {
    for (std::size_t i = 0; i < w_.pods.size(); ++i) {
      add_calls(i);
      add_api(i);
      add_webhooks(i);
      add_overlay(i);
    }
    for (const model::DoorOf& door : lab_.doors()) add_door(door);
    for (std::size_t i = 0; i < w_.pods.size(); ++i)
      if (const auto* workload = chart_workload(w_.pods[i]); workload != nullptr && *workload->scrapes)
        add_scraper(i);
    add_gateway_clients();
    add_dns();
    add_talos();
    for (std::size_t i = 0; i < lab_.allows.size(); ++i) add_rule(lab_.allows[i], i, Reason::allowed);
    for (std::size_t i = 0; i < lab_.denies.size(); ++i) add_rule(lab_.denies[i], i, Reason::denied);
  }

 private:
  void add(Peer from, Peer to, std::vector<PortSpec> ports, Reason reason, Origin at, std::string what) {
    w_.flows.push_back({std::move(from), std::move(to), std::move(ports), reason, at, std::move(what), {}});
  }

  const model::HelmWorkload* chart_workload(const Pods& p) const {
    const auto* helm = lab_.as<model::Helm>(p.ref);
    if (helm == nullptr) return nullptr;
    for (const model::HelmWorkload& w : helm->workload)
      if (w.name == p.block) return &w;
    return nullptr;
  }
  const model::Workload* workload(const Pods& p) const {
    if (const auto* app = lab_.as<model::App>(p.ref)) return app;
    if (const auto* job = lab_.as<model::Job>(p.ref)) return job;
    return lab_.as<model::Cron>(p.ref);
  }

  /// How a person calls pods: `sonarr`, `argocd.server`.
  std::string spoken(const Pods& p) const { return p.name.substr(p.name.find('/') + 1); }
  std::string spoken(const model::Endpoint& e) const {
    if (e.internet && e.internet->name) return std::string(*e.internet->name);
    if (e.ip) return e.ip->format();
    if (e.cidr) return e.cidr->format();
    if (e.range) return e.range->format();
    if (const model::Named* named = lab_.named(e.ref)) {
      std::string out(named->name);
      if (!e.ref.within.empty()) out += fmt::format(".{}", e.ref.within);
      if (e.ref.is_block()) out += fmt::format(".{}", e.ref.block);
      return out;
    }
    return e.tag.empty() ? "the internet" : std::string(e.tag == "internet" ? "the internet" : e.tag);
  }

  void add_calls(std::size_t i) {
    const Pods& p = w_.pods[i];
    if (p.host_network) return;
    const std::vector<model::Endpoint>* calls = nullptr;
    if (const auto* w = workload(p)) calls = &w->calls;
    if (const auto* w = chart_workload(p)) calls = &w->calls;
    if (calls == nullptr) return;
    for (const model::Endpoint& e : *calls)
      for (World::Target& t : w_.targets(e))
        add(Peer::of(p.set), std::move(t.peer), std::move(t.ports), Reason::call, e.at,
            fmt::format("{} calls {}", spoken(p), spoken(e)));
  }

  void add_api(std::size_t i) {
    const Pods& p = w_.pods[i];
    if (p.host_network) return;
    Origin at = 0;
    if (const auto* w = workload(p); w != nullptr && w->api) at = w->api.at;
    if (const auto* w = chart_workload(p); w != nullptr && *w->api) at = w->api.at;
    if (at == 0) return;
    add(Peer::of(p.set), Peer::of(Entity::kube_apiserver), {api_port}, Reason::api, at,
        fmt::format("{} uses the Kubernetes API", spoken(p)));
  }

  void add_webhooks(std::size_t i) {
    const Pods& p = w_.pods[i];
    const auto* w = chart_workload(p);
    if (p.host_network || w == nullptr) return;
    for (const auto& port : w->webhook) {
      const auto number = static_cast<std::uint16_t>(*port);
      for (const Entity from : {Entity::kube_apiserver, Entity::remote_node})
        add(Peer::of(from), Peer::of(p.set), {{tcp, number, number}}, Reason::webhook, port.at,
            fmt::format("the API server calls {}", spoken(p)));
    }
  }

  // ---- doors

  void add_door(const model::DoorOf& door) {
    if (door.door != nullptr && door.door->at_) {
      for (const World::Backend& b : w_.served(door))
        if (!w_.pods[b.pods].host_network)
          add(Peer::of(Entity::world), Peer::of(w_.pods[b.pods].set), {b.port}, Reason::door,
              door.door->at_.at, fmt::format("{} is open at {}", door.owner_name, door.door->at_->format()));
      return;
    }
    const bool top = door.expose != nullptr;
    const model::AnyRef via = top ? *door.expose->via : door.door->via ? *door.door->via : model::AnyRef{};
    const auto* gateway = lab_.as<model::Gateway>(via);
    if (gateway == nullptr) return;
    const Origin at = top ? door.expose->at : door.door->at;
    const Peer from = w_.gateway(*gateway).peer;
    for (const World::Backend& b : w_.backends(door)) {
      const Pods& to = w_.pods[b.pods];
      if (!to.host_network)
        add(from, Peer::of(to.set), {b.port}, Reason::door, at, fmt::format("the door {}", door.fqdn));
    }
  }

  /// Gateways that are pods admit everybody who finds them; routers decide who does.
  void add_gateway_clients() {
    for (const model::Gateway& gateway : lab_.gateways) {
      const World::Target t = w_.gateway(gateway);
      if (t.peer.kind == Peer::Kind::pods && !t.peer.pods.labels.empty())
        for (const Entity from : {Entity::world, Entity::cluster})
          add(Peer::of(from), t.peer, t.ports, Reason::door, gateway.at,
              fmt::format("the gateway {}", gateway.name));
    }
  }

  // ---- metrics

  std::pair<std::uint16_t, Origin> metrics_of(const Pods& p) const {
    if (const auto* w = chart_workload(p); w != nullptr && w->metrics)
      return {static_cast<std::uint16_t>(*w->metrics), w->metrics.at};
    if (const auto* app = lab_.as<model::App>(p.ref); app != nullptr && app->metrics)
      if (const model::PortOf port = lab_.port_of(*app->metrics); port.port != nullptr)
        return {port.number(), app->metrics.at};
    return {0, 0};
  }

  void add_scraper(std::size_t scraper) {
    const Pods& s = w_.pods[scraper];
    const Origin scrapes = chart_workload(s)->scrapes.at;
    const auto scrape_nodes = [&](std::uint16_t port, Origin at, const std::string& what) {
      for (const Entity to : {Entity::host, Entity::remote_node})
        add(Peer::of(s.set), Peer::of(to), {{tcp, port, port}}, Reason::metrics, at, what);
    };
    for (const Pods& p : w_.pods) {
      const auto [port, at] = metrics_of(p);
      if (port == 0 || &p == &s) continue;
      const std::string what = fmt::format("{} reads metrics of {}", spoken(s), spoken(p));
      if (p.host_network)
        scrape_nodes(port, at, what);
      else
        add(Peer::of(s.set), Peer::of(p.set), {{tcp, port, port}}, Reason::metrics, at, what);
    }
    const model::Cluster& cluster = lab_.get(w_.cluster);
    for (const auto& part : cluster.metrics)
      for (const ControlPlanePart& known : control_plane_parts)
        if (known.name == *part)
          scrape_nodes(known.port, part.at, fmt::format("{} reads metrics of {}", spoken(s), known.name));
    add(Peer::of(s.set), Peer::of(dns().set), {dns_metrics}, Reason::metrics, scrapes,
        fmt::format("{} reads metrics of the name service", spoken(s)));
  }

  // ---- overlays

  static bool holds(const model::Advertised& a, const Ip& address, const model::Lab& lab) {
    if (a.range) return a.range->contains(address);
    if (a.cidr) return a.cidr->contains(address);
    const auto* network = lab.as<model::Network>(a.ref);
    return network != nullptr && network->cidr->contains(address);
  }

  static bool admits(const model::Opt<model::List<model::Endpoint>>& clients, const model::Vpn& vpn,
                     const model::Lab& lab) {
    return clients && std::any_of(clients->begin(), clients->end(), [&](const model::Endpoint& e) {
             return e.is("any") || lab.as<model::Vpn>(e.ref) == &vpn;
           });
  }

  bool is_pool(const types::IpRange& range) const {
    const model::Cluster& cluster = lab_.get(w_.cluster);
    if (!cluster.cni.cilium) return false;
    const model::Announce& announce = cluster.cni.cilium->announce;
    const auto within = [&](const auto& ranges) {
      return std::any_of(ranges.begin(), ranges.end(), [&](const auto& r) { return r->contains(range); });
    };
    return (announce.l2 && within(announce.l2->ranges)) || (announce.bgp && within(announce.bgp->ranges));
  }

  /// Routers of an overlay that are pods pass its members on to doors and into networks.
  void add_overlay(std::size_t i) {
    const Pods& p = w_.pods[i];
    const auto* w = chart_workload(p);
    const model::Vpn* vpn = w == nullptr || !w->routes ? nullptr : lab_.find(*w->routes);
    if (vpn == nullptr || p.host_network) return;
    for (const model::VpnRouter& router : vpn->router) {
      if (router.name != w->name) continue;
      for (const model::Advertised& a : router.advertise) {
        add_doors_to(p, *vpn, a);
        const auto* network = lab_.as<model::Network>(a.ref);
        std::vector<Cidr> prefixes;
        if (network != nullptr) prefixes = {*network->cidr};
        if (a.cidr) prefixes = {*a.cidr};
        if (a.range && !is_pool(*a.range)) prefixes = prefixes_of(*a.range);
        for (const Cidr& prefix : prefixes)
          add(Peer::of(p.set), Peer::of(prefix), {}, Reason::overlay, a.at,
              fmt::format("{} leads to {}", vpn->name, prefix.format()));
      }
    }
  }

  void add_doors_to(const Pods& p, const model::Vpn& vpn, const model::Advertised& a) {
    for (const model::Gateway& gateway : lab_.gateways) {
      if (!holds(a, *gateway.address, lab_) || !admits(gateway.clients, vpn, lab_)) continue;
      World::Target t = w_.gateway(gateway);
      add(Peer::of(p.set), std::move(t.peer), std::move(t.ports), Reason::overlay, gateway.clients.at,
          fmt::format("members of {} use {}", vpn.name, gateway.name));
    }
    for (const model::DoorOf& door : lab_.doors()) {
      if (door.door == nullptr || !door.door->at_ || !holds(a, *door.door->at_, lab_) ||
          !admits(door.door->clients, vpn, lab_))
        continue;
      for (const World::Backend& b : w_.served(door))
        if (!w_.pods[b.pods].host_network)
          add(Peer::of(p.set), Peer::of(w_.pods[b.pods].set), {b.port}, Reason::overlay,
              door.door->clients.at, fmt::format("members of {} use {}", vpn.name, door.owner_name));
    }
  }

  // ---- what the cluster needs itself

  const Pods& dns() const {
    return *std::find_if(w_.pods.begin(), w_.pods.end(), [](const Pods& p) { return !p.ref.valid(); });
  }

  void add_dns() {
    const model::Cluster& cluster = lab_.get(w_.cluster);
    const Peer service = Peer::of(dns().set);
    add(Peer::of(PodSet{}), service, {dns_port}, Reason::dns, cluster.at, "every pod asks for names");
    add(Peer::of(Entity::cluster), service, {dns_port}, Reason::dns, cluster.at,
        "everything in the cluster asks for names");
    add(service, Peer::of(Entity::kube_apiserver), {api_port}, Reason::dns, cluster.at,
        "the name service knows Services");
    if (cluster.distribution.talos)  // forwardKubeDNSToHost
      add(service, Peer::of(Entity::host), {dns_port}, Reason::dns, cluster.at,
          "the name service asks the node");
    else
      for (const Ip& upstream : upstreams(cluster))
        add(service, Peer::of(upstream), {dns_port}, Reason::dns, cluster.at,
            "the name service asks upstream");
  }

  /// The name servers of the nodes: those of the cluster, else of their networks.
  std::vector<Ip> upstreams(const model::Cluster& cluster) const {
    std::vector<Ip> out;
    const auto add_servers = [&](const std::vector<model::NameServer>& servers) {
      for (const model::NameServer& s : servers) {
        if (s.ip) out.push_back(*s.ip);
        if (const auto* router = lab_.as<model::Router>(s.ref)) {
          if (router->address) out.push_back(*router->address);
        } else if (const auto ip = lab_.ip_of(s.ref)) {
          out.push_back(*ip);
        }
      }
    };
    add_servers(cluster.dns);
    if (out.empty())
      for (const model::Node* node : lab_.nodes_of(w_.cluster))
        if (node->ip)
          if (const model::Network* network = lab_.network_of(*node->ip)) add_servers(network->dns);
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
  }

  void add_talos() {
    const model::Cluster& cluster = lab_.get(w_.cluster);
    if (!cluster.talos_api) return;
    for (const auto& ref : cluster.talos_api->namespaces) {
      const model::Namespace* ns = lab_.find(*ref);
      if (ns == nullptr) continue;
      for (const Entity to : {Entity::host, Entity::remote_node})
        add(Peer::of(PodSet{w_.keep(model::object_name(ns->name)), {}}), Peer::of(to), {talos_port},
            Reason::talos_api, ref.at, fmt::format("pods of {} use the Talos API", ns->name));
    }
  }

  // ---- rules at the top of a file

  /// Whether an end names ports itself, so that a `deny` without ports means only these.
  static bool names_ports(const model::Endpoint& e) {
    return (e.ref.is_block() && e.ref.kind != model::HelmWorkload::schema) ||
           (e.internet && !e.internet->ports.empty());
  }

  template <class Rule>
  void add_rule(const Rule& rule, std::size_t number, Reason reason) {
    std::vector<PortSpec> ports;
    for (const auto& port : rule.ports) ports.push_back(*port);
    const std::string name = rule.name.empty() ? fmt::format("{}-{}", Rule::kind, number + 1)
                                               : fmt::format("{}-{}", Rule::kind, rule.name);
    for (const model::Endpoint& from : rule.from)
      for (const Peer& source : w_.sources(from))
        for (const model::Endpoint& to : rule.to) {
          const bool own_ports = ports.empty() && (reason == Reason::allowed || names_ports(to));
          for (World::Target& t : w_.targets(to)) {
            if (source.kind != Peer::Kind::pods && t.peer.kind != Peer::Kind::pods) continue;  // of routers
            add(source, std::move(t.peer), own_ports ? std::move(t.ports) : ports, reason, rule.at,
                fmt::format("{} {}", Rule::kind, rule.name));
            w_.flows.back().rule = name;
          }
        }
  }

  World& w_;
  const model::Lab& lab_;
};

}  // namespace

void declare_flows(World& world) {
  Declarer(world).run();
}

}  // namespace lab::flows
