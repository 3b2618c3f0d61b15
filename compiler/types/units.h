// The units of quantities: private to this layer.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "compiler/types/result.h"

namespace lab::types {

enum class Measure : std::uint8_t { size, duration, rate, cores, percent };

/// `factor` smallest units (bytes, ms, bits/s, millicpu, hundredths of a percent) make one.
struct UnitSpec {
  std::string_view name;
  Measure measure;
  std::int64_t factor;
  bool decimal;
};

/// The unit of exactly that name, or null.
[[nodiscard]] const UnitSpec* find_unit(std::string_view name);

/// `digits` or `digits.digits` times `factor`. A remainder is dropped when `round_down`, else a problem.
[[nodiscard]] Result<std::int64_t> scaled(std::string_view number, std::int64_t factor, bool round_down);

/// `amount` in `unit` with at most six decimals, such that reading it gives `amount` again; empty when there
/// is none.
[[nodiscard]] std::string spell(std::int64_t amount, const UnitSpec& unit);

}  // namespace lab::types
