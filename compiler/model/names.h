// Zones and records: what stdlib/core/names.lab declares, field by field in its order.
#pragma once
#include "compiler/model/kinds.h"
#include "compiler/model/prop.h"

namespace lab::model {

/// Cloudflare, as a DNS provider, an ACME solver and the other end of tunnels.
struct Cloudflare {
  static constexpr std::string_view schema = "cloudflare";
  Origin at = 0;
  Prop<MaybeSecret> token;
  Opt<Text> account;
  template <class V>
  static void fields(V&& v) {
    v("token", &Cloudflare::token);
    v("account", &Cloudflare::account);
  }
};

/// Who answers for a zone.
struct ZoneProvider {
  static constexpr std::string_view schema = "zone-provider";
  Text tag;
  Origin at = 0;
  struct Pihole {
    Origin at = 0;
    Prop<AnyRef> device;
    Prop<MaybeSecret> password;
    Prop<std::int64_t> port;
    Prop<bool> verify_tls;
    template <class V>
    static void fields(V&& v) {
      v("device", &Pihole::device);
      v("password", &Pihole::password);
      v("port", &Pihole::port);
      v("verify-tls", &Pihole::verify_tls);
    }
  };
  struct Coredns {
    Origin at = 0;
    Opt<Ref<Cluster>> cluster;
    template <class V>
    static void fields(V&& v) {
      v("cluster", &Coredns::cluster);
    }
  };
  struct Router {
    Origin at = 0;
    Prop<Ref<model::Router>> router;
    template <class V>
    static void fields(V&& v) {
      v("router", &Router::router);
    }
  };
  Opt<Cloudflare> cloudflare;
  Opt<Pihole> pihole;
  Opt<Coredns> coredns;
  Opt<Router> router;
  /// Words: none.
  static constexpr bool has_none = true;
  [[nodiscard]] bool is(std::string_view t) const { return tag == t; }
  template <class V>
  static void alternatives(V&& v) {
    v("cloudflare", &ZoneProvider::cloudflare);
    v("pihole", &ZoneProvider::pihole);
    v("coredns", &ZoneProvider::coredns);
    v("router", &ZoneProvider::router);
  }
};

/// A part of the name space that one provider answers for.
struct Zone : Named {
  static constexpr std::string_view kind = "zone";
  Prop<Text> domain;
  ZoneProvider provider;
  Prop<Text> view;
  Prop<Duration> ttl;
  template <class V>
  static void fields(V&& v) {
    v("domain", &Zone::domain);
    v("provider", &Zone::provider);
    v("view", &Zone::view);
    v("ttl", &Zone::ttl);
  }
};

/// What a name can lead to.
struct RecordTarget {
  static constexpr std::string_view schema = "record-target";
  Text tag;
  Origin at = 0;
  Opt<Ip> ip;
  List<Prop<Ip>> ips;
  Opt<Text> text;
  AnyRef ref;
  [[nodiscard]] bool is(std::string_view t) const { return tag == t; }
  template <class V>
  static void alternatives(V&& v) {
    v.scalar(&RecordTarget::ip);
    v.scalar(&RecordTarget::ips);
    v.scalar(&RecordTarget::text);
    v.reference(&RecordTarget::ref);
  }
};

/// One name: `record "*" in inside = internal`. The label is relative to the zone; `@` is the zone itself.
struct Record : Named {
  static constexpr std::string_view kind = "record";
  RecordTarget target;
  Prop<Ref<Zone>> in;
  Opt<Text> kind_;
  Opt<Duration> ttl;
  Prop<bool> proxied;
  template <class V>
  static void fields(V&& v) {
    v("target", &Record::target);
    v("in", &Record::in);
    v("kind", &Record::kind_);
    v("ttl", &Record::ttl);
    v("proxied", &Record::proxied);
  }
};

}  // namespace lab::model
