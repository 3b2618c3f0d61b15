// Versions as people write them, ordered by the rules of Semantic Versioning 2.0.0 §11.
#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "compiler/types/result.h"

namespace lab::types {

/// `v1.35.1`, `1.13`, `17`, `2025.12`, `1.2.3.4567`, with `-rc.1` and `+k3s1`. One to four numbers; what is
/// not said counts as 0 in comparison. Holds views into the text it was read from, which must outlive it
/// (interned text does).
struct Version {
  std::string_view spelling;               // as written, `v` included
  std::string_view prerelease;             // `rc.1`, or empty
  std::string_view build;                  // `k3s1`, or empty
  std::array<std::uint32_t, 4> numbers{};  // those beyond `count` are 0
  std::uint8_t count = 0;

  static Result<Version> parse(std::string_view text);
  [[nodiscard]] std::uint32_t major() const { return numbers[0]; }
  [[nodiscard]] std::uint32_t minor() const { return numbers[1]; }
  [[nodiscard]] std::uint32_t patch() const { return numbers[2]; }
  [[nodiscard]] bool has_minor() const { return count >= 2; }
  [[nodiscard]] bool has_patch() const { return count >= 3; }
  [[nodiscard]] bool has_v() const { return spelling.starts_with('v'); }
  /// The spelling with or without its `v`; else unchanged.
  [[nodiscard]] std::string with_v() const;
  [[nodiscard]] std::string_view without_v() const { return spelling.substr(has_v() ? 1 : 0); }
};

/// Precedence: numbers, then a prerelease below its release, its identifiers one by one (numbers
/// numerically and below words). `v`, missing numbers and build metadata do not count: v1.13 equals 1.13.0.
[[nodiscard]] std::weak_ordering operator<=>(const Version& a, const Version& b);
[[nodiscard]] inline bool operator==(const Version& a, const Version& b) {
  return (a <=> b) == 0;
}

}  // namespace lab::types
