// Manifests: objects that a person or a component wrote field by field, or as text.
//
// Settings without pods of their own (ConfigMaps, accounts, rights) stand in the namespace's folder, so
// that they are there before whatever reads them; every other manifest is a unit of its own.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "compiler/lower/kubernetes/pod_security.h"
#include "compiler/lower/kubernetes/rules.h"
#include "compiler/lower/manifest_object.h"
#include "compiler/lower/secret_leaf.h"

namespace lab::lower::kubernetes {

namespace {

constexpr std::string_view rule_name = "kubernetes.manifest";
constexpr std::string_view cluster_folder = "cluster-wide";

constexpr std::array<std::string_view, 11> settings = {
    "ConfigMap",     "Secret",        "ServiceAccount", "Role",
    "RoleBinding",   "ClusterRole",   "LimitRange",     "ClusterRoleBinding",
    "PriorityClass", "ResourceQuota", "RuntimeClass"};

/// `ConfigMap` is `config-map`, `HTTPRoute` is `http-route`.
std::string file_stem(std::string_view kind) {
  const auto upper = [&](std::size_t i) { return i < kind.size() && kind[i] >= 'A' && kind[i] <= 'Z'; };
  std::string out;
  for (std::size_t i = 0; i < kind.size(); ++i) {
    const bool starts = i > 0 && upper(i) && (!upper(i - 1) || (i + 1 < kind.size() && !upper(i + 1)));
    if (starts) out += '-';
    out += upper(i) ? static_cast<char>(kind[i] + ('a' - 'A')) : kind[i];
  }
  return out;
}

const Node* pod_of(const Node& object, std::string_view kind) {
  if (kind == "Pod") return object.find("spec");
  if (kind == "CronJob") return object.find_path({"spec", "jobTemplate", "spec", "template", "spec"});
  return object.find_path({"spec", "template", "spec"});
}

bool makes_pods(std::string_view kind) {
  static constexpr std::array<std::string_view, 6> kinds = {"Pod",       "Deployment", "StatefulSet",
                                                            "DaemonSet", "Job",        "CronJob"};
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

/// Secrets in free-form data are named as they are written; here they become what they are made of.
void resolve(Context& context, Node& node) {
  if (node.kind == Kind::secret) {
    std::vector<document::SecretPiece> pieces;
    for (const document::SecretPiece& piece : node.secret->all()) {
      if (piece.handle.empty()) {
        pieces.push_back(piece);
        continue;
      }
      for (const document::SecretPiece& inner : secret_pieces(context.arena, context.lab, piece.handle))
        pieces.push_back(inner);
    }
    node.secret = context.arena.secret(pieces, node.secret->transform, node.secret->parameters);
    return;
  }
  if (!node.is_collection()) return;
  for (Node* child = node.first; child != nullptr; child = child->next) resolve(context, *child);
}

}  // namespace

void lower_manifests(Context& context) {
  for (const model::Manifest& manifest : context.lab.manifests) {
    if (is_application(manifest)) continue;  // compiler/lower/gitops
    const Text name = context.object(manifest.name);
    const Text ns = manifest.in ? context.name_of(*manifest.in) : cluster_folder;
    if (manifest.text) {
      Folder folder(context, ns, name, manifest.at);
      context.bundle.add_text(folder.path() + "/manifest.yaml", rule_name, std::string(*manifest.text));
      continue;
    }
    const std::string_view kind = manifest_field(manifest, "kind");
    const Map root = manifest_object(context.arena, context.lab, manifest);
    const bool setting = manifest.in && std::find(settings.begin(), settings.end(), kind) != settings.end();
    Folder folder(context, ns, setting ? Text{} : name, manifest.at);
    const std::string stem = setting ? fmt::format("{}-{}", file_stem(kind), name) : file_stem(kind);
    if (kind == "Secret" && document::find_secret(*root.node()) != nullptr) {
      resolve(context, *root.node());
      document::Sealing sealing = cluster_sealing(
          context.lab,
          context.lab.find(manifest.in ? context.lab.cluster_of(*manifest.in) : context.lab.only_cluster()));
      sealing.encrypted_regex = kubernetes_values;
      context.bundle.add_sealed(fmt::format("{}/{}.sops.yaml", folder.path(), stem), rule_name, {root},
                                std::move(sealing));
      continue;
    }
    folder.add(stem, rule_name, root);
    if (!manifest.in || !makes_pods(kind)) continue;
    if (const Node* pod = pod_of(*root.node(), kind))
      judge_pod(context, *manifest.in, *pod, manifest.at, manifest.name);
  }
}

}  // namespace lab::lower::kubernetes
