// Which change of an emitted field has which effect on what runs.
#pragma once
#include <string_view>

#include "compiler/session/diff.h"

namespace lab::session {

/// `kind` of a Kubernetes object, "talos" for a machine configuration; `path` as in `Difference`.
/// Sources: the update strategies and immutable fields of the Kubernetes API (validation.go of each group);
/// Talos' `machine.ApplyConfiguration` (internal/app/machined/internal/server/v1alpha1), where only fields
/// that boot or install read want more than a reload.
[[nodiscard]] Effect effect_of(std::string_view kind, std::string_view path);

}  // namespace lab::session
