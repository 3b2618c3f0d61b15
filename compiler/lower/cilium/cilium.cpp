#include "compiler/lower/cilium/cilium.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/flows/world.h"
#include "compiler/lower/policy_units.h"

namespace lab::lower::cilium {

namespace {

using document::List;
using document::Map;
using document::Node;
using flows::Flow;
using flows::Peer;
using flows::Policy;
using flows::PortSpec;
using flows::Rule;
using model::Text;

constexpr std::string_view rule_name = "cilium.policy", api_version = "cilium.io/v2";
/// The label that Cilium gives each pod for its namespace, with the source that labels of Kubernetes have.
constexpr std::string_view namespace_key = "k8s:io.kubernetes.pod.namespace";

void inherit(Node& node, Origin origin) {
  if (node.origin == document::no_origin) node.origin = origin;
  if (!node.is_collection()) return;
  for (Node* child = node.first; child != nullptr; child = child->next) inherit(*child, node.origin);
}

class Writer {
 public:
  Writer(document::Arena& arena, Bundle& bundle) : arena_(arena), bundle_(bundle) {}

  void write(const Policy& policy) {
    Map root = arena_.map(policy.at);
    root.set("apiVersion", api_version);
    root.set("kind", policy.ns.empty() ? "CiliumClusterwideNetworkPolicy" : "CiliumNetworkPolicy");
    Map metadata = root.map("metadata").set("name", keep(policy.name));
    metadata.set_nonempty("namespace", keep(policy.ns));
    if (policy.parts.size() == 1) {
      put_part(policy, policy.parts.front(), root.map("spec", policy.parts.front().at));
    } else {
      List specs = root.list("specs");
      for (const Policy::Part& part : policy.parts) put_part(policy, part, specs.map(part.at));
    }
    inherit(*root.node(), policy.at);
    bundle_.add(path(policy), rule_name, {root});
  }

 private:
  std::string_view keep(std::string_view text) { return arena_.keep(text); }

  static std::string path(const Policy& policy) {
    if (policy.place == Policy::Place::workload)
      return fmt::format("kubernetes/{}/{}/network-policy.yaml", policy.ns, policy.unit);
    const bool last = policy.place == Policy::Place::last;
    return fmt::format("kubernetes/{}/{}/{}.yaml", cluster_wide, last ? default_deny_unit : allowances_unit,
                       policy.name);
  }

  void put_part(const Policy& policy, const Policy::Part& part, Map spec) {
    Map selector = spec.map("endpointSelector", part.at);
    if (policy.ns.empty()) put_namespaces(selector, part.namespaces);
    if (!part.labels.empty()) put_labels(selector.map("matchLabels"), part.labels);
    put_defaults(part, spec);
    if (part.nothing) {  // a rule without peers selects the direction and allows nothing
      spec.list("ingress").map();
      spec.list("egress").map();
      return;
    }
    for (const Rule& rule : part.rules) {
      const char* section =
          rule.ingress ? (rule.deny ? "ingressDeny" : "ingress") : (rule.deny ? "egressDeny" : "egress");
      put_rule(policy, rule, spec.list(section));
    }
  }

  /// Only pods have a namespace: without it a clusterwide selector takes Cilium's own endpoints too.
  void put_namespaces(Map selector, const std::vector<Text>& namespaces) {
    if (namespaces.size() == 1) {
      selector.map("matchLabels").set(namespace_key, keep(namespaces.front()));
      return;
    }
    Map expression = selector.list("matchExpressions").map();
    expression.set("key", namespace_key).set("operator", namespaces.empty() ? "Exists" : "In");
    if (namespaces.empty()) return;
    List values = expression.list("values");
    for (const Text ns : namespaces) values.add(keep(ns));
  }

  void put_labels(Map to, const flows::Labels& labels) {
    for (const auto& [key, value] : labels) to.set(keep(key), keep(value));
  }

  /// Said where Cilium would deny by default and the policy must not.
  static void put_defaults(const Policy::Part& part, Map spec) {
    const auto has = [&](bool ingress) {
      return std::any_of(part.rules.begin(), part.rules.end(),
                         [&](const Rule& r) { return r.ingress == ingress; });
    };
    if (has(true) && !part.default_deny_ingress) spec.map("enableDefaultDeny").set("ingress", false);
    if (has(false) && !part.default_deny_egress) spec.map("enableDefaultDeny").set("egress", false);
  }

  void put_rule(const Policy& policy, const Rule& rule, List section) {
    Map out = section.map(rule.flows.front()->at);
    std::string why;
    std::vector<std::string_view> said;
    for (const Flow* f : rule.flows) {
      if (std::find(said.begin(), said.end(), f->what) != said.end()) continue;
      said.push_back(f->what);
      if (said.size() <= 4) why += fmt::format("{}{}", why.empty() ? "" : "; ", f->what);
    }
    if (said.size() > 4) why += fmt::format("; and {} more", said.size() - 4);
    section.comment_above(why);
    const std::string_view side = rule.ingress ? "from" : "to";
    switch (rule.peers.front().kind) {
      case Peer::Kind::pods:
        put_pods(policy, rule, out.list(fmt::format("{}Endpoints", side)));
        break;
      case Peer::Kind::entity: {
        List entities = out.list(fmt::format("{}Entities", side));
        for (const Peer& p : rule.peers) entities.add(flows::name_of(p.entity), origin(rule, p));
        break;
      }
      case Peer::Kind::prefix:
        put_prefixes(rule, out, side);
        break;
      case Peer::Kind::name: {
        List names = out.list("toFQDNs");
        for (const Peer& p : rule.peers) names.map(origin(rule, p)).set("matchName", keep(p.name));
        break;
      }
    }
    put_ports(rule, out);
  }

  static Origin origin(const Rule& rule, const Peer& peer) {
    for (const Flow* f : rule.flows)
      if ((rule.ingress ? f->from : f->to) == peer) return f->at;
    return rule.flows.front()->at;
  }

  void put_pods(const Policy& policy, const Rule& rule, List list) {
    for (const Peer& p : rule.peers) {
      Map peer = list.map(origin(rule, p));
      if (p.pods.ns.empty()) {
        peer.list("matchExpressions").map().set("key", namespace_key).set("operator", "Exists");
        continue;
      }
      // In its own namespace a policy means that namespace without saying so.
      if (p.pods.ns != policy.ns || p.pods.labels.empty())
        peer.map("matchLabels").set(namespace_key, keep(p.pods.ns));
      if (!p.pods.labels.empty()) put_labels(peer.map("matchLabels"), p.pods.labels);
    }
  }

  static void put_prefixes(const Rule& rule, Map out, std::string_view side) {
    const bool plain =
        std::all_of(rule.peers.begin(), rule.peers.end(), [](const Peer& p) { return p.except.empty(); });
    List list = out.list(fmt::format("{}{}", side, plain ? "CIDR" : "CIDRSet"));
    for (const Peer& p : rule.peers) {
      if (plain) {
        list.add(p.prefix.format(), origin(rule, p));
        continue;
      }
      Map set = list.map(origin(rule, p)).set("cidr", p.prefix.format());
      if (p.except.empty()) continue;
      List except = set.list("except");
      for (const types::Cidr& c : p.except) except.add(c.format());
    }
  }

  static void put_ports(const Rule& rule, Map out) {
    if (rule.ports.empty()) return;
    if (rule.ports.front().has(types::Protocol::icmp)) {
      // Type 0 stands for every type: Cilium cannot tell it from echo replies, which pass as replies anyway.
      List fields = out.list("icmps").map().list("fields");
      for (const PortSpec& p : rule.ports) {
        if (p.is_single())
          fields.map().set("family", "IPv4").set("type", p.first);
        else
          fields.map().set("family", "IPv4").set("type", 0);
      }
      return;
    }
    Map to_ports = out.list("toPorts").map();
    List ports = to_ports.list("ports");
    for (const PortSpec& p : rule.ports) {
      Map port = ports.map();
      port.set("port", fmt::format("{}", p.first));
      if (!p.is_single()) port.set("endPort", p.last);
      port.set("protocol", p.has(types::Protocol::tcp)   ? "TCP"
                           : p.has(types::Protocol::udp) ? "UDP"
                                                         : "SCTP");
      port.origin(port_origin(rule, p));
    }
    if (rule.dns) to_ports.map("rules").list("dns").map().set("matchPattern", "*");
  }

  static Origin port_origin(const Rule& rule, const PortSpec& port) {
    for (const Flow* f : rule.flows)
      for (const PortSpec& p : f->ports)
        if (p.overlaps(port)) return f->at;
    return rule.flows.front()->at;
  }

  document::Arena& arena_;
  Bundle& bundle_;
};

}  // namespace

void lower(const model::Lab&, document::Arena& arena, Bundle& bundle, diagnostics::Sink&,
           const Options& options) {
  Writer writer(arena, bundle);
  for (const Policy& policy : options.flows().policies) writer.write(policy);
}

}  // namespace lab::lower::cilium
