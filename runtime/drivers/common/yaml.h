// YAML to JSON, and YAML trees back to text. yaml-cpp is included by this pair and talos/machine_config.cpp
// alone.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lab::drivers {

/// The documents of a YAML stream as JSON; empty documents are left out. Plain scalars are read by the core
/// schema (YAML 1.2 §10.3.2), so `yes` is a text. Nothing, with the reason in `problem`, when the text is not
/// YAML. The reason names a line and never quotes the text.
std::optional<std::vector<nlohmann::json>> read_yaml(std::string_view text, std::string* problem = nullptr);

/// A plain scalar by the core schema.
nlohmann::json plain_scalar(const std::string& text);

}  // namespace lab::drivers
