// The ends of flows as a network policy of a cluster can tell them apart, and identities: one concrete
// representative of each kind of traffic.
//
// What selects what follows Cilium 1.20: pkg/policy/api (entities, CIDR rules, FQDN selectors) and
// pkg/identity (reserved labels). CIDR rules never match pods or nodes; `remote-node` also matches the
// identity of the API server, which carries both labels.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/model/prop.h"
#include "compiler/types/net.h"

namespace lab::flows {

using model::Origin;
using model::Text;
using types::Cidr;
using types::Ip;
using types::PortSpec;

enum class Entity : std::uint8_t { host, remote_node, kube_apiserver, ingress, world, cluster };
/// `remote-node`, as policies spell it.
[[nodiscard]] std::string_view name_of(Entity entity);

using Labels = std::vector<std::pair<Text, Text>>;

/// Pods by namespace and labels; an empty namespace means every one, no labels mean all pods.
struct PodSet {
  Text ns;
  Labels labels;  // sorted by key
  auto operator<=>(const PodSet&) const = default;
};

/// What a rule names on its other side.
struct Peer {
  enum class Kind : std::uint8_t { pods, entity, prefix, name };
  Kind kind = Kind::pods;
  PodSet pods;
  Entity entity = Entity::host;
  Cidr prefix;
  std::vector<Cidr> except;  // parts of `prefix` that are not meant
  Text name;                 // a host name in the internet
  auto operator<=>(const Peer&) const = default;

  static Peer of(PodSet set);
  static Peer of(Entity entity);
  static Peer of(const Cidr& prefix);
  static Peer of(const Ip& address);
  static Peer of_name(Text name);
};
/// `media/sonarr`, `remote-node`, `192.168.30.5/32`, `plex.tv`.
[[nodiscard]] std::string display(const Peer& peer);

/// One concrete end: a pod with its labels, a reserved identity, an address, a name in the internet.
struct Identity {
  Peer::Kind kind = Peer::Kind::pods;
  std::string name;  // unique: `media/sonarr`, `remote-node`, `192.168.30.5`, `plex.tv`
  Text ns;
  Labels labels;
  Entity entity = Entity::host;
  Ip address;
  Text host;                        // of Kind::name
  std::optional<std::size_t> pods;  // which of `World::pods` it is
};

/// Whether a rule that names the peer means the identity.
[[nodiscard]] bool matches(const Peer& peer, const Identity& identity);
/// Whether everything that `inner` means, `outer` means too.
[[nodiscard]] bool covers(const Peer& outer, const Peer& inner);

/// The fewest prefixes that hold exactly these addresses.
[[nodiscard]] std::vector<Cidr> prefixes_of(const types::IpRange& range);

}  // namespace lab::flows
