#include "compiler/checks/prefixes.h"

#include <fmt/format.h>

namespace lab::checks {

std::string Prefix::words() const {
  switch (use) {
    case Use::network:
      return fmt::format("network `{}`", name);
    case Use::pods:
      return fmt::format("the pods of cluster `{}`", name);
    case Use::services:
      return fmt::format("the Services of cluster `{}`", name);
    case Use::vpn:
      return fmt::format("vpn `{}`", name);
    case Use::route:
      break;
  }
  return fmt::format("route `{}`", name);
}

std::vector<Prefix> prefixes_of(const model::Lab& lab) {
  std::vector<Prefix> out;
  const auto add = [&](const model::Prop<model::Cidr>& cidr, Prefix::Use use, const model::Named& owner,
                       std::uint32_t index) {
    if (cidr.at != 0) out.push_back({*cidr, cidr.at, use, owner.name, index, owner.at});
  };
  for (const model::Network& n : lab.networks) add(n.cidr, Prefix::Use::network, n, lab.ref_of(n).index);
  for (const model::Cluster& c : lab.clusters) {
    add(c.pod_cidr, Prefix::Use::pods, c, lab.ref_of(c).index);
    add(c.service_cidr, Prefix::Use::services, c, lab.ref_of(c).index);
  }
  for (const model::Vpn& v : lab.vpns) add(v.cidr, Prefix::Use::vpn, v, lab.ref_of(v).index);
  for (const model::Router& r : lab.routers)
    for (const model::StaticRoute& route : r.route)
      add(route.to, Prefix::Use::route, route, lab.ref_of(r).index);
  for (const model::Node& node : lab.nodes)
    for (const model::NodeGroup& group : node.groups)
      for (const model::StaticRoute& route : group.route)
        add(route.to, Prefix::Use::route, route, node.cluster.index);
  return out;
}

}  // namespace lab::checks
