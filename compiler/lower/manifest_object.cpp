#include "compiler/lower/manifest_object.h"

#include <algorithm>
#include <array>

namespace lab::lower {

namespace {

/// Kinds without a namespace: Kubernetes' own, then those of components the library knows.
constexpr std::array<std::string_view, 44> cluster_kinds = {"APIService",
                                                            "CSIDriver",
                                                            "ClusterRole",
                                                            "ClusterRoleBinding",
                                                            "CustomResourceDefinition",
                                                            "IngressClass",
                                                            "MutatingWebhookConfiguration",
                                                            "Namespace",
                                                            "Node",
                                                            "PersistentVolume",
                                                            "PriorityClass",
                                                            "RuntimeClass",
                                                            "StorageClass",
                                                            "ValidatingAdmissionPolicy",
                                                            "ValidatingAdmissionPolicyBinding",
                                                            "ValidatingWebhookConfiguration",
                                                            "VolumeAttributesClass",
                                                            "CiliumBGPAdvertisement",
                                                            "CiliumBGPClusterConfig",
                                                            "CiliumBGPNodeConfigOverride",
                                                            "CiliumBGPPeerConfig",
                                                            "CiliumCIDRGroup",
                                                            "CiliumClusterwideEnvoyConfig",
                                                            "CiliumClusterwideNetworkPolicy",
                                                            "CiliumEgressGatewayPolicy",
                                                            "CiliumL2AnnouncementPolicy",
                                                            "CiliumLoadBalancerIPPool",
                                                            "CiliumPodIPPool",
                                                            "ClusterExternalSecret",
                                                            "ClusterImageCatalog",
                                                            "ClusterIssuer",
                                                            "ClusterPolicy",
                                                            "ClusterSecretStore",
                                                            "Connector",
                                                            "ConstraintTemplate",
                                                            "DNSConfig",
                                                            "GatewayClass",
                                                            "GlobalNetworkPolicy",
                                                            "ProxyClass",
                                                            "ProxyGroup",
                                                            "Recorder",
                                                            "ValidatingPolicy",
                                                            "VolumeSnapshotClass",
                                                            "VolumeSnapshotContent"};

const document::Node* field_of(const model::Manifest& manifest, std::string_view field) {
  for (const auto& entry : manifest.rest)
    if (entry.name == field) return entry.value;
  return nullptr;
}

}  // namespace

model::Text manifest_field(const model::Manifest& manifest, std::string_view field) {
  const document::Node* node = field_of(manifest, field);
  return node != nullptr && node->kind == document::Kind::string ? node->text() : model::Text{};
}

bool is_application(const model::Manifest& manifest) {
  return manifest_field(manifest, "kind") == "Application" &&
         manifest_field(manifest, "apiVersion").starts_with("argoproj.io/");
}

document::Map manifest_object(document::Arena& arena, const model::Lab& lab,
                              const model::Manifest& manifest) {
  document::Map root = arena.map(manifest.at);
  const std::string_view kind = manifest_field(manifest, "kind");
  for (const std::string_view field : {"apiVersion", "kind"})
    if (const document::Node* node = field_of(manifest, field))
      root.set(field, arena.clone(*node), node->origin);
  document::Map metadata = root.map("metadata", manifest.at);
  metadata.set("name", model::object_name(manifest.name), manifest.at);
  const model::Namespace* ns = manifest.in ? lab.find(*manifest.in) : nullptr;
  if (ns != nullptr && std::find(cluster_kinds.begin(), cluster_kinds.end(), kind) == cluster_kinds.end())
    metadata.set("namespace", model::object_name(ns->name), manifest.in.at);
  for (const auto& entry : manifest.rest) {
    if (entry.value == nullptr || entry.name == "apiVersion" || entry.name == "kind") continue;
    if (entry.name == "metadata")
      metadata.merge(*entry.value);
    else
      root.set(entry.name, arena.clone(*entry.value), entry.at);
  }
  return root;
}

}  // namespace lab::lower
