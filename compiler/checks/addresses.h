// Every fixed address of a lab with its owner, and every range that something hands out by itself.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "compiler/model/lab.h"

namespace lab::checks {

/// As what an address is claimed.
enum class Role : std::uint8_t {
  machine,   // of a host, VM, NAS: its own, on one of its networks
  device,    // of a device: it may be the router that a network's gateway is
  reserved,  // of a VM, handed out by somebody else's DHCP: may lie in its range
  lease,     // of a router's lease whose label names no machine
  router,    // under which a router is managed
  gateway,   // default gateway of a network
  door,      // of a gateway, or `expose at`: handed out by the cluster's pool
  vip,       // of a cluster's API
  peer,      // of a member of an overlay network
  outside,   // of a device or server, outside every network
};

struct Claim {
  model::Ip ip;
  model::Origin at = 0;  // the value
  Role role{};
  model::Text kind;                    // of the owner: "vm"
  model::Text name;                    // of the owner: "talos-wk03"
  model::Origin owner = 0;             // its header
  model::Ref<model::Network> network;  // the one it says it is in
  model::Ref<model::Cluster> cluster;  // of a door or VIP
  bool leased = false;                 // a router's lease named after the machine hands it out
  /// "vm `talos-wk03`", "the gateway of network `k8s`".
  [[nodiscard]] std::string words() const;
};

/// Addresses that something gives to whoever asks.
struct Pool {
  model::IpRange range;
  model::Origin at = 0;
  model::Ref<model::Network> network;  // whose DHCP hands it out
  model::Ref<model::Cluster> cluster;  // or whose load balancers get it
  model::Text name;                    // of the network or cluster
  bool l2 = false;                     // announced on the nodes' own network
  [[nodiscard]] bool dhcp() const { return network.valid(); }
  /// "the DHCP range of network `k8s`", "the load-balancer pool of cluster `home`".
  [[nodiscard]] std::string words() const;
};

struct Addresses {
  std::vector<Claim> claims;  // by address; equal ones in the order of kinds.def
  std::vector<Pool> pools;    // by first address
  [[nodiscard]] bool claimed(const model::Ip& ip) const;
  /// Claims from `first` to `last`.
  [[nodiscard]] std::pair<std::size_t, std::size_t> between(const model::Ip& first,
                                                            const model::Ip& last) const;
  /// The pool that holds an address; null when none does.
  [[nodiscard]] const Pool* pool_of(const model::Ip& ip) const;
};

/// Values that the evaluator refused are left out.
[[nodiscard]] Addresses collect_addresses(const model::Lab& lab);

/// Whether a claimant is one that the pool is there for.
[[nodiscard]] bool may_take(const Claim& claim, const Pool& pool);

/// An address that nothing claims or hands out, for a machine on a network: after others of its kind in the
/// named range where they stand, else after them in the network, else after `near`, else the first.
[[nodiscard]] std::optional<model::Ip> free_address(const Addresses& all, const model::Network& network,
                                                    const Claim& near);
/// The next address of a range that nothing claims, after `near`, else from the start.
[[nodiscard]] std::optional<model::Ip> free_address(const Addresses& all, const model::IpRange& range,
                                                    const model::Ip& near);

}  // namespace lab::checks
