#include "compiler/flows/world.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <tuple>

namespace lab::flows {

std::string_view name_of(Reason reason) {
  static constexpr std::array<std::string_view, 10> names = {
      "call", "door", "Kubernetes API", "webhook", "metrics", "DNS", "Talos API", "overlay", "allow", "deny"};
  return names[static_cast<std::size_t>(reason)];
}

World::World(const model::Lab& l) : lab(l) {
  for (const model::Cluster& c : lab.clusters)
    if (!cluster.valid() && c.cni.cilium) cluster = lab.ref_of(c);
  enforced = cluster.valid();
  if (!cluster.valid()) cluster = lab.only_cluster();
  if (!cluster.valid()) return;
  for (const model::Namespace& ns : lab.namespaces)
    if (*ns.default_deny && lab.cluster_of(lab.ref_of(ns)) == cluster)
      guarded.push_back(keep(model::object_name(ns.name)));
  std::sort(guarded.begin(), guarded.end());
  find_pods(*this);
  index_pods();
  declare_flows(*this);
  if (enforced) derive_policies(*this);
}

bool World::is_guarded(Text ns) const {
  return std::binary_search(guarded.begin(), guarded.end(), ns);
}

void World::index_pods() {
  by_ref_.resize(pods.size());
  std::iota(by_ref_.begin(), by_ref_.end(), std::size_t{0});
  by_set_ = by_ref_;
  std::stable_sort(by_ref_.begin(), by_ref_.end(), [&](std::size_t a, std::size_t b) {
    return std::tie(pods[a].ref.index, pods[a].ref.kind) < std::tie(pods[b].ref.index, pods[b].ref.kind);
  });
  std::stable_sort(by_set_.begin(), by_set_.end(),
                   [&](std::size_t a, std::size_t b) { return pods[a].set < pods[b].set; });
}

std::vector<std::size_t> World::pods_of(const model::AnyRef& ref) const {
  std::vector<std::size_t> out;
  if (!ref.valid()) return out;
  const Text block = ref.kind == model::HelmWorkload::schema ? ref.block : ref.within;
  const auto kind = ref.store_kind();
  auto at = std::partition_point(by_ref_.begin(), by_ref_.end(), [&](std::size_t i) {
    return std::tie(pods[i].ref.index, pods[i].ref.kind) < std::tie(ref.index, kind);
  });
  for (; at != by_ref_.end(); ++at) {
    const Pods& p = pods[*at];
    if (p.ref.index != ref.index || p.ref.kind != kind) break;
    if (block.empty() || p.block.empty() || p.block == block) out.push_back(*at);
  }
  return out;
}

const Pods* World::pods_by(const PodSet& set) const {
  if (set.labels.empty()) return nullptr;
  const auto at =
      std::partition_point(by_set_.begin(), by_set_.end(), [&](std::size_t i) { return pods[i].set < set; });
  return at != by_set_.end() && pods[*at].set == set ? &pods[*at] : nullptr;
}

// ---- identities

Identity World::identity(std::size_t i) const {
  const Pods& p = pods[i];
  if (p.host_network) return identity(Entity::remote_node);
  Identity out;
  out.name = p.name;
  out.ns = p.set.ns;
  out.labels = p.labels;
  out.pods = i;
  return out;
}

Identity World::identity(Entity entity) {
  Identity out;
  out.kind = Peer::Kind::entity;
  out.name = name_of(entity);
  out.entity = entity;
  return out;
}

Identity World::identity(const Ip& address) const {
  Identity out;
  out.kind = Peer::Kind::prefix;
  out.name = address.format();
  out.address = address;
  return out;
}

/// An address of the internet that nothing of the lab has (TEST-NET-2 of RFC 5737, documentation prefix of
/// RFC 3849).
Identity World::internet(Text name) const {
  const bool v6 = cluster.valid() && lab.get(cluster).pod_cidr->address.family == types::Family::v6;
  Identity out = identity(*Ip::parse(v6 ? "2001:db8::1" : "198.51.100.1"));
  if (name.empty()) return out;
  out.kind = Peer::Kind::name;
  out.name = name;
  out.host = name;
  return out;
}

std::vector<Identity> World::identities() const {
  std::vector<Identity> out;
  for (std::size_t i = 0; i < pods.size(); ++i)
    if (!pods[i].host_network) out.push_back(identity(i));
  // A pod that the lab knows nothing of, in each of its namespaces and outside.
  static constexpr std::string_view stranger = "stranger";
  std::vector<Text> places = guarded;
  for (const model::Namespace& ns : lab.namespaces) places.push_back(keep(model::object_name(ns.name)));
  places.push_back(keep("outside-of-the-lab"));
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  for (const Text ns : places) {
    Identity id;
    id.name = std::string(ns) + "/" + std::string(stranger);
    id.ns = ns;
    id.labels = {{"app", stranger}};
    out.push_back(std::move(id));
  }
  for (const Entity e :
       {Entity::host, Entity::remote_node, Entity::kube_apiserver, Entity::ingress, Entity::world})
    out.push_back(identity(e));
  out.push_back(internet());
  std::vector<Ip> addresses;
  std::vector<Text> names;
  for (const Policy& policy : policies)
    for (const Policy::Part& part : policy.parts)
      for (const Rule& rule : part.rules)
        for (const Peer& peer : rule.peers) {
          if (peer.kind == Peer::Kind::name) names.push_back(peer.name);
          if (peer.kind != Peer::Kind::prefix) continue;
          if (peer.prefix.length > 0) addresses.push_back(peer.prefix.broadcast());
          for (const Cidr& c : peer.except) addresses.push_back(c.broadcast());
        }
  std::sort(addresses.begin(), addresses.end());
  addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  for (const Ip& a : addresses) out.push_back(identity(a));
  for (const Text n : names) out.push_back(internet(n));
  return out;
}

// ---- verdicts

namespace {

bool selects(const Policy& policy, const Policy::Part& part, const Identity& id) {
  if (id.kind != Peer::Kind::pods) return false;
  if (!policy.ns.empty() && policy.ns != id.ns) return false;
  if (!part.namespaces.empty() &&
      std::find(part.namespaces.begin(), part.namespaces.end(), id.ns) == part.namespaces.end())
    return false;
  return matches(Peer::of(PodSet{{}, part.labels}), id);
}

Direction look(const World& world, const Identity& subject, const Identity& other, bool ingress) {
  Direction out;
  PortSet denied;
  for (const Policy& policy : world.policies)
    for (const Policy::Part& part : policy.parts) {
      if (!selects(policy, part, subject)) continue;
      out.selected |= ingress ? part.default_deny_ingress : part.default_deny_egress;
      for (const Rule& rule : part.rules) {
        const bool named =
            rule.ingress == ingress && std::any_of(rule.peers.begin(), rule.peers.end(),
                                                   [&](const Peer& p) { return matches(p, other); });
        if (!named) continue;
        (rule.deny ? out.denying : out.allowing).push_back(&rule);
        (rule.deny ? denied : out.ports).add(PortSet::of(rule.ports));
      }
    }
  // The kubelet of a pod's own node reaches it whatever policies say, unless one denies it.
  const bool kubelet = ingress && other.kind == Peer::Kind::entity && other.entity == Entity::host;
  if (!out.selected || kubelet) out.ports = PortSet::all();
  out.ports.remove(denied);
  return out;
}

}  // namespace

Verdict World::verdict(const Identity& from, const Identity& to) const {
  Verdict out;
  out.egress = look(*this, from, to, false);
  out.ingress = look(*this, to, from, true);
  out.ports = out.egress.ports;
  out.ports.keep(out.ingress.ports);
  return out;
}

}  // namespace lab::flows
