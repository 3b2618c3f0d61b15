#include "compiler/flows/peers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace lab::flows {

std::string_view name_of(Entity entity) {
  static constexpr std::array<std::string_view, 6> names = {"host",    "remote-node", "kube-apiserver",
                                                            "ingress", "world",       "cluster"};
  return names[static_cast<std::size_t>(entity)];
}

Peer Peer::of(PodSet set) {
  Peer out;
  out.pods = std::move(set);
  return out;
}

Peer Peer::of(Entity entity) {
  Peer out;
  out.kind = Kind::entity;
  out.entity = entity;
  return out;
}

Peer Peer::of(const Cidr& prefix) {
  Peer out;
  out.kind = Kind::prefix;
  out.prefix = prefix.canonical();
  return out;
}

Peer Peer::of(const Ip& address) {
  return of(Cidr{address, static_cast<std::uint8_t>(address.bits())});
}

Peer Peer::of_name(Text name) {
  Peer out;
  out.kind = Kind::name;
  out.name = name;
  return out;
}

std::string display(const Peer& peer) {
  switch (peer.kind) {
    case Peer::Kind::entity:
      return std::string(name_of(peer.entity));
    case Peer::Kind::name:
      return std::string(peer.name);
    case Peer::Kind::prefix:
      return peer.except.empty() ? peer.prefix.format() : std::string("the internet");
    case Peer::Kind::pods:
      break;
  }
  const std::string where =
      peer.pods.ns.empty() ? std::string("every namespace") : fmt::format("namespace {}", peer.pods.ns);
  if (peer.pods.labels.empty()) return fmt::format("all pods of {}", where);
  std::string labels;
  for (const auto& [key, value] : peer.pods.labels)
    labels += fmt::format("{}{}={}", labels.empty() ? "" : ",", key, value);
  return fmt::format("pods {} of {}", labels, where);
}

namespace {

bool has(const Labels& labels, const std::pair<Text, Text>& wanted) {
  return std::find(labels.begin(), labels.end(), wanted) != labels.end();
}

bool has_all(const Labels& labels, const Labels& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& w) { return has(labels, w); });
}

bool means(Entity rule, Entity identity) {
  switch (rule) {
    case Entity::remote_node:
      return identity == Entity::remote_node || identity == Entity::kube_apiserver;
    case Entity::cluster:
      return identity != Entity::world;
    default:
      return rule == identity;
  }
}

bool holds(const Peer& peer, const Ip& address) {
  return peer.prefix.contains(address) && std::none_of(peer.except.begin(), peer.except.end(),
                                                       [&](const Cidr& c) { return c.contains(address); });
}

}  // namespace

bool matches(const Peer& peer, const Identity& id) {
  switch (peer.kind) {
    case Peer::Kind::pods:
      return id.kind == Peer::Kind::pods && (peer.pods.ns.empty() || peer.pods.ns == id.ns) &&
             has_all(id.labels, peer.pods.labels);
    case Peer::Kind::entity:
      if (id.kind == Peer::Kind::pods) return peer.entity == Entity::cluster;
      if (id.kind == Peer::Kind::entity) return means(peer.entity, id.entity);
      return peer.entity == Entity::world;
    case Peer::Kind::prefix:
      // A name stands for some address of the internet.
      if (id.kind == Peer::Kind::prefix || id.kind == Peer::Kind::name) return holds(peer, id.address);
      // What Cilium knows no prefix of is `world`, and only everything at once means it.
      return id.kind == Peer::Kind::entity && id.entity == Entity::world && peer.prefix.length == 0 &&
             peer.except.empty();
    case Peer::Kind::name:
      return id.kind == Peer::Kind::name && id.host == peer.name;
  }
  return false;
}

bool covers(const Peer& outer, const Peer& inner) {
  if (outer.kind == Peer::Kind::entity) {
    if (inner.kind == Peer::Kind::pods) return outer.entity == Entity::cluster;
    if (inner.kind == Peer::Kind::entity) return means(outer.entity, inner.entity);
    return outer.entity == Entity::world;
  }
  if (outer.kind != inner.kind) return false;
  switch (outer.kind) {
    case Peer::Kind::pods:
      return (outer.pods.ns.empty() || outer.pods.ns == inner.pods.ns) &&
             has_all(inner.pods.labels, outer.pods.labels);
    case Peer::Kind::prefix:
      return outer.prefix.contains(inner.prefix) &&
             std::none_of(outer.except.begin(), outer.except.end(),
                          [&](const Cidr& c) { return c.overlaps(inner.prefix); });
    case Peer::Kind::name:
      return outer.name == inner.name;
    case Peer::Kind::entity:
      break;
  }
  return false;
}

std::vector<Cidr> prefixes_of(const types::IpRange& range) {
  std::vector<Cidr> out;
  Ip at = range.first;
  while (true) {
    std::uint8_t length = static_cast<std::uint8_t>(at.bits());
    while (length > 0) {
      const Cidr wider{at, static_cast<std::uint8_t>(length - 1)};
      if (wider.network() != at || wider.broadcast() > range.last) break;
      --length;
    }
    const Cidr found{at, length};
    out.push_back(found);
    if (found.broadcast() >= range.last) return out;
    at = *types::plus(found.broadcast(), 1);
  }
}

}  // namespace lab::flows
