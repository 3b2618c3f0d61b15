// The objects that make a GitOps controller apply the emitted tree, in an order that follows from
// references. Runs after every backend that writes below kubernetes/.
//
//   gitops/root.yaml               the one Application that a person or the plan applies
//   gitops/{kustomization,core,…}  roots: one Application for each group of namespaces
//   gitops/core/{kustomization,…}  one Application for each folder of kubernetes/ and each chart
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "compiler/lower/lower.h"

namespace lab::lower::gitops {

void lower(const model::Lab& lab, document::Arena& arena, Bundle& bundle, diagnostics::Sink& sink,
           const Options& options);

// ---- its parts
[[nodiscard]] document::Map kustomization(document::Arena& arena, std::vector<std::string_view> files);
/// viaduct.ai/v1 ksops, run as a program (secrets in `files` are decrypted and given to kustomize).
[[nodiscard]] document::Map generator(document::Arena& arena, std::vector<std::string_view> files);
inline constexpr std::string_view generator_file = "secret-generator.yaml";
/// The source of a replacement: the digest in the Secret of this name.
void put_digest_source(document::Map replacement, std::string name);
void add_kustomizations(document::Arena& arena, Bundle& bundle);

}  // namespace lab::lower::gitops
