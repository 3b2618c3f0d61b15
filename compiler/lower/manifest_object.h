// A `manifest` as the object it is.
#pragma once
#include "compiler/document/document.h"
#include "compiler/model/lab.h"

namespace lab::lower {

/// The object of a manifest that is written as fields: apiVersion, kind, metadata{name, namespace, …}, then
/// the other fields in their order. `metadata.name` is the manifest's name unless it says otherwise; the
/// namespace is its own, left out for kinds that have none.
[[nodiscard]] document::Map manifest_object(document::Arena& arena, const model::Lab& lab,
                                            const model::Manifest& manifest);

/// Whether it is an Application of Argo CD, which stands among those of the lab.
[[nodiscard]] bool is_application(const model::Manifest& manifest);

/// A scalar field at the top of a manifest; empty when there is none.
[[nodiscard]] model::Text manifest_field(const model::Manifest& manifest, std::string_view field);

}  // namespace lab::lower
