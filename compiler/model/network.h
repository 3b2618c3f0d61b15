// Networks, routers and rules: what stdlib/core/network.lab declares, field by field in its order.
#pragma once
#include "compiler/model/endpoints.h"
#include "compiler/model/kinds.h"
#include "compiler/model/prop.h"

namespace lab::model {

/// Who answers questions for addresses.
struct NameServer {
  static constexpr std::string_view schema = "name-server";
  Text tag;
  Origin at = 0;
  Opt<Ip> ip;
  AnyRef ref;
  [[nodiscard]] bool is(std::string_view t) const { return tag == t; }
  template <class V>
  static void alternatives(V&& v) {
    v.scalar(&NameServer::ip);
    v.reference(&NameServer::ref);
  }
};

/// A layer-2 network with one prefix.
struct Network : Named {
  static constexpr std::string_view kind = "network";
  Prop<Cidr> cidr;
  Opt<std::int64_t> vlan;
  Opt<Ip> gateway;
  List<NameServer> dns;
  Map<IpRange> range;
  Opt<IpRange> dhcp;
  Prop<std::int64_t> mtu;
  template <class V>
  static void fields(V&& v) {
    v("cidr", &Network::cidr);
    v("vlan", &Network::vlan);
    v("gateway", &Network::gateway);
    v("dns", &Network::dns);
    v("range", &Network::range);
    v("dhcp", &Network::dhcp);
    v("mtu", &Network::mtu);
  }
};

/// A route that a router or node knows beyond its own networks.
struct StaticRoute : Named {
  static constexpr std::string_view schema = "static-route";
  Prop<Cidr> to;
  Prop<Ip> via;
  Opt<std::int64_t> metric;
  template <class V>
  static void fields(V&& v) {
    v("to", &StaticRoute::to);
    v("via", &StaticRoute::via);
    v("metric", &StaticRoute::metric);
  }
};

/// A port of the router's outside that leads inside.
struct PortForward : Named {
  static constexpr std::string_view schema = "port-forward";
  Endpoint to;
  Opt<PortSpec> from;
  List<Endpoint> clients;
  template <class V>
  static void fields(V&& v) {
    v("to", &PortForward::to);
    v("from", &PortForward::from);
    v("clients", &PortForward::clients);
  }
};

/// An address that a router hands out to one machine.
struct Lease : Named {
  static constexpr std::string_view schema = "lease";
  Prop<Ip> address;
  Opt<Mac> mac;
  template <class V>
  static void fields(V&& v) {
    v("address", &Lease::address);
    v("mac", &Lease::mac);
  }
};

/// Whoever passes packets between networks, and to the internet.
struct Router : Named {
  static constexpr std::string_view kind = "router";
  List<Prop<Ref<Network>>> on;
  Opt<Text> kind_;
  Opt<Ip> address;
  Prop<Text> default_;
  List<StaticRoute> route;
  List<PortForward> forward;
  List<Lease> lease;
  Prop<bool> nat;
  Opt<std::int64_t> ssh;
  template <class V>
  static void fields(V&& v) {
    v("on", &Router::on);
    v("kind", &Router::kind_);
    v("address", &Router::address);
    v("default", &Router::default_);
    v("route", &Router::route);
    v("forward", &Router::forward);
    v("lease", &Router::lease);
    v("nat", &Router::nat);
    v("ssh", &Router::ssh);
  }
};

/// Lets packets pass a router. Replies pass; `deny` beats `allow`; order means nothing.
struct Allow : Named {
  static constexpr std::string_view kind = "allow";
  List<Endpoint> from;
  List<Endpoint> to;
  List<Prop<PortSpec>> ports;
  Prop<bool> log;
  template <class V>
  static void fields(V&& v) {
    v("from", &Allow::from);
    v("to", &Allow::to);
    v("ports", &Allow::ports);
    v("log", &Allow::log);
  }
};

/// Forbids what would otherwise pass, derived flows too.
struct Deny : Named {
  static constexpr std::string_view kind = "deny";
  List<Endpoint> from;
  List<Endpoint> to;
  List<Prop<PortSpec>> ports;
  Prop<bool> log;
  template <class V>
  static void fields(V&& v) {
    v("from", &Deny::from);
    v("to", &Deny::to);
    v("ports", &Deny::ports);
    v("log", &Deny::log);
  }
};

}  // namespace lab::model
