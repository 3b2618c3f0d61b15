// Which LoadBalancer addresses Cilium hands out and how they become known: layer 2 or BGP.
#include <fmt/format.h>

#include "compiler/lower/kubernetes/rules.h"
#include "compiler/lower/secret_names.h"
#include "compiler/types/version.h"

namespace lab::lower::kubernetes {

namespace {

constexpr std::string_view rule_name = "kubernetes.announcement";
constexpr std::string_view unit = "load-balancer";
constexpr std::string_view control_plane_label = "node-role.kubernetes.io/control-plane";

/// Pools and BGP objects are v2 since Cilium 1.18.
std::string_view api_version(const model::Cni::Cilium& cilium) {
  const auto version = types::Version::parse(*cilium.version);
  return version && version->major() == 1 && version->minor() < 18 ? "cilium.io/v2alpha1" : "cilium.io/v2";
}

void put_pool(Context& context, const model::Cluster& cluster,
              const std::vector<model::Prop<types::IpRange>>& ranges, Folder& folder) {
  Object pool = object(context, api_version(*cluster.cni.cilium), "CiliumLoadBalancerIPPool",
                       context.object(cluster.name), {});
  List blocks = pool.spec().list("blocks");
  for (const auto& range : ranges) {
    Map block = blocks.map(range.at);
    block.set("start", range->first.format(), range.at).set("stop", range->last.format(), range.at);
  }
  folder.add("load-balancer-ip-pool", rule_name, pool.root);
}

void put_l2(Context& context, const model::Cluster& cluster, const model::Announce::L2& l2, Folder& folder) {
  Object policy =
      object(context, "cilium.io/v2alpha1", "CiliumL2AnnouncementPolicy", context.object(cluster.name), {});
  Map spec = policy.spec();
  const bool control_plane = *l2.nodes == "control-plane";
  if (control_plane || (*l2.nodes == "workers" && !cluster.workers.empty())) {
    Map expression = spec.map("nodeSelector").list("matchExpressions").map(l2.nodes.at);
    expression.set("key", control_plane_label, l2.nodes.at);
    expression.set("operator", control_plane ? "Exists" : "DoesNotExist", l2.nodes.at);
  }
  if (!l2.interfaces.empty()) {
    List interfaces = spec.list("interfaces");
    for (const auto& pattern : l2.interfaces) interfaces.add(*pattern, pattern.at);
  }
  spec.set("loadBalancerIPs", true, l2.at);
  if (*cluster.cni.cilium->external_ips) spec.set("externalIPs", true, cluster.cni.cilium->external_ips.at);
  folder.add("l2-announcement-policy", rule_name, policy.root);
}

void put_bgp(Context& context, const model::Cluster& cluster, const model::Announce::Bgp& bgp,
             Folder& folder) {
  const std::string_view version = api_version(*cluster.cni.cilium);
  const Text name = context.object(cluster.name);
  Object config = object(context, version, "CiliumBGPClusterConfig", name, {});
  Map instance = config.spec().list("bgpInstances").map(bgp.at);
  instance.set("name", name).set("localASN", bgp.asn.value, bgp.asn.at);
  Map peer = instance.list("peers").map(bgp.peer.at);
  peer.set("name", "router").set("peerAddress", bgp.peer->format(), bgp.peer.at);
  peer.set("peerASN", bgp.peer_asn.value, bgp.peer_asn.at);
  peer.map("peerConfigRef").set("name", name);
  folder.add("bgp-cluster-config", rule_name, config.root);

  Object peer_config = object(context, version, "CiliumBGPPeerConfig", name, {});
  Map spec = peer_config.spec();
  Map timers = spec.map("timers");
  timers.set("holdTimeSeconds", bgp.hold->to_seconds(), bgp.hold.at);
  timers.set("keepAliveTimeSeconds", bgp.keepalive->to_seconds(), bgp.keepalive.at);
  if (bgp.password && bgp.password->secret != nullptr) {
    const SecretKey key = secret_key(context.lab, *bgp.password->secret, name, "password");
    spec.set("authSecretRef", context.object(key.name), bgp.password.at);
  }
  Map family = spec.list("families").map();
  family.set("afi", bgp.peer->family == types::Family::v4 ? "ipv4" : "ipv6").set("safi", "unicast");
  family.map("advertisements").map("matchLabels").set("advertise", name);
  folder.add("bgp-peer-config", rule_name, peer_config.root);

  Object advertisement = object(context, version, "CiliumBGPAdvertisement", name, {});
  advertisement.metadata.map("labels").set("advertise", name);
  Map entry = advertisement.spec().list("advertisements").map();
  entry.set("advertisementType", "Service");
  entry.map("service").list("addresses").add("LoadBalancerIP");
  // No selector would mean no Service; an expression that always holds means all.
  Map always = entry.map("selector").list("matchExpressions").map();
  always.set("key", "io.cilium/unadvertised").set("operator", "DoesNotExist");
  folder.add("bgp-advertisement", rule_name, advertisement.root);
}

}  // namespace

void lower_announcements(Context& context) {
  for (const model::Cluster& cluster : context.lab.clusters) {
    if (!cluster.cni.cilium) continue;
    const model::Announce& announce = cluster.cni.cilium->announce;
    Folder folder(context, "kube-system", unit, announce.at);
    if (announce.l2) {
      put_pool(context, cluster, announce.l2->ranges, folder);
      put_l2(context, cluster, *announce.l2, folder);
    } else if (announce.bgp) {
      put_pool(context, cluster, announce.bgp->ranges, folder);
      put_bgp(context, cluster, *announce.bgp, folder);
    }
  }
}

}  // namespace lab::lower::kubernetes
