// What a preview saw, for an apply that insists on it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/engine/scheduler.h"

namespace lab::labrun {

// Format "lab.binding/1": the plan's id, that of its sealed files, and by step what was found and its
// fingerprint; fingerprints hold no secret.
struct Binding {
  std::string plan;
  std::string sealed;
  std::map<std::string, engine::Bound> steps;
};

std::string render(const Binding& binding);
// Nothing, and why in `problem`, when the text is not one.
std::optional<Binding> parse_binding(std::string_view text, std::string& problem);

}  // namespace lab::labrun
