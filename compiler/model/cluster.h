// Clusters, nodes and namespaces: what stdlib/core/cluster.lab declares, field by field in its order.
#pragma once
#include "compiler/model/kinds.h"
#include "compiler/model/network.h"
#include "compiler/model/prop.h"

namespace lab::model {

/// What a cluster is made with.
struct Distribution {
  static constexpr std::string_view schema = "distribution";
  Text tag;
  Origin at = 0;
  struct Talos {
    Origin at = 0;
    Prop<Text> version;
    Opt<Text> contract;
    List<Prop<Text>> extensions;
    Prop<Text> boot;
    Opt<Text> install;
    Prop<Text> platform;
    Prop<bool> secure_boot;
    List<Prop<Text>> kernel_args;
    Prop<Text> factory;
    template <class V>
    static void fields(V&& v) {
      v("version", &Talos::version);
      v("contract", &Talos::contract);
      v("extensions", &Talos::extensions);
      v("boot", &Talos::boot);
      v("install", &Talos::install);
      v("platform", &Talos::platform);
      v("secure-boot", &Talos::secure_boot);
      v("kernel-args", &Talos::kernel_args);
      v("factory", &Talos::factory);
    }
  };
  struct K3s {
    Origin at = 0;
    Prop<Text> version;
    Opt<MaybeSecret> token;
    List<Prop<Text>> disable;
    Map<Text> args;
    Opt<Text> checksum;
    template <class V>
    static void fields(V&& v) {
      v("version", &K3s::version);
      v("token", &K3s::token);
      v("disable", &K3s::disable);
      v("args", &K3s::args);
      v("checksum", &K3s::checksum);
    }
  };
  Opt<Talos> talos;
  Opt<K3s> k3s;
  [[nodiscard]] bool is(std::string_view t) const { return tag == t; }
  template <class V>
  static void alternatives(V&& v) {
    v("talos", &Distribution::talos);
    v("k3s", &Distribution::k3s);
  }
};

/// A taint: `taint("dedicated", "ai", NoSchedule)`.
struct Taint {
  static constexpr std::string_view schema = "taint";
  Origin at = 0;
  Prop<Text> key;
  Prop<Text> value;
  Prop<Text> effect;
  template <class V>
  static void fields(V&& v) {
    v("key", &Taint::key);
    v("value", &Taint::value);
    v("effect", &Taint::effect);
  }
};

/// Which card of a node carries its address.
struct NodeLink {
  static constexpr std::string_view schema = "node-link";
  Origin at = 0;
  Opt<Text> interface;
  Opt<Text> bus_path;
  Opt<Text> driver;
  Opt<bool> physical;
  Opt<std::int64_t> mtu;
  template <class V>
  static void fields(V&& v) {
    v("interface", &NodeLink::interface);
    v("bus-path", &NodeLink::bus_path);
    v("driver", &NodeLink::driver);
    v("physical", &NodeLink::physical);
    v("mtu", &NodeLink::mtu);
  }
};

/// A directory of the node that the kubelet sees.
struct KubeletMount : Named {
  static constexpr std::string_view schema = "kubelet-mount";
  List<Prop<Text>> options;
  Opt<Text> from;
  template <class V>
  static void fields(V&& v) {
    v("options", &KubeletMount::options);
    v("from", &KubeletMount::from);
  }
};

/// The kubelet of a node.
struct Kubelet {
  static constexpr std::string_view schema = "kubelet";
  Origin at = 0;
  Map<Text> args;
  Prop<Data> config;
  List<Prop<Cidr>> node_ip;
  List<KubeletMount> mount;
  template <class V>
  static void fields(V&& v) {
    v("args", &Kubelet::args);
    v("config", &Kubelet::config);
    v("node-ip", &Kubelet::node_ip);
    v("mount", &Kubelet::mount);
  }
};

/// A volume that Talos makes on a node's disk.
struct NodeVolume : Named {
  static constexpr std::string_view schema = "node-volume";
  Prop<Text> match;
  Opt<Size> min_size;
  Opt<Size> max_size;
  Prop<bool> grow;
  Prop<Text> filesystem;
  Prop<Text> encryption;
  template <class V>
  static void fields(V&& v) {
    v("match", &NodeVolume::match);
    v("min-size", &NodeVolume::min_size);
    v("max-size", &NodeVolume::max_size);
    v("grow", &NodeVolume::grow);
    v("filesystem", &NodeVolume::filesystem);
    v("encryption", &NodeVolume::encryption);
  }
};

/// Facts of some nodes: all (`nodes { … }`), a role's (`nodes workers { … }`) or some (`nodes gpu { machines
/// = [w4] }`). A node has what all its groups say. Evaluated once a node: `self` is the machine.
struct NodeGroup {
  static constexpr std::string_view schema = "node-group";
  Origin at = 0;
  Prop<Text> group;
  List<Prop<AnyRef>> machines;
  Map<Text> labels;
  Map<Text> annotations;
  List<Taint> taints;
  List<Prop<Text>> modules;
  List<Prop<Text>> extensions;
  Map<Text> sysctls;
  Kubelet kubelet;
  NodeLink link;
  List<StaticRoute> route;
  List<NodeVolume> volume;
  Opt<Text> install;
  Prop<Data> raw;
  template <class V>
  static void fields(V&& v) {
    v("group", &NodeGroup::group);
    v("machines", &NodeGroup::machines);
    v("labels", &NodeGroup::labels);
    v("annotations", &NodeGroup::annotations);
    v("taints", &NodeGroup::taints);
    v("modules", &NodeGroup::modules);
    v("extensions", &NodeGroup::extensions);
    v("sysctls", &NodeGroup::sysctls);
    v("kubelet", &NodeGroup::kubelet);
    v("link", &NodeGroup::link);
    v("route", &NodeGroup::route);
    v("volume", &NodeGroup::volume);
    v("install", &NodeGroup::install);
    v("raw", &NodeGroup::raw);
  }
};

/// Access to the Talos API from pods.
struct TalosAccess {
  static constexpr std::string_view schema = "talos-access";
  Origin at = 0;
  List<Prop<Text>> roles;
  List<Prop<Ref<Namespace>>> namespaces;
  template <class V>
  static void fields(V&& v) {
    v("roles", &TalosAccess::roles);
    v("namespaces", &TalosAccess::namespaces);
  }
};

/// Sign-in of people to the API server.
struct ClusterOidc {
  static constexpr std::string_view schema = "cluster-oidc";
  Origin at = 0;
  Prop<Ref<IdentityProvider>> from;
  Prop<Text> username;
  Prop<Text> groups;
  template <class V>
  static void fields(V&& v) {
    v("from", &ClusterOidc::from);
    v("username", &ClusterOidc::username);
    v("groups", &ClusterOidc::groups);
  }
};

/// How nodes move to new versions.
struct Upgrade {
  static constexpr std::string_view schema = "upgrade";
  Origin at = 0;
  List<Prop<Text>> order;
  List<Prop<Text>> between;
  template <class V>
  static void fields(V&& v) {
    v("order", &Upgrade::order);
    v("between", &Upgrade::between);
  }
};

/// A mirror of an image registry.
struct RegistryMirror : Named {
  static constexpr std::string_view schema = "registry-mirror";
  List<Prop<Text>> endpoints;
  Prop<bool> only;
  template <class V>
  static void fields(V&& v) {
    v("endpoints", &RegistryMirror::endpoints);
    v("only", &RegistryMirror::only);
  }
};

/// What shows the flows of the cluster.
struct Hubble {
  static constexpr std::string_view schema = "hubble";
  Origin at = 0;
  Prop<bool> relay;
  Prop<bool> ui;
  List<Prop<Text>> metrics;
  Prop<bool> service_monitors;
  template <class V>
  static void fields(V&& v) {
    v("relay", &Hubble::relay);
    v("ui", &Hubble::ui);
    v("metrics", &Hubble::metrics);
    v("service-monitors", &Hubble::service_monitors);
  }
};

/// How LoadBalancer addresses become known.
struct Announce {
  static constexpr std::string_view schema = "announce";
  Text tag;
  Origin at = 0;
  struct L2 {
    Origin at = 0;
    List<Prop<IpRange>> ranges;
    List<Prop<Text>> interfaces;
    Prop<Text> nodes;
    template <class V>
    static void fields(V&& v) {
      v("ranges", &L2::ranges);
      v("interfaces", &L2::interfaces);
      v("nodes", &L2::nodes);
    }
  };
  struct Bgp {
    Origin at = 0;
    List<Prop<IpRange>> ranges;
    Prop<std::int64_t> asn;
    Prop<Ip> peer;
    Prop<std::int64_t> peer_asn;
    Opt<MaybeSecret> password;
    Prop<Duration> hold;
    Prop<Duration> keepalive;
    template <class V>
    static void fields(V&& v) {
      v("ranges", &Bgp::ranges);
      v("asn", &Bgp::asn);
      v("peer", &Bgp::peer);
      v("peer-asn", &Bgp::peer_asn);
      v("password", &Bgp::password);
      v("hold", &Bgp::hold);
      v("keepalive", &Bgp::keepalive);
    }
  };
  Opt<L2> l2;
  Opt<Bgp> bgp;
  /// Words: none.
  static constexpr bool has_none = true;
  [[nodiscard]] bool is(std::string_view t) const { return tag == t; }
  template <class V>
  static void alternatives(V&& v) {
    v("l2", &Announce::l2);
    v("bgp", &Announce::bgp);
  }
};

/// Hubble as a switch, or with settings.
struct HubbleChoice {
  static constexpr std::string_view schema = "hubble-choice";
  Text tag;
  Origin at = 0;
  Opt<bool> on;
  Opt<Hubble> hubble;
  [[nodiscard]] bool is(std::string_view t) const { return tag == t; }
  template <class V>
  static void alternatives(V&& v) {
    v.scalar(&HubbleChoice::on);
    v("hubble", &HubbleChoice::hubble);
  }
};

/// Whether the Gateway API is served; a version says which of its CRDs are installed.
struct GatewayApi {
  static constexpr std::string_view schema = "gateway-api";
  Text tag;
  Origin at = 0;
  Opt<bool> on;
  Opt<Text> version;
  [[nodiscard]] bool is(std::string_view t) const { return tag == t; }
  template <class V>
  static void alternatives(V&& v) {
    v.scalar(&GatewayApi::on);
    v.scalar(&GatewayApi::version);
  }
};

/// The pod network.
struct Cni {
  static constexpr std::string_view schema = "cni";
  Text tag;
  Origin at = 0;
  struct Cilium {
    Origin at = 0;
    Prop<Text> version;
    Prop<bool> kube_proxy_replacement;
    GatewayApi gateway_api;
    Announce announce;
    Prop<bool> external_ips;
    HubbleChoice hubble;
    Prop<std::int64_t> operators;
    Prop<Text> socket_lb;
    Prop<Text> routing;
    Prop<Text> encryption;
    Prop<bool> host_firewall;
    Prop<bool> bpf_masquerade;
    List<Prop<Text>> devices;
    Prop<Data> values;
    template <class V>
    static void fields(V&& v) {
      v("version", &Cilium::version);
      v("kube-proxy-replacement", &Cilium::kube_proxy_replacement);
      v("gateway-api", &Cilium::gateway_api);
      v("announce", &Cilium::announce);
      v("external-ips", &Cilium::external_ips);
      v("hubble", &Cilium::hubble);
      v("operators", &Cilium::operators);
      v("socket-lb", &Cilium::socket_lb);
      v("routing", &Cilium::routing);
      v("encryption", &Cilium::encryption);
      v("host-firewall", &Cilium::host_firewall);
      v("bpf-masquerade", &Cilium::bpf_masquerade);
      v("devices", &Cilium::devices);
      v("values", &Cilium::values);
    }
  };
  struct Flannel {
    Origin at = 0;
    Prop<Text> backend;
    template <class V>
    static void fields(V&& v) {
      v("backend", &Flannel::backend);
    }
  };
  Opt<Cilium> cilium;
  Opt<Flannel> flannel;
  /// Words: none.
  static constexpr bool has_none = true;
  [[nodiscard]] bool is(std::string_view t) const { return tag == t; }
  template <class V>
  static void alternatives(V&& v) {
    v("cilium", &Cni::cilium);
    v("flannel", &Cni::flannel);
  }
};

/// A Kubernetes cluster.
struct Cluster : Named {
  static constexpr std::string_view kind = "cluster";
  Distribution distribution;
  Opt<Text> kubernetes;
  List<Prop<AnyRef>> control_plane;
  List<Prop<AnyRef>> workers;
  Prop<bool> schedule_on_control_plane;
  Opt<Ip> vip;
  List<Prop<Text>> names;
  Prop<Text> domain;
  Prop<Cidr> pod_cidr;
  Prop<Cidr> service_cidr;
  List<Prop<Text>> ntp;
  List<NameServer> dns;
  Prop<Text> admission;
  Prop<bool> audit;
  Map<Text> sysctls;
  List<NodeGroup> nodes;
  List<Prop<Text>> metrics;
  Opt<TalosAccess> talos_api;
  Opt<ClusterOidc> oidc;
  List<RegistryMirror> registry;
  Map<Text> api_server_args;
  Map<Text> controller_manager_args;
  Map<Text> scheduler_args;
  Map<Text> etcd_args;
  Prop<Text> disk_encryption;
  Upgrade upgrade;
  Cni cni;
  List<Prop<Text>> manifests;
  Prop<Text> endpoint;
  Prop<AnyRef> api;
  Prop<AnyRef> pods;
  Prop<AnyRef> services;
  Prop<AnyRef> kubelets;
  Prop<AnyRef> hubble_peers;
  Prop<AnyRef> etcd;
  Prop<AnyRef> machines;
  template <class V>
  static void fields(V&& v) {
    v("distribution", &Cluster::distribution);
    v("kubernetes", &Cluster::kubernetes);
    v("control-plane", &Cluster::control_plane);
    v("workers", &Cluster::workers);
    v("schedule-on-control-plane", &Cluster::schedule_on_control_plane);
    v("vip", &Cluster::vip);
    v("names", &Cluster::names);
    v("domain", &Cluster::domain);
    v("pod-cidr", &Cluster::pod_cidr);
    v("service-cidr", &Cluster::service_cidr);
    v("ntp", &Cluster::ntp);
    v("dns", &Cluster::dns);
    v("admission", &Cluster::admission);
    v("audit", &Cluster::audit);
    v("sysctls", &Cluster::sysctls);
    v("nodes", &Cluster::nodes);
    v("metrics", &Cluster::metrics);
    v("talos-api", &Cluster::talos_api);
    v("oidc", &Cluster::oidc);
    v("registry", &Cluster::registry);
    v("api-server-args", &Cluster::api_server_args);
    v("controller-manager-args", &Cluster::controller_manager_args);
    v("scheduler-args", &Cluster::scheduler_args);
    v("etcd-args", &Cluster::etcd_args);
    v("disk-encryption", &Cluster::disk_encryption);
    v("upgrade", &Cluster::upgrade);
    v("cni", &Cluster::cni);
    v("manifests", &Cluster::manifests);
    v("endpoint", &Cluster::endpoint);
    v("api", &Cluster::api);
    v("pods", &Cluster::pods);
    v("services", &Cluster::services);
    v("kubelets", &Cluster::kubelets);
    v("hubble-peers", &Cluster::hubble_peers);
    v("etcd", &Cluster::etcd);
    v("machines", &Cluster::machines);
  }
};

/// Limits of what a namespace may ask for.
struct Quota {
  static constexpr std::string_view schema = "quota";
  Origin at = 0;
  Opt<Cores> cpu;
  Opt<Size> memory;
  Opt<std::int64_t> pods;
  Opt<Size> storage;
  template <class V>
  static void fields(V&& v) {
    v("cpu", &Quota::cpu);
    v("memory", &Quota::memory);
    v("pods", &Quota::pods);
    v("storage", &Quota::storage);
  }
};

/// A namespace of a cluster.
struct Namespace : Named {
  static constexpr std::string_view kind = "namespace";
  Opt<Ref<Cluster>> in;
  Opt<Text> pod_security;
  Prop<Text> root;
  Map<Text> labels;
  Map<Text> annotations;
  Opt<Quota> quota;
  Prop<bool> default_deny;
  template <class V>
  static void fields(V&& v) {
    v("in", &Namespace::in);
    v("pod-security", &Namespace::pod_security);
    v("root", &Namespace::root);
    v("labels", &Namespace::labels);
    v("annotations", &Namespace::annotations);
    v("quota", &Namespace::quota);
    v("default-deny", &Namespace::default_deny);
  }
};

}  // namespace lab::model
