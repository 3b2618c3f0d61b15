// The typed lab: one store a kind, ids between resources, and the questions that checks and lowering ask.
//
// A resource of a component `like KIND` stands in the store of KIND too (authentik in `identity_providers`);
// components otherwise expand into core kinds and have no store.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/model/apps.h"
#include "compiler/model/cluster.h"
#include "compiler/model/hardware.h"
#include "compiler/model/identity.h"
#include "compiler/model/ingress.h"
#include "compiler/model/names.h"
#include "compiler/model/network.h"
#include "compiler/model/secrets.h"
#include "compiler/model/settings.h"
#include "compiler/model/storage.h"
#include "compiler/model/vm.h"

namespace lab::model {

/// A machine of a cluster with what all its groups say. `groups` are the `nodes` blocks that hold for it,
/// read with `self` being the machine, in order of declaration: lists add up, of two different scalars
/// `checks` complains.
struct Node {
  AnyRef machine;  // vm, host or server
  Text name;       // its host name
  Origin at = 0;
  bool control_plane = false;
  Ref<Cluster> cluster;
  std::vector<NodeGroup> groups;
  Opt<Ip> ip;
};

/// `after = [x]`: the one comes after the other. A component stands for each of its parts; one that has none,
/// for nothing.
struct Order {
  AnyRef of;
  AnyRef after;
  Text of_name, after_name;  // as they are called where this was said
  Origin at = 0;             // where `x` stands
};

/// A door and whose it is.
struct DoorOf {
  const Door* door = nullptr;      // of an app or chart
  const Expose* expose = nullptr;  // or one at the top of a file
  AnyRef owner;                    // app, helm; the `expose` itself at the top
  Text owner_name;
  Text fqdn;  // empty for a door `at` an address
  /// The port it leads to: of `owner`, or of what a top-level door names; the first one when not said.
  const AppPort* port = nullptr;
  const DevicePort* device_port = nullptr;  // a top-level door may lead to a device
};

/// A port of a workload and who has it.
struct PortOf {
  const App* app = nullptr;
  const Helm* helm = nullptr;
  const HelmWorkload* workload = nullptr;  // of `helm`
  const AppPort* port = nullptr;
  /// Number in the container.
  [[nodiscard]] std::uint16_t number() const { return port->number.value.first; }
  /// Number of the Service.
  [[nodiscard]] std::uint16_t service() const {
    return port->service ? static_cast<std::uint16_t>(*port->service) : number();
  }
};

struct Lab {
#define LAB_KIND(type, name, store) std::vector<type> store;
#include "compiler/model/kinds.def"
#undef LAB_KIND
  /// Nodes of every cluster, control plane first, in order of declaration.
  std::vector<Node> nodes;
  /// Order beside what follows from references, in order of declaration.
  std::vector<Order> orders;

  /// What a reference points at; must be valid.
#define LAB_KIND(type, name, store)                   \
  [[nodiscard]] const type& get(Ref<type> r) const {  \
    return store[r.index];                            \
  }                                                   \
  [[nodiscard]] const type* find(Ref<type> r) const { \
    return r.valid() ? &store[r.index] : nullptr;     \
  }
#include "compiler/model/kinds.def"
#undef LAB_KIND
  /// The resource of kind T that a reference names, or null: `as<Vm>(node.machine)`.
  template <class T>
  [[nodiscard]] const T* as(const AnyRef& ref) const {
    if (!ref.valid() || ref.is_block() || ref.kind != T::kind) return nullptr;
    return find(Ref<T>{ref.index});
  }
  /// The resource that holds a block, likewise.
  template <class T>
  [[nodiscard]] const T* owner(const AnyRef& ref) const {
    if (!ref.valid() || !ref.is_block() || ref.owner_kind != T::kind) return nullptr;
    return find(Ref<T>{ref.index});
  }
  /// Name and header of whatever a reference names; of the resource, for a block.
  [[nodiscard]] const Named* named(const AnyRef& ref) const;
  template <class T>
  [[nodiscard]] Ref<T> ref_of(const T& resource) const;
  /// The same as a reference of any kind.
  template <class T>
  [[nodiscard]] AnyRef any_of(const T& resource) const {
    return {T::kind, ref_of(resource).index, {}, {}, {}};
  }

  /// The `lab` declaration; there is one, or the lab did not get here.
  [[nodiscard]] const Settings& lab() const {
    return settings.front();
  }

  // ---- machines and networks
  /// The first address of a machine, device or server; none when DHCP gives it.
  [[nodiscard]] Opt<Ip> ip_of(const AnyRef& machine) const;
  /// The network that holds an address; null when none does.
  [[nodiscard]] const Network* network_of(const Ip& address) const;
  /// The host a machine runs on (itself for a host); null for others and for a VM that may run on several.
  [[nodiscard]] const Host* host_of(const AnyRef& machine) const;
  /// Failure domain: the zone of its host, of the server, of what a device is `within`; its own name
  /// otherwise.
  [[nodiscard]] Text zone_of(const AnyRef& machine) const;
  /// Name of a named range equal to this one, and its network; nulls when it has no name.
  [[nodiscard]] std::pair<const Network*, Text> named_range(const IpRange& range) const;
  [[nodiscard]] const NasExport* export_of(const AnyRef& ref) const;
  [[nodiscard]] const DevicePort* device_port(const AnyRef& ref) const;
  [[nodiscard]] const HostStorage* storage_of(const AnyRef& ref) const;
  [[nodiscard]] const HostGpu* gpu_of(const AnyRef& ref) const;

  // ---- clusters
  /// Nodes of a cluster, control plane first.
  [[nodiscard]] std::vector<const Node*> nodes_of(Ref<Cluster> cluster) const;
  /// The node that a machine is; null when it is none.
  [[nodiscard]] const Node* node_of(const AnyRef& machine) const;
  /// The cluster of a namespace: the one it names, else the only one. Invalid when there is none or a choice.
  [[nodiscard]] Ref<Cluster> cluster_of(Ref<Namespace> ns) const;
  [[nodiscard]] Ref<Cluster> only_cluster() const;

  // ---- workloads and doors
  /// All doors: of apps, of charts, and those at the top of files, in that order.
  [[nodiscard]] std::vector<DoorOf> doors() const;
  /// The port that a reference to a port block names; all null when it names none.
  [[nodiscard]] PortOf port_of(const AnyRef& ref) const;
  /// The door's whole name: host and domain of the gateway or tunnel; empty for a door at an address.
  [[nodiscard]] Text domain_of(const AnyRef& gateway_or_tunnel) const;
  /// The namespace of a workload, chart, gateway, tunnel or identity provider.
  [[nodiscard]] Ref<Namespace> namespace_of(const AnyRef& ref) const;

  // ---- secrets
  /// The secret that a part of a secret text comes from.
  [[nodiscard]] const Secret* secret_of(const eval::SecretPart& part) const;
  /// Which of its keys; empty for a secret without a body.
  [[nodiscard]] Text key_of(const eval::SecretPart& part) const { return symbols->text(part.key); }
  const source::Symbols* symbols = nullptr;  // of the session
};

/// Name that objects of a resource have in Kubernetes: `valkey cache`'s app `cache.server` is `cache-server`.
[[nodiscard]] std::string object_name(std::string_view name);

#define LAB_KIND(type, name, store)                                        \
  template <>                                                              \
  [[nodiscard]] inline Ref<type> Lab::ref_of(const type& resource) const { \
    return {static_cast<std::uint32_t>(&resource - store.data())};         \
  }
#include "compiler/model/kinds.def"
#undef LAB_KIND

}  // namespace lab::model
