// Talos machine configurations as text: several YAML documents, merged and compared without knowing their
// types.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lab::drivers::talos {

/// `config` with the documents of the strategic-merge patch `patch` merged into those of the same apiVersion,
/// kind and name (the v1alpha1 document has no kind); others are appended. Maps merge by key, lists are
/// joined, anything else is replaced: siderolabs/talos pkg/machinery/config/configpatcher/apply.go and
/// config/merge/merge.go. Quoted scalars stay quoted. Nothing when either is not YAML.
std::optional<std::string> merge(std::string_view config, std::string_view patch);

/// One difference between two configurations, by path: "v1alpha1.machine.network.hostname".
struct Change {
  std::string path;
  nlohmann::json from, to;  // null where it is absent
};

/// The differences that make `have` into `want`; empty when both mean the same. Order of keys and documents
/// and style of scalars do not count. Nothing when either is not YAML.
std::optional<std::vector<Change>> compare(std::string_view have, std::string_view want);

/// Removes the values of changes that do not stand in `config`, the part of the configuration that is no
/// secret.
void redact(std::vector<Change>& changes, std::string_view config);

}  // namespace lab::drivers::talos
