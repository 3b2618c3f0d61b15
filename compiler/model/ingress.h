// Issuers, gateways, tunnels, VPNs and doors: what stdlib/core/ingress.lab declares, field by field in its
// order.
#pragma once
#include "compiler/model/endpoints.h"
#include "compiler/model/kinds.h"
#include "compiler/model/names.h"
#include "compiler/model/prop.h"

namespace lab::model {

/// Who makes the DNS records that prove ownership of a name.
struct DnsSolver {
  static constexpr std::string_view schema = "dns-solver";
  Text tag;
  Origin at = 0;
  Opt<Cloudflare> cloudflare;
  /// Words: none.
  static constexpr bool has_none = true;
  [[nodiscard]] bool is(std::string_view t) const { return tag == t; }
  template <class V>
  static void alternatives(V&& v) {
    v("cloudflare", &DnsSolver::cloudflare);
  }
};

/// Issues certificates.
struct Issuer : Named {
  static constexpr std::string_view kind = "issuer";
  Opt<Text> email;
  DnsSolver dns01;
  List<Prop<Ip>> resolvers;
  Prop<bool> staging;
  Opt<Text> server;
  Prop<bool> self_signed;
  template <class V>
  static void fields(V&& v) {
    v("email", &Issuer::email);
    v("dns01", &Issuer::dns01);
    v("resolvers", &Issuer::resolvers);
    v("staging", &Issuer::staging);
    v("server", &Issuer::server);
    v("self-signed", &Issuer::self_signed);
  }
};

/// A certificate beside those that doors get by themselves.
struct Certificate : Named {
  static constexpr std::string_view kind = "certificate";
  List<Prop<Text>> names;
  Prop<Ref<Namespace>> in;
  Prop<Ref<Issuer>> issuer;
  Opt<Text> secret_name;
  Prop<Duration> duration;
  template <class V>
  static void fields(V&& v) {
    v("names", &Certificate::names);
    v("in", &Certificate::in);
    v("issuer", &Certificate::issuer);
    v("secret-name", &Certificate::secret_name);
    v("duration", &Certificate::duration);
  }
};

/// A certificate with the name of its Secret.
struct TlsSettings {
  static constexpr std::string_view schema = "tls-settings";
  Origin at = 0;
  Prop<Ref<Issuer>> issuer;
  Opt<Text> secret_name;
  template <class V>
  static void fields(V&& v) {
    v("issuer", &TlsSettings::issuer);
    v("secret-name", &TlsSettings::secret_name);
  }
};

/// The program behind a gateway.
struct GatewayClass {
  static constexpr std::string_view schema = "gateway-class";
  Text tag;
  Origin at = 0;
  struct Cilium {
    Origin at = 0;
    Prop<Text> class_;
    template <class V>
    static void fields(V&& v) {
      v("class", &Cilium::class_);
    }
  };
  struct Envoy {
    Origin at = 0;
    Prop<Text> class_;
    template <class V>
    static void fields(V&& v) {
      v("class", &Envoy::class_);
    }
  };
  struct Traefik {
    Origin at = 0;
    Opt<Text> version;
    Prop<Text> kind_;
    Prop<Text> tls;
    template <class V>
    static void fields(V&& v) {
      v("version", &Traefik::version);
      v("kind", &Traefik::kind_);
      v("tls", &Traefik::tls);
    }
  };
  Opt<Cilium> cilium;
  Opt<Envoy> envoy;
  Opt<Traefik> traefik;
  [[nodiscard]] bool is(std::string_view t) const { return tag == t; }
  template <class V>
  static void alternatives(V&& v) {
    v("cilium", &GatewayClass::cilium);
    v("envoy", &GatewayClass::envoy);
    v("traefik", &GatewayClass::traefik);
  }
};

/// How a gateway comes by its certificate.
struct GatewayTls {
  static constexpr std::string_view schema = "gateway-tls";
  Text tag;
  Origin at = 0;
  Opt<TlsSettings> tls_settings;
  AnyRef ref;
  /// Words: passthrough, none.
  static constexpr bool has_none = true;
  [[nodiscard]] bool is(std::string_view t) const { return tag == t; }
  template <class V>
  static void alternatives(V&& v) {
    v("tls-settings", &GatewayTls::tls_settings);
    v.reference(&GatewayTls::ref);
  }
};

/// What plain HTTP gets.
struct HttpDoor {
  static constexpr std::string_view schema = "http-door";
  Text tag;
  Origin at = 0;
  struct Redirect {
    Origin at = 0;
    Prop<std::int64_t> code;
    template <class V>
    static void fields(V&& v) {
      v("code", &Redirect::code);
    }
  };
  Opt<Redirect> redirect;
  /// Words: serve, off.
  [[nodiscard]] bool is(std::string_view t) const { return tag == t; }
  template <class V>
  static void alternatives(V&& v) {
    v("redirect", &HttpDoor::redirect);
  }
};

/// A further port of a gateway.
struct Listener : Named {
  static constexpr std::string_view schema = "listener";
  Prop<PortSpec> port;
  Prop<Text> protocol;
  Opt<Text> hostname;
  template <class V>
  static void fields(V&& v) {
    v("port", &Listener::port);
    v("protocol", &Listener::protocol);
    v("hostname", &Listener::hostname);
  }
};

/// A door into a cluster (`in` a namespace) or of a server (`on` it).
struct Gateway : Named {
  static constexpr std::string_view kind = "gateway";
  Opt<Ref<Namespace>> in;
  Opt<Ref<Server>> on;
  Prop<Ip> address;
  Prop<Text> domain;
  GatewayTls tls;
  HttpDoor http;
  Opt<List<Endpoint>> clients;
  GatewayClass class_;
  List<Listener> listener;
  Opt<Text> object_name;
  template <class V>
  static void fields(V&& v) {
    v("in", &Gateway::in);
    v("on", &Gateway::on);
    v("address", &Gateway::address);
    v("domain", &Gateway::domain);
    v("tls", &Gateway::tls);
    v("http", &Gateway::http);
    v("clients", &Gateway::clients);
    v("class", &Gateway::class_);
    v("listener", &Gateway::listener);
    v("object-name", &Gateway::object_name);
  }
};

/// A way from the internet to the lab that the lab opens from inside.
struct Tunnel : Named {
  static constexpr std::string_view kind = "tunnel";
  Cloudflare provider;
  Prop<Ref<Zone>> zone;
  Prop<Ref<Namespace>> in;
  Prop<Ref<Secret>> credentials;
  Opt<Text> version;
  Prop<std::int64_t> replicas;
  Opt<Text> id;
  Prop<bool> firewall;
  Prop<Text> domain;
  template <class V>
  static void fields(V&& v) {
    v("provider", &Tunnel::provider);
    v("zone", &Tunnel::zone);
    v("in", &Tunnel::in);
    v("credentials", &Tunnel::credentials);
    v("version", &Tunnel::version);
    v("replicas", &Tunnel::replicas);
    v("id", &Tunnel::id);
    v("firewall", &Tunnel::firewall);
    v("domain", &Tunnel::domain);
  }
};

/// Where a management server is: ours, or a name.
struct VpnServer {
  static constexpr std::string_view schema = "vpn-server";
  Text tag;
  Origin at = 0;
  Opt<Text> text;
  AnyRef ref;
  [[nodiscard]] bool is(std::string_view t) const { return tag == t; }
  template <class V>
  static void alternatives(V&& v) {
    v.scalar(&VpnServer::text);
    v.reference(&VpnServer::ref);
  }
};

/// What a router of an overlay leads to.
struct Advertised {
  static constexpr std::string_view schema = "advertised";
  Text tag;
  Origin at = 0;
  Opt<IpRange> range;
  Opt<Cidr> cidr;
  AnyRef ref;
  [[nodiscard]] bool is(std::string_view t) const { return tag == t; }
  template <class V>
  static void alternatives(V&& v) {
    v.scalar(&Advertised::range);
    v.scalar(&Advertised::cidr);
    v.reference(&Advertised::ref);
  }
};

/// Who makes the overlay network.
struct VpnProvider {
  static constexpr std::string_view schema = "vpn-provider";
  Text tag;
  Origin at = 0;
  struct Tailscale {
    Origin at = 0;
    Prop<Ref<Secret>> client;
    Opt<Text> tailnet;
    template <class V>
    static void fields(V&& v) {
      v("client", &Tailscale::client);
      v("tailnet", &Tailscale::tailnet);
    }
  };
  struct Netbird {
    Origin at = 0;
    VpnServer server;
    Opt<MaybeSecret> token;
    template <class V>
    static void fields(V&& v) {
      v("server", &Netbird::server);
      v("token", &Netbird::token);
    }
  };
  struct Wireguard {
    Origin at = 0;
    Prop<PortSpec> listen;
    template <class V>
    static void fields(V&& v) {
      v("listen", &Wireguard::listen);
    }
  };
  Opt<Tailscale> tailscale;
  Opt<Netbird> netbird;
  Opt<Wireguard> wireguard;
  [[nodiscard]] bool is(std::string_view t) const { return tag == t; }
  template <class V>
  static void alternatives(V&& v) {
    v("tailscale", &VpnProvider::tailscale);
    v("netbird", &VpnProvider::netbird);
    v("wireguard", &VpnProvider::wireguard);
  }
};

/// A way from the overlay into networks.
struct VpnRouter : Named {
  static constexpr std::string_view schema = "vpn-router";
  List<Advertised> advertise;
  List<Prop<Text>> tags;
  Prop<bool> exit_node;
  Opt<AnyRef> node;
  Opt<MaybeSecret> key;
  Opt<std::int64_t> metric;
  template <class V>
  static void fields(V&& v) {
    v("advertise", &VpnRouter::advertise);
    v("tags", &VpnRouter::tags);
    v("exit-node", &VpnRouter::exit_node);
    v("node", &VpnRouter::node);
    v("key", &VpnRouter::key);
    v("metric", &VpnRouter::metric);
  }
};

/// A machine that is part of the overlay.
struct VpnPeer : Named {
  static constexpr std::string_view schema = "vpn-peer";
  Opt<AnyRef> machine;
  Opt<MaybeSecret> key;
  Opt<Ip> address;
  template <class V>
  static void fields(V&& v) {
    v("machine", &VpnPeer::machine);
    v("key", &VpnPeer::key);
    v("address", &VpnPeer::address);
  }
};

/// The operator in the cluster.
struct VpnOperator {
  static constexpr std::string_view schema = "vpn-operator";
  Origin at = 0;
  Prop<Text> version;
  Prop<bool> api_server_proxy;
  template <class V>
  static void fields(V&& v) {
    v("version", &VpnOperator::version);
    v("api-server-proxy", &VpnOperator::api_server_proxy);
  }
};

/// An overlay network: people and machines away from home.
struct Vpn : Named {
  static constexpr std::string_view kind = "vpn";
  VpnProvider provider;
  Opt<Ref<Namespace>> in;
  Prop<Cidr> cidr;
  Opt<VpnOperator> operator_;
  List<VpnRouter> router;
  List<VpnPeer> peer;
  Prop<Data> policy;
  template <class V>
  static void fields(V&& v) {
    v("provider", &Vpn::provider);
    v("in", &Vpn::in);
    v("cidr", &Vpn::cidr);
    v("operator", &Vpn::operator_);
    v("router", &Vpn::router);
    v("peer", &Vpn::peer);
    v("policy", &Vpn::policy);
  }
};

/// How one path of a door differs.
struct DoorPath : Named {
  static constexpr std::string_view schema = "door-path";
  Prop<Text> protocol;
  Opt<AnyRef> port;
  template <class V>
  static void fields(V&& v) {
    v("protocol", &DoorPath::protocol);
    v("port", &DoorPath::port);
  }
};

/// Who signs people in at a door.
struct Auth {
  static constexpr std::string_view schema = "auth";
  Text tag;
  Origin at = 0;
  AnyRef ref;
  /// Words: oidc, own, none.
  static constexpr bool has_none = true;
  [[nodiscard]] bool is(std::string_view t) const { return tag == t; }
  template <class V>
  static void alternatives(V&& v) {
    v.reference(&Auth::ref);
  }
};

/// A door: a name behind a gateway or tunnel (`via`), or an address of its own (`at`).
struct Door {
  static constexpr std::string_view schema = "door";
  Origin at = 0;
  Prop<Text> host;
  Opt<AnyRef> via;
  Opt<Ip> at_;
  Opt<Endpoint> to;
  Opt<Ref<Gateway>> through;
  Opt<AnyRef> port;
  List<Prop<AnyRef>> ports;
  List<DoorPath> path;
  Prop<Text> protocol;
  Opt<Auth> auth;
  List<Prop<Ref<Group>>> groups;
  Opt<List<Endpoint>> clients;
  Opt<Duration> timeout;
  Opt<Text> fqdn;
  template <class V>
  static void fields(V&& v) {
    v("host", &Door::host);
    v("via", &Door::via);
    v("at", &Door::at_);
    v("to", &Door::to);
    v("through", &Door::through);
    v("port", &Door::port);
    v("ports", &Door::ports);
    v("path", &Door::path);
    v("protocol", &Door::protocol);
    v("auth", &Door::auth);
    v("groups", &Door::groups);
    v("clients", &Door::clients);
    v("timeout", &Door::timeout);
    v("fqdn", &Door::fqdn);
  }
};

/// A door to something that is not declared here: `expose "pihole" via internal to pihole.web { … }`.
struct Expose : Named {
  static constexpr std::string_view kind = "expose";
  Prop<Text> host;
  Prop<AnyRef> via;
  Endpoint to;
  Opt<Ref<Gateway>> through;
  List<DoorPath> path;
  Prop<Text> protocol;
  Auth auth;
  List<Prop<Ref<Group>>> groups;
  Opt<List<Endpoint>> clients;
  Opt<Duration> timeout;
  Prop<Text> fqdn;
  Prop<Text> url;
  template <class V>
  static void fields(V&& v) {
    v("host", &Expose::host);
    v("via", &Expose::via);
    v("to", &Expose::to);
    v("through", &Expose::through);
    v("path", &Expose::path);
    v("protocol", &Expose::protocol);
    v("auth", &Expose::auth);
    v("groups", &Expose::groups);
    v("clients", &Expose::clients);
    v("timeout", &Expose::timeout);
    v("fqdn", &Expose::fqdn);
    v("url", &Expose::url);
  }
};

}  // namespace lab::model
