// Did-you-mean.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lab::diagnostics {

/// Damerau-Levenshtein distance (optimal string alignment) of two names.
[[nodiscard]] unsigned distance(std::string_view a, std::string_view b);
/// The candidate nearest to `wanted`: at most max(1, length/3) edits away, or equal but for case and
/// `_`/`-`; the first of equals. Nothing when none is near.
[[nodiscard]] std::optional<std::string_view> nearest(std::string_view wanted,
                                                      std::span<const std::string_view> candidates);

}  // namespace lab::diagnostics
