// Ranges of versions, as `requires` has them.
#pragma once
#include <optional>
#include <string_view>

namespace lab::plan {

/// Whether `version` ("0.4.1") satisfies every comparison of `range` (">=0.4 <0.6"; also > <= =). Parts that
/// are not said count as 0. Nothing when one of the two is not of this form.
[[nodiscard]] std::optional<bool> satisfies(std::string_view version, std::string_view range);

}  // namespace lab::plan
