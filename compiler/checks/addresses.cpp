#include "compiler/checks/addresses.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

namespace lab::checks {

using model::Ip;
using model::IpRange;
using model::Lab;
using model::Origin;
using model::Ref;

namespace {

class Collector {
 public:
  explicit Collector(const Lab& lab) : lab_(lab) {}

  Addresses run() {
    networks();
    machines();
    routers();
    doors();
    clusters();
    for (Claim& claim : out_.claims)
      claim.leased = leased_.contains(claim.name) && named_.contains(claim.name);
    for (const model::Vpn& vpn : lab_.vpns)
      for (const model::VpnPeer& peer : vpn.peer)
        if (peer.address) add(*peer.address, peer.address.at, Role::peer, "peer", peer.name, peer.at);
    std::stable_sort(out_.claims.begin(), out_.claims.end(),
                     [](const Claim& a, const Claim& b) { return a.ip < b.ip; });
    std::stable_sort(out_.pools.begin(), out_.pools.end(),
                     [](const Pool& a, const Pool& b) { return a.range.first < b.range.first; });
    return std::move(out_);
  }

 private:
  Claim* add(const Ip& ip, Origin at, Role role, model::Text kind, model::Text name, Origin owner,
             Ref<model::Network> network = {}, Ref<model::Cluster> cluster = {}) {
    if (at == 0) return nullptr;
    return &out_.claims.emplace_back(Claim{ip, at, role, kind, name, owner, network, cluster});
  }
  template <class T>
  void add(const T& owner, const Ip& ip, Origin at, Role role, Ref<model::Network> network) {
    add(ip, at, role, T::kind, owner.name, owner.at, network);
  }

  void networks() {
    for (const model::Network& n : lab_.networks) {
      if (n.gateway) add(n, *n.gateway, n.gateway.at, Role::gateway, lab_.ref_of(n));
      if (n.dhcp) out_.pools.push_back({*n.dhcp, n.dhcp.at, lab_.ref_of(n), {}, n.name, false});
    }
  }

  template <class T>
  void device(const T& d, Role role) {
    if (d.address) add(d, *d.address, d.address.at, role, d.on ? *d.on : Ref<model::Network>{});
    if (d.at_) add(d, *d.at_, d.at_.at, Role::outside, {});
  }

  void machines() {
    for (const model::Host& h : lab_.hosts) {
      named_.insert(h.name);
      add(h, *h.address, h.address.at, Role::machine, *h.on);
      for (const model::HostNic& nic : h.nic) add(h, *nic.address, nic.address.at, Role::machine, nic.label);
    }
    for (const model::Device& d : lab_.devices) device(d, Role::device);
    for (const model::Nas& n : lab_.nases) device(n, Role::machine);
    for (const model::Server& s : lab_.servers) add(s, *s.at_, s.at_.at, Role::outside, {});
    for (const model::Vm& vm : lab_.vms) {
      named_.insert(vm.name);
      for (const model::VmNic& nic : vm.nic) {
        const model::NicAddress& a = nic.address;
        if (a.ip) add(vm, *a.ip, a.ip.at, Role::machine, nic.label);
        if (a.reserved) add(vm, *a.reserved->address, a.reserved->address.at, Role::reserved, nic.label);
      }
    }
    for (const model::Device& d : lab_.devices) named_.insert(d.name);
    for (const model::Nas& n : lab_.nases) named_.insert(n.name);
  }

  void routers() {
    for (const model::Router& r : lab_.routers) {
      if (r.address) add(r, *r.address, r.address.at, Role::router, {});
      for (const model::Lease& lease : r.lease) {
        leased_.insert(lease.name);
        if (!named_.contains(lease.name))
          add(*lease.address, lease.address.at, Role::lease, "lease", lease.name, lease.at);
      }
    }
  }

  void doors() {
    for (const model::Gateway& g : lab_.gateways)
      add(*g.address, g.address.at, Role::door, model::Gateway::kind, g.name, g.at, {},
          g.in ? lab_.cluster_of(*g.in) : Ref<model::Cluster>{});
    for (const model::App& app : lab_.apps)
      if (app.in) doors_of(app, app.expose, lab_.cluster_of(*app.in));
    for (const model::Helm& helm : lab_.helms) doors_of(helm, helm.expose, lab_.cluster_of(*helm.in));
  }
  template <class T>
  void doors_of(const T& owner, const std::vector<model::Door>& doors, Ref<model::Cluster> cluster) {
    std::vector<Ip> seen;  // several doors of one workload may share an address
    for (const model::Door& door : doors) {
      if (!door.at_ || std::find(seen.begin(), seen.end(), *door.at_) != seen.end()) continue;
      seen.push_back(*door.at_);
      add(*door.at_, door.at_.at, Role::door, T::kind, owner.name, owner.at, {}, cluster);
    }
  }

  void clusters() {
    for (const model::Cluster& c : lab_.clusters) {
      if (c.vip) add(*c.vip, c.vip.at, Role::vip, model::Cluster::kind, c.name, c.at, {}, lab_.ref_of(c));
      if (!c.cni.cilium) continue;
      const model::Announce& announce = c.cni.cilium->announce;
      if (announce.l2) pools(c, announce.l2->ranges, true);
      if (announce.bgp) pools(c, announce.bgp->ranges, false);
    }
  }
  void pools(const model::Cluster& c, const std::vector<model::Prop<IpRange>>& ranges, bool l2) {
    for (const auto& range : ranges)
      if (range.at != 0) out_.pools.push_back({*range, range.at, {}, lab_.ref_of(c), c.name, l2});
  }

  const Lab& lab_;
  Addresses out_;
  std::unordered_set<std::string_view> named_;   // machines that a lease may be for
  std::unordered_set<std::string_view> leased_;  // names of leases
};

}  // namespace

std::string Claim::words() const {
  switch (role) {
    case Role::gateway:
      return fmt::format("the gateway of network `{}`", name);
    case Role::vip:
      return fmt::format("the VIP of cluster `{}`", name);
    default:
      return fmt::format("{} `{}`", kind, name);
  }
}

std::string Pool::words() const {
  return dhcp() ? fmt::format("the DHCP range of network `{}`", name)
                : fmt::format("the load-balancer pool of cluster `{}`", name);
}

Addresses collect_addresses(const Lab& lab) {
  return Collector(lab).run();
}

std::pair<std::size_t, std::size_t> Addresses::between(const Ip& first, const Ip& last) const {
  const auto low = std::lower_bound(claims.begin(), claims.end(), first,
                                    [](const Claim& c, const Ip& ip) { return c.ip < ip; });
  const auto high =
      std::upper_bound(low, claims.end(), last, [](const Ip& ip, const Claim& c) { return ip < c.ip; });
  return {static_cast<std::size_t>(low - claims.begin()), static_cast<std::size_t>(high - claims.begin())};
}

bool Addresses::claimed(const Ip& ip) const {
  const auto [low, high] = between(ip, ip);
  return low != high;
}

const Pool* Addresses::pool_of(const Ip& ip) const {
  for (const Pool& pool : pools) {
    if (ip < pool.range.first) break;
    if (pool.range.contains(ip)) return &pool;
  }
  return nullptr;
}

bool may_take(const Claim& claim, const Pool& pool) {
  if (pool.dhcp()) return claim.leased || claim.role == Role::reserved || claim.role == Role::lease;
  return claim.role == Role::door && claim.cluster == pool.cluster;
}

namespace {

/// From `from` to `to` the first address that nothing claims; pools other than `own` are jumped over.
std::optional<Ip> scan(const Addresses& all, Ip from, const Ip& to, bool in_pool) {
  constexpr int most = 1 << 16;
  for (int step = 0; step < most && from <= to; ++step) {
    const Pool* pool = in_pool ? nullptr : all.pool_of(from);
    if (pool == nullptr && !all.claimed(from)) return from;
    const auto next = types::plus(pool == nullptr ? from : pool->range.last, 1);
    if (!next) break;
    from = *next;
  }
  return std::nullopt;
}

std::optional<Ip> scan_around(const Addresses& all, const Ip& first, const Ip& last, const Ip& near,
                              bool in_pool) {
  if (const auto next = types::plus(near, 1); next && *next >= first && *next <= last)
    if (const auto found = scan(all, *next, last, in_pool)) return found;
  return scan(all, first, last, in_pool);
}

}  // namespace

std::optional<Ip> free_address(const Addresses& all, const IpRange& range, const Ip& near) {
  return scan_around(all, range.first, range.last, near, true);
}

namespace {

/// The last address from `first` to `last` of another owner of the same kind that stands where it may.
std::optional<Ip> last_like(const Addresses& all, const Ip& first, const Ip& last, const Claim& near) {
  const auto [low, high] = all.between(first, last);
  for (std::size_t i = high; i-- > low;) {
    const Claim& c = all.claims[i];
    if (c.kind == near.kind && c.name != near.name && all.pool_of(c.ip) == nullptr) return c.ip;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Ip> free_address(const Addresses& all, const model::Network& network, const Claim& near) {
  for (const auto& range : network.range) {
    const auto last = last_like(all, range.value.first, range.value.last, near);
    if (!last) continue;
    if (const auto found = scan_around(all, range.value.first, range.value.last, *last, false)) return found;
  }
  const Ip first = network.cidr->first_usable();
  const Ip last = network.cidr->last_usable();
  return scan_around(all, first, last, last_like(all, first, last, near).value_or(near.ip), false);
}

}  // namespace lab::checks
