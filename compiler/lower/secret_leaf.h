// A secret value of the model as a leaf of a document, and as places in the vault.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "compiler/document/document.h"
#include "compiler/model/lab.h"

namespace lab::lower {

/// Where the value of a secret stands in the vault: `sonarr-key`, with a key `grafana-admin/admin-password`.
[[nodiscard]] std::string vault_handle(const model::Secret& secret, model::Text key = {});

/// The pieces of a text: keys that are another key or a public text are followed to what they are.
[[nodiscard]] std::vector<document::SecretPiece> secret_pieces(document::Arena& arena, const model::Lab& lab,
                                                               const model::SecretText& text);
/// The pieces of one key of a secret with a body.
[[nodiscard]] std::vector<document::SecretPiece> secret_pieces(document::Arena& arena, const model::Lab& lab,
                                                               const model::Secret& secret,
                                                               const model::Entry<model::SecretValue>& key);

/// The pieces of what a handle names; the handle itself when the lab declares no such secret.
[[nodiscard]] std::vector<document::SecretPiece> secret_pieces(document::Arena& arena, const model::Lab& lab,
                                                               std::string_view handle);

/// The leaf of these pieces; public text when there is no value among them. `transform`: one of
/// compiler/vault/transforms.h.
[[nodiscard]] document::Value secret_leaf(document::Arena& arena,
                                          const std::vector<document::SecretPiece>& pieces,
                                          std::string_view transform = {}, std::string_view parameters = {});

/// Whom files that are read in a cluster are encrypted for: the operators and the cluster itself.
[[nodiscard]] document::Sealing cluster_sealing(const model::Lab& lab, const model::Cluster* cluster);
/// Keys whose values are encrypted in a Kubernetes Secret; the rest of the object stays readable.
inline constexpr std::string_view kubernetes_values = "^(data|stringData)$";
/// The Secret beside a workload whose value changes with every secret that its pods read.
inline constexpr std::string_view digest_suffix = "-secret-digest";
inline constexpr std::string_view digest_stem = "secret-digest";
/// Its one key, and the annotation of pods that gets its value.
inline constexpr std::string_view digest_key = "digest", digest_annotation = "checksum/secrets";
/// kustomize drops an object with this annotation in the end; another one may copy from it before (kustomize,
/// IgnoreLocal).
inline constexpr std::string_view local_only = "config.kubernetes.io/local-config";
/// Place in the vault of a cluster's identity.
[[nodiscard]] std::string cluster_identity(const model::Cluster& cluster);
/// Files that people and labrun alone read.
[[nodiscard]] document::Sealing operator_sealing(const model::Lab& lab);

}  // namespace lab::lower
