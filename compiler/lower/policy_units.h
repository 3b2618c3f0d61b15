// Folders below kubernetes/ that hold policies of the whole cluster, and when they are applied: what every
// pod needs comes right after the network, what refuses the rest comes after everything.
#pragma once
#include <string_view>

namespace lab::lower {

inline constexpr std::string_view cluster_wide = "cluster-wide";
inline constexpr std::string_view allowances_unit = "network-policies";
inline constexpr std::string_view default_deny_unit = "default-deny";

}  // namespace lab::lower
