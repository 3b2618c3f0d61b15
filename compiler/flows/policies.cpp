// Network policies from flows: one pair of rules an edge, grouped by who is selected, then by peers and
// ports.
//
// A part denies by default in a direction as soon as it allows something there; the policy of the last wave
// denies for every pod of the guarded namespaces. Rules that only deny, and those of whole namespaces, must
// not change what is denied by default, or one of them would cut off every pod it selects.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "compiler/flows/world.h"

namespace lab::flows {

namespace {

/// Most ports of one rule (pkg/policy/api `maxPorts`).
constexpr std::size_t most_ports = 40;
constexpr std::array single = {types::Protocol::tcp, types::Protocol::udp, types::Protocol::sctp,
                               types::Protocol::icmp};
constexpr std::string_view name_service_policy = "coredns", lookups_policy = "dns",
                           talos_policy = "talos-api", default_policy = "default-deny";

bool is_icmp(const PortSpec& p) {
  return p.has(types::Protocol::icmp);
}

/// One protocol each, sorted, each once.
std::vector<PortSpec> normal(const std::vector<PortSpec>& ports) {
  std::vector<PortSpec> out;
  for (const PortSpec& p : ports)
    for (const types::Protocol protocol : single)
      if (p.has(protocol)) out.push_back({static_cast<std::uint8_t>(protocol), p.first, p.last});
  std::sort(out.begin(), out.end(), [](const PortSpec& a, const PortSpec& b) {
    return std::tie(a.first, a.last, a.protocols) < std::tie(b.first, b.last, b.protocols);
  });
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

/// What is known of one side of one part while flows come in.
struct Side {
  bool all_ports = false;
  std::vector<PortSpec> ports;
  std::vector<const Flow*> flows;
};
struct SideKey {
  bool egress, deny, icmp, dns;
  Peer peer;
  auto operator<=>(const SideKey&) const = default;
};

struct Draft {
  std::vector<Text> namespaces;
  Labels labels;
  std::map<SideKey, Side> sides;
  bool everywhere = false;  // of whole namespaces: never denies by default
  Origin at = 0;
};

struct PolicyDraft {
  Policy policy;
  std::vector<Draft> parts;
};

class Deriver {
 public:
  explicit Deriver(World& world) : w_(world) {}

  void run() {
    for (const Flow& f : w_.flows) {
      if (f.from.kind == Peer::Kind::pods) add(f, f.from.pods, f.to, true);
      if (f.to.kind == Peer::Kind::pods) add(f, f.to.pods, f.from, false);
    }
    w_.policies.reserve(drafts_.size() + 1);
    for (auto& [key, draft] : drafts_) finish(draft);
    add_default();
  }

 private:
  void add(const Flow& f, const PodSet& subject, const Peer& other, bool egress) {
    if (f.reason == Reason::dns && subject.labels.empty()) {
      if (!egress || w_.guarded.empty()) return;
      PolicyDraft& draft = everywhere(std::string(lookups_policy), f.at);
      put(part(draft, w_.guarded, f.at), f, other, egress, true);
      return;
    }
    // The name service hears the whole cluster: pods need no rule of their own there.
    if (f.reason == Reason::dns && !egress && other == Peer::of(PodSet{})) return;
    const Pods* pods = w_.pods_by(subject);
    if (pods == nullptr) {
      if (!f.deny() && !subject.ns.empty() && !w_.is_guarded(subject.ns)) return;  // all is allowed there
      PolicyDraft& draft = everywhere(name_of_all(f, other), f.at);
      std::vector<Text> namespaces;
      if (!subject.ns.empty()) namespaces = {subject.ns};
      put(part(draft, namespaces, f.at), f, other, egress, false);
      return;
    }
    if (!f.deny() && !w_.is_guarded(subject.ns)) return;
    PolicyDraft& draft = of(*pods);
    auto at = std::find_if(draft.parts.begin(), draft.parts.end(),
                           [&](const Draft& d) { return d.labels == subject.labels; });
    if (at == draft.parts.end()) {
      at = draft.parts.insert(draft.parts.end(), Draft{});
      at->labels = subject.labels;
      at->at = pods->at;
    }
    put(*at, f, other, egress, false);
  }

  /// The policy about all pods of a namespace, or of all: of a rule by its name, of a caller by whose it is.
  std::string name_of_all(const Flow& f, const Peer& other) const {
    if (f.reason == Reason::talos_api) return std::string(talos_policy);
    if (!f.rule.empty()) return f.rule;
    std::string name(flows::name_of(f.reason));
    for (const Pods& p : w_.pods)
      if (other == Peer::of(p.set)) name += "-" + p.name;
    for (char& c : name)
      if (c == '/' || c == '.' || c == ' ') c = '-';
    return name;
  }

  /// The policy of an app or chart. What the network's own chart brings, and the name service, cannot wait in
  /// a folder that is applied together with the network.
  PolicyDraft& of(const Pods& pods) {
    const auto* helm = w_.lab.as<model::Helm>(pods.ref);
    const std::string_view chart = helm == nullptr ? std::string_view{} : std::string_view(*helm->chart);
    const bool network = chart.substr(chart.rfind('/') + 1) == "cilium";
    const std::string name = pods.ref.valid() ? pods.unit : std::string(name_service_policy);
    const auto place = network || !pods.ref.valid() ? Policy::Place::everywhere : Policy::Place::workload;
    PolicyDraft& draft = drafts_[{place, pods.set.ns, pods.unit, name}];
    if (draft.policy.name.empty()) {
      draft.policy.name = name;
      draft.policy.place = place;
      draft.policy.ns = pods.set.ns;
      draft.policy.unit = pods.unit;
      draft.policy.at = helm != nullptr ? helm->at : pods.at;
    }
    return draft;
  }

  PolicyDraft& everywhere(const std::string& name, Origin at) {
    PolicyDraft& draft = drafts_[{Policy::Place::everywhere, {}, {}, name}];
    if (draft.policy.name.empty()) {
      draft.policy.name = name;
      draft.policy.place = Policy::Place::everywhere;
      draft.policy.at = at;
    }
    return draft;
  }

  static Draft& part(PolicyDraft& draft, const std::vector<Text>& namespaces, Origin at) {
    for (Draft& d : draft.parts)
      if (d.namespaces == namespaces) return d;
    Draft& d = draft.parts.emplace_back();
    d.namespaces = namespaces;
    d.everywhere = true;
    d.at = at;
    return d;
  }

  static void put(Draft& draft, const Flow& f, const Peer& other, bool egress, bool dns) {
    const std::vector<PortSpec> all = normal(f.ports);
    for (const bool icmp : {false, true}) {
      std::vector<PortSpec> ports;
      for (const PortSpec& p : all)
        if (is_icmp(p) == icmp) ports.push_back(p);
      if (ports.empty() && !(f.ports.empty() && !icmp)) continue;
      Side& side = draft.sides[{egress, f.deny(), icmp, dns, other}];
      side.all_ports |= ports.empty();
      side.ports.insert(side.ports.end(), ports.begin(), ports.end());
      side.flows.push_back(&f);
    }
  }

  void finish(PolicyDraft& draft) {
    for (Draft& d : draft.parts) {
      Policy::Part& part = draft.policy.parts.emplace_back();
      part.namespaces = d.namespaces;
      part.labels = d.labels;
      part.at = d.at;
      for (auto& [key, side] : d.sides) {
        if (side.all_ports) side.ports.clear();
        side.ports = normal(side.ports);
        add_rules(part, key, side);
        if (!d.everywhere && !key.deny)
          (key.egress ? part.default_deny_egress : part.default_deny_ingress) = true;
      }
    }
    w_.policies.push_back(std::move(draft.policy));
  }

  static void add_rules(Policy::Part& part, const SideKey& key, const Side& side) {
    for (std::size_t first = 0; first == 0 || first < side.ports.size(); first += most_ports) {
      const auto begin = side.ports.begin() + static_cast<std::ptrdiff_t>(first);
      const auto count = std::min(most_ports, side.ports.size() - first);
      const std::vector<PortSpec> ports(begin, begin + static_cast<std::ptrdiff_t>(count));
      auto rule = std::find_if(part.rules.begin(), part.rules.end(), [&](const Rule& r) {
        return r.ingress != key.egress && r.deny == key.deny && r.dns == key.dns && r.ports == ports &&
               r.peers.front().kind == key.peer.kind;
      });
      if (rule == part.rules.end()) {
        rule = part.rules.insert(part.rules.end(), Rule{});
        rule->ingress = !key.egress;
        rule->deny = key.deny;
        rule->dns = key.dns;
        rule->ports = ports;
      }
      rule->peers.push_back(key.peer);
      for (const Flow* f : side.flows)
        if (std::find(rule->flows.begin(), rule->flows.end(), f) == rule->flows.end())
          rule->flows.push_back(f);
    }
  }

  void add_default() {
    if (w_.guarded.empty()) return;
    Policy& policy = w_.policies.emplace_back();
    policy.name = default_policy;
    policy.place = Policy::Place::last;
    policy.at = w_.lab.get(w_.cluster).cni.at;
    Policy::Part& part = policy.parts.emplace_back();
    part.namespaces = w_.guarded;
    part.default_deny_ingress = part.default_deny_egress = part.nothing = true;
    part.at = policy.at;
  }

  World& w_;
  // By place, namespace, unit and name: the order of the policies, the last of which is the default.
  std::map<std::tuple<Policy::Place, Text, Text, std::string>, PolicyDraft> drafts_;
};

}  // namespace

void derive_policies(World& world) {
  Deriver(world).run();
}

}  // namespace lab::flows
