// Formatting and arithmetic of quantities; parsing is in parse_quantity.cpp.
#include "compiler/types/quantity.h"

#include <fmt/format.h>

#include <array>

#include "compiler/types/units.h"

namespace lab::types {
namespace {

Result<std::int64_t> in_range(bool overflow, std::int64_t value) {
  if (overflow) return Problem{"the result is too large", {}};
  return value;
}

// The absolute value; INT64_MIN has one here.
std::uint64_t magnitude(std::int64_t n) {
  return n < 0 ? ~static_cast<std::uint64_t>(n) + 1 : static_cast<std::uint64_t>(n);
}

/// `amount` in one of the units, largest first: the shortest text that reads back as the same amount, the
/// larger unit of equals; below one only in the smallest unit (512MiB, not 0.5GiB).
std::string shortest(std::int64_t amount, std::initializer_list<std::string_view> names) {
  std::string best;
  for (const std::string_view name : names) {
    const UnitSpec& unit = *find_unit(name);
    if (magnitude(amount) < static_cast<std::uint64_t>(unit.factor) && name != *(names.end() - 1)) continue;
    std::string text = spell(amount, unit);
    if (!text.empty() && (best.empty() || text.size() < best.size())) best = std::move(text);
  }
  return best;
}

std::string go_fraction(std::uint64_t ms) {
  std::string out = fmt::format("{}.{:03}", ms / 1000, ms % 1000);
  while (out.back() == '0') out.pop_back();
  if (out.back() == '.') out.pop_back();
  return out + 's';
}

struct Part {
  std::uint64_t ms;
  std::string_view unit;
};
constexpr std::array<Part, 4> clock{{{3600000, "h"}, {60000, "m"}, {1000, "s"}, {1, "ms"}}};

}  // namespace

std::string Size::format() const {
  return decimal ? shortest(bytes, {"TB", "GB", "MB", "KB", "B"})
                 : shortest(bytes, {"TiB", "GiB", "MiB", "KiB", "B"});
}

std::string Size::to_kubernetes() const {
  static constexpr std::array<std::string_view, 4> binary{"Ti", "Gi", "Mi", "Ki"},
      thousands{"T", "G", "M", "k"};
  std::int64_t unit = decimal ? 1'000'000'000'000 : std::int64_t{1} << 40;
  for (std::size_t i = 0; i < 4; ++i, unit /= decimal ? 1000 : 1024)
    if (bytes != 0 && bytes % unit == 0)
      return fmt::format("{}{}", bytes / unit, decimal ? thousands[i] : binary[i]);
  return fmt::format("{}", bytes);
}

std::string Duration::format() const {
  if (ms == 0) return "0s";
  if (ms % 86400000 == 0) return fmt::format("{}d", ms / 86400000);
  for (const Part& part : clock) {
    const auto unit = static_cast<std::int64_t>(part.ms);
    if (ms % unit == 0) return fmt::format("{}{}", ms / unit, part.unit);
  }
  return {};
}

std::string Duration::to_go() const {
  const std::uint64_t n = magnitude(ms);
  const std::string_view sign = ms < 0 ? "-" : "";
  if (n == 0) return "0s";
  if (n < 1000) return fmt::format("{}{}ms", sign, n);
  const std::string seconds = go_fraction(n % 60000);
  if (n < 60000) return fmt::format("{}{}", sign, seconds);
  if (n < 3600000) return fmt::format("{}{}m{}", sign, n / 60000, seconds);
  return fmt::format("{}{}h{}m{}", sign, n / 3600000, n / 60000 % 60, seconds);
}

std::string Duration::to_compact() const {
  if (ms == 0) return "0s";
  std::string out = ms < 0 ? "-" : "";
  std::uint64_t rest = magnitude(ms);
  for (const Part& part : clock) {
    if (rest >= part.ms) fmt::format_to(std::back_inserter(out), "{}{}", rest / part.ms, part.unit);
    rest %= part.ms;
  }
  return out;
}

std::string Rate::format() const {
  return shortest(bits, {"Gbps", "Mbps"});
}

std::string Cores::format() const {
  return millicpu % 1000 == 0 ? fmt::format("{}", millicpu / 1000) : fmt::format("{}mcpu", millicpu);
}

std::string Cores::to_kubernetes() const {
  return millicpu % 1000 == 0 ? fmt::format("{}", millicpu / 1000) : fmt::format("{}m", millicpu);
}

std::string Percent::format() const {
  return shortest(hundredths, {"%"});
}

Result<std::int64_t> Percent::of(std::int64_t whole) const {
  // whole = 10000·q + r keeps the product exact without wider numbers.
  const auto head = checked_times(whole / 10000, hundredths);
  const auto tail = checked_times(whole % 10000, hundredths);
  if (!head) return head.problem();
  if (!tail) return tail.problem();
  const std::int64_t down = *tail / 10000 - (*tail % 10000 < 0 ? 1 : 0);
  return checked_plus(*head, down);
}

std::string_view type_name(const Quantity& quantity) {
  static constexpr std::array<std::string_view, 5> names{"size", "duration", "rate", "cores", "percent"};
  return names[quantity.index()];
}

std::string format(const Quantity& quantity) {
  return std::visit([](const auto& q) { return q.format(); }, quantity);
}

Result<std::int64_t> checked_plus(std::int64_t a, std::int64_t b) {
  std::int64_t out = 0;
  const bool overflow = __builtin_add_overflow(a, b, &out);
  return in_range(overflow, out);
}

Result<std::int64_t> checked_minus(std::int64_t a, std::int64_t b) {
  std::int64_t out = 0;
  const bool overflow = __builtin_sub_overflow(a, b, &out);
  return in_range(overflow, out);
}

Result<std::int64_t> checked_times(std::int64_t a, std::int64_t b) {
  std::int64_t out = 0;
  const bool overflow = __builtin_mul_overflow(a, b, &out);
  return in_range(overflow, out);
}

Result<std::int64_t> checked_divided(std::int64_t a, std::int64_t b) {
  if (b == 0) return Problem{"division by zero", {}};
  if (b == -1) return checked_minus(0, a);
  return a / b;
}

}  // namespace lab::types
