#include "compiler/session/graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace lab::session {

namespace {

using model::AnyRef;
using model::Lab;

enum Layer : unsigned { outside, doors, apps, clusters, machines, hosts, networks };

std::string id_of(std::string_view kind, std::string_view name) {
  return fmt::format("{}:{}", kind, name);
}

class Drawer {
 public:
  explicit Drawer(const Lab& lab) : lab_(lab) {}

  Graph draw() {
    for (const auto& n : lab_.networks)
      node("network", n.name, "networks", networks,
           n.vlan ? fmt::format("{} (VLAN {})", n.name, *n.vlan) : "");
    for (const auto& h : lab_.hosts) {
      node("host", h.name, "hosts", hosts);
      edge(id_of("host", h.name), ref(lab_.any_of(lab_.get(*h.on))), "on");
    }
    for (const auto& d : lab_.devices) device(d, "device");
    for (const auto& n : lab_.nases) device(n, "nas");
    for (const auto& s : lab_.servers) node("server", s.name, "servers", hosts);
    for (const auto& v : lab_.vms) {
      node("vm", v.name, "virtual machines", machines);
      for (const auto& h : v.on) edge(id_of("vm", v.name), id_of("host", lab_.get(*h).name), "on");
    }
    for (const auto& c : lab_.clusters) node("cluster", c.name, "clusters", clusters);
    for (const auto& n : lab_.nodes)
      edge(id_of("cluster", lab_.get(n.cluster).name), ref(n.machine), "runs",
           n.control_plane ? "control plane" : "");
    for (const auto& g : lab_.gateways) node("gateway", g.name, "doors", doors);
    for (const auto& t : lab_.tunnels) {
      node("tunnel", t.name, "doors", doors);
      edge(internet(), id_of("tunnel", t.name), "door");
    }
    for (const auto& v : lab_.vpns) node("vpn", v.name, "outside", outside);
    for (const auto& a : lab_.apps) workload(a);
    for (const auto& h : lab_.helms) {
      node("helm", h.name, space(*h.in), apps);
      runs(id_of("helm", h.name), *h.in);
    }
    for (const auto& a : lab_.apps) calls(id_of("app", a.name), a.calls);
    for (const auto& h : lab_.helms)
      for (const auto& w : h.workload) calls(id_of("helm", h.name), w.calls);
    for (const model::DoorOf& door : lab_.doors()) add_door(door);
    // Ends that are no node of the picture (a VPN's peer, a range of addresses) are left out with their
    // lines.
    std::erase_if(graph_.edges, [&](const GraphEdge& e) {
      return !known_.contains(e.from) || !known_.contains(e.to) || e.from == e.to;
    });
    return std::move(graph_);
  }

 private:
  void node(std::string_view kind, std::string_view name, std::string group, Layer layer,
            std::string label = {}) {
    const std::string id = id_of(kind, name);
    if (!known_.insert(id).second) return;
    graph_.nodes.push_back({id, label.empty() ? std::string(name) : std::move(label), std::string(kind),
                            std::move(group), layer});
  }
  void edge(std::string from, std::string to, std::string kind, std::string label = {}) {
    if (!seen_.insert(from + "\n" + to + "\n" + kind).second) return;
    graph_.edges.push_back({std::move(from), std::move(to), std::move(kind), std::move(label)});
  }
  std::string internet() {
    node("internet", "internet", "outside", outside);
    return id_of("internet", "internet");
  }
  std::string space(model::Ref<model::Namespace> in) const {
    return in.valid() ? fmt::format("namespace {}", lab_.get(in).name) : "apps";
  }

  /// The node of whatever a reference names: of a port its workload.
  std::string ref(const AnyRef& r) const {
    if (!r.valid()) return {};
    const model::Named* n = lab_.named(r);
    return n == nullptr ? std::string() : id_of(r.store_kind(), n->name);
  }

  void device(const model::Device& d, std::string_view kind) {
    node(kind, d.name, "devices", hosts);
    if (d.on) edge(id_of(kind, d.name), id_of("network", lab_.get(*d.on).name), "on");
  }

  void runs(const std::string& id, model::Ref<model::Namespace> in) {
    if (!in.valid()) return;
    if (const auto cluster = lab_.cluster_of(in); cluster.valid())
      edge(id, id_of("cluster", lab_.get(cluster).name), "runs");
  }

  void workload(const model::App& a) {
    node("app", a.name, a.in ? space(*a.in) : "containers", apps);
    if (a.in) runs(id_of("app", a.name), *a.in);
    if (a.on) edge(id_of("app", a.name), id_of("server", lab_.get(*a.on).name), "runs");
  }

  void calls(const std::string& from, const std::vector<model::Endpoint>& ends) {
    for (const model::Endpoint& e : ends) {
      if (e.internet)
        edge(from, internet(), "calls", e.internet->name ? std::string(*e.internet->name) : "");
      else if (e.ref.valid())
        edge(from, ref(e.ref), "calls", e.ref.is_block() ? std::string(e.ref.block) : "");
    }
  }

  void add_door(const model::DoorOf& door) {
    const AnyRef via = door.expose != nullptr ? *door.expose->via
                       : door.door->via       ? *door.door->via
                                              : AnyRef{};
    const std::string to = door.expose != nullptr ? ref(door.expose->to.ref) : ref(door.owner);
    if (via.valid()) edge(ref(via), to, "door", std::string(door.fqdn));
  }

  const Lab& lab_;
  Graph graph_;
  std::set<std::string> known_, seen_;
};

}  // namespace

Graph graph(const Snapshot& snapshot) {
  return Drawer(snapshot.lab).draw();
}

}  // namespace lab::session
