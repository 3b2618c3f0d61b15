// Ends of flows: what stdlib/core/endpoints.lab declares, field by field in its order.
#pragma once
#include "compiler/model/kinds.h"
#include "compiler/model/prop.h"

namespace lab::model {

/// A part of a cluster: `home.api`, `home.pods`, `home.etcd`. All nodes are `home.nodes`, the Talos API
/// is `home.talos-api`.
struct ClusterPart {
  static constexpr std::string_view schema = "cluster-part";
  Origin at = 0;
  Prop<Text> part;
  template <class V>
  static void fields(V&& v) {
    v("part", &ClusterPart::part);
  }
};

/// An end of a flow. A bare name is a workload if there is one of that name; a namespace is written
/// `namespace.media`.
struct Endpoint {
  static constexpr std::string_view schema = "endpoint";
  Text tag;
  Origin at = 0;
  struct Internet {
    Origin at = 0;
    Opt<Text> name;
    List<Prop<PortSpec>> ports;
    template <class V>
    static void fields(V&& v) {
      v("name", &Internet::name);
      v("ports", &Internet::ports);
    }
  };
  Opt<IpRange> range;
  Opt<Ip> ip;
  Opt<Cidr> cidr;
  Opt<Internet> internet;
  AnyRef ref;
  /// Words: any.
  [[nodiscard]] bool is(std::string_view t) const { return tag == t; }
  template <class V>
  static void alternatives(V&& v) {
    v.scalar(&Endpoint::range);
    v.scalar(&Endpoint::ip);
    v.scalar(&Endpoint::cidr);
    v("internet", &Endpoint::internet);
    v.reference(&Endpoint::ref);
  }
};

}  // namespace lab::model
