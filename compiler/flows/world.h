// What of the lab talks to what: the pods of its cluster, the flows that the lab declares or implies, and
// the network policies that follow from them.
//
// The rules of derivation are those of a minimal zero-trust set: see docs/policies.md.
#pragma once
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/flows/peers.h"
#include "compiler/flows/ports.h"
#include "compiler/model/lab.h"

namespace lab::flows {

/// Pods of one kind: those of an app, job or cron job, of a workload of a chart, of a gateway that runs as
/// pods, or the cluster's own name service.
struct Pods {
  std::string name;             // unique: `media/sonarr`, `argocd/argocd.server`
  PodSet set;                   // what policies select them by
  Labels labels;                // all labels known of them
  model::AnyRef ref;            // app, job, cron, helm or gateway; invalid for the name service
  Text block;                   // `workload` of a chart
  std::string unit;             // whose folder below kubernetes/NAMESPACE/ their policy stands in
  std::vector<PortSpec> ports;  // they listen on, in the container
  bool host_network = false;    // these are the node for every policy
  Origin at = 0;
};

/// Why there is a flow.
enum class Reason : std::uint8_t {
  call,
  door,
  api,
  webhook,
  metrics,
  dns,
  talos_api,
  overlay,
  allowed,
  denied
};
[[nodiscard]] std::string_view name_of(Reason reason);

/// Somebody may, or may not, speak to somebody.
struct Flow {
  Peer from, to;
  std::vector<PortSpec> ports;  // at the pods or machines, behind Services; empty: all
  Reason reason = Reason::call;
  Origin at = 0;     // the declaration that says or implies it
  std::string what;  // `sonarr calls prowlarr`
  std::string rule;  // of a rule at the top of a file: `allow-printer`
  [[nodiscard]] bool deny() const { return reason == Reason::denied; }
};

/// One rule of a policy: peers of one kind, at the same ports.
struct Rule {
  bool ingress = false;
  bool deny = false;
  std::vector<Peer> peers;         // sorted; of one kind
  std::vector<PortSpec> ports;     // sorted; empty: all
  bool dns = false;                // lookups pass the proxy that learns addresses of names
  std::vector<const Flow*> flows;  // why, one a peer and port at least
};

struct Policy {
  enum class Place : std::uint8_t {
    workload,    // in the folder of an app or chart
    everywhere,  // among the policies of the whole cluster
    last         // the default, after everything else
  };
  std::string name;
  Place place = Place::workload;
  Text ns;           // of a CiliumNetworkPolicy; empty: a CiliumClusterwideNetworkPolicy
  std::string unit;  // Place::workload: the folder
  struct Part {
    std::vector<Text> namespaces;  // of a clusterwide policy: only pods there; empty: every namespace
    Labels labels;                 // of the pods; none: all there
    bool default_deny_ingress = false, default_deny_egress = false;
    bool nothing = false;  // both directions are selected, and nothing is allowed
    std::vector<Rule> rules;
    Origin at = 0;
  };
  std::vector<Part> parts;
  Origin at = 0;
};

/// What one direction of a pair lets pass, and by which rules.
struct Direction {
  PortSet ports;
  bool selected = false;              // some policy denies by default
  std::vector<const Rule*> allowing;  // that name the other side
  std::vector<const Rule*> denying;
};
struct Verdict {
  Direction egress, ingress;
  PortSet ports;  // both
};

class World {
 public:
  explicit World(const model::Lab& lab);
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  const model::Lab& lab;
  model::Ref<model::Cluster> cluster;  // whose pods these are; invalid: the lab has none with Cilium
  bool enforced = false;               // by Cilium
  std::vector<Pods> pods;
  std::vector<Flow> flows;
  std::vector<Policy> policies;
  std::vector<Text> guarded;  // namespaces where what nothing explains is refused

  [[nodiscard]] bool is_guarded(Text ns) const;
  /// The pods of a reference: of an app, all workloads of a chart, one of them. Host-network ones too.
  [[nodiscard]] std::vector<std::size_t> pods_of(const model::AnyRef& ref) const;
  /// The first pods that policies select by this set, which has labels; null when there are none.
  [[nodiscard]] const Pods* pods_by(const PodSet& set) const;
  [[nodiscard]] Identity identity(std::size_t pods) const;
  [[nodiscard]] static Identity identity(Entity entity);
  [[nodiscard]] Identity identity(const Ip& address) const;
  /// Some address of the internet, or the host of that name there.
  [[nodiscard]] Identity internet(Text name = {}) const;
  /// Everything that policies can tell apart, one of each: pods, reserved identities, addresses and names.
  [[nodiscard]] std::vector<Identity> identities() const;
  /// What the policies let pass; all where nobody enforces them.
  [[nodiscard]] Verdict verdict(const Identity& from, const Identity& to) const;

  /// Whom an endpoint means when it is called, and at which ports.
  struct Target {
    Peer peer;
    std::vector<PortSpec> ports;
  };
  [[nodiscard]] std::vector<Target> targets(const model::Endpoint& endpoint) const;
  /// Whom it means when it speaks.
  [[nodiscard]] std::vector<Peer> sources(const model::Endpoint& endpoint) const;
  /// What pods see a gateway as, and at which ports it listens.
  [[nodiscard]] Target gateway(const model::Gateway& gateway) const;
  /// The backends of a door via a gateway: the identity provider's outpost where that signs people in.
  struct Backend {
    std::size_t pods = 0;
    PortSpec port;
  };
  [[nodiscard]] std::vector<Backend> backends(const model::DoorOf& door) const;
  /// The pods and ports of a door itself, whoever stands in between.
  [[nodiscard]] std::vector<Backend> served(const model::DoorOf& door) const;
  [[nodiscard]] Peer internet_peer() const;

  /// The same text, living as long as this.
  Text keep(std::string text) const { return texts_.emplace_back(std::move(text)); }

 private:
  void index_pods();
  std::vector<std::size_t> by_ref_;  // all pods, ordered by what they are of
  std::vector<std::size_t> by_set_;  // and by what selects them
  mutable std::deque<std::string> texts_;
};

/// Fills `world.pods` (pods.cpp), `world.flows` (declared.cpp), `world.policies` (policies.cpp).
void find_pods(World& world);
void declare_flows(World& world);
void derive_policies(World& world);

}  // namespace lab::flows
