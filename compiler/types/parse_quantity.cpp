// Reading quantities, and finding what a wrong unit was meant to be.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "compiler/types/digits.h"
#include "compiler/types/quantity.h"
#include "compiler/types/units.h"

namespace lab::types {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kib = 1024, day = 86'400'000, mega = 1'000'000;

constexpr std::array<UnitSpec, 18> units{{
    {"B", Measure::size, 1, false},
    {"KB", Measure::size, 1000, true},
    {"MB", Measure::size, mega, true},
    {"GB", Measure::size, 1000 * mega, true},
    {"TB", Measure::size, mega* mega, true},
    {"KiB", Measure::size, kib, false},
    {"MiB", Measure::size, kib* kib, false},
    {"GiB", Measure::size, kib* kib* kib, false},
    {"TiB", Measure::size, kib* kib* kib* kib, false},
    {"ms", Measure::duration, 1, false},
    {"s", Measure::duration, 1000, false},
    {"m", Measure::duration, 60'000, false},
    {"h", Measure::duration, 3'600'000, false},
    {"d", Measure::duration, day, false},
    {"Mbps", Measure::rate, mega, false},
    {"Gbps", Measure::rate, 1000 * mega, false},
    {"mcpu", Measure::cores, 1, false},
    {"%", Measure::percent, 100, false},
}};

constexpr std::string_view unit_list =
    "sizes have B KB MB GB TB KiB MiB GiB TiB, durations ms s m h d, rates Mbps Gbps, cores mcpu, parts %";

/// Units of other programs: `factor` of `right` make one of `wrong`. An empty `right` is a plain number.
struct Foreign {
  std::string_view wrong;
  std::string_view right;
  std::int64_t factor;
};
constexpr std::array foreign = std::to_array<Foreign>({
    {"Ki", "KiB", 1},        {"Mi", "MiB", 1},      {"Gi", "GiB", 1},       {"Ti", "TiB", 1},
    {"Pi", "TiB", 1024},     {"K", "KiB", 1},       {"k", "KiB", 1},        {"M", "MiB", 1},
    {"G", "GiB", 1},         {"g", "GiB", 1},       {"T", "TiB", 1},        {"t", "TiB", 1},
    {"PB", "TB", 1000},      {"PiB", "TiB", 1024},  {"byte", "B", 1},       {"bytes", "B", 1},
    {"msec", "ms", 1},       {"millis", "ms", 1},   {"sec", "s", 1},        {"secs", "s", 1},
    {"second", "s", 1},      {"seconds", "s", 1},   {"min", "m", 1},        {"mins", "m", 1},
    {"minute", "m", 1},      {"minutes", "m", 1},   {"hr", "h", 1},         {"hrs", "h", 1},
    {"hour", "h", 1},        {"hours", "h", 1},     {"day", "d", 1},        {"days", "d", 1},
    {"w", "d", 7},           {"week", "d", 7},      {"weeks", "d", 7},      {"y", "d", 365},
    {"year", "d", 365},      {"years", "d", 365},   {"Mbit", "Mbps", 1},    {"Gbit", "Gbps", 1},
    {"Mbits", "Mbps", 1},    {"Gbits", "Gbps", 1},  {"Tbps", "Gbps", 1000}, {"MBps", "Mbps", 8},
    {"millicpu", "mcpu", 1}, {"mcores", "mcpu", 1}, {"mcore", "mcpu", 1},   {"cpu", "", 1},
    {"cpus", "", 1},         {"core", "", 1},       {"cores", "", 1},       {"vcpu", "", 1},
    {"vcpus", "", 1},        {"percent", "%", 1},   {"pct", "%", 1},
});

bool same_but_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

/// The unit of this layer meant by `name`, and how many of it make one; null factor when there is none.
Foreign meant(std::string_view name) {
  for (const Foreign& f : foreign)
    if (f.wrong == name) return f;
  for (const UnitSpec& unit : units)
    if (same_but_case(unit.name, name)) return {name, unit.name, 1};
  for (const Foreign& f : foreign)
    if (same_but_case(f.wrong, name)) return f;
  return {name, {}, 0};
}

/// `number` times `factor`, for a suggestion; `number` itself when the factor is 1.
std::string multiplied(std::string_view number, std::int64_t factor) {
  if (factor == 1) return std::string(number);
  const auto whole = scaled(number, factor, false);
  return whole ? fmt::format("{}", *whole) : std::string();
}

Problem wrong_unit(std::string_view text, std::string_view number, std::string_view unit) {
  const Foreign right = meant(unit);
  const std::string value = right.factor == 0 ? std::string() : multiplied(number, right.factor);
  if (value.empty()) return {fmt::format("`{}` has an unknown unit: {}", text, unit_list), {}};
  if (right.right.empty())
    return {fmt::format("`{}`: whole cores are plain numbers, parts of one are `mcpu`", text), value};
  return {fmt::format("`{}` is not a unit", unit), fmt::format("{}{}", value, right.right)};
}

Quantity make(const UnitSpec& unit, std::int64_t amount) {
  switch (unit.measure) {
    case Measure::size:
      return Size{amount, unit.decimal};
    case Measure::duration:
      return Duration{amount};
    case Measure::rate:
      return Rate{amount};
    case Measure::cores:
      return Cores{amount};
    case Measure::percent:
      break;
  }
  return Percent{amount};
}

}  // namespace

const UnitSpec* find_unit(std::string_view name) {
  for (const UnitSpec& unit : units)
    if (unit.name == name) return &unit;
  return nullptr;
}

Result<std::int64_t> scaled(std::string_view number, std::int64_t factor, bool round_down) {
  const std::size_t dot = number.find('.');
  const std::string_view fraction =
      dot == std::string_view::npos ? std::string_view() : number.substr(dot + 1);
  const std::string_view integer = number.substr(0, dot);
  const bool digits = std::all_of(integer.begin(), integer.end(), is_digit) &&
                      std::all_of(fraction.begin(), fraction.end(), is_digit);
  if (!digits || integer.empty() || (dot != std::string_view::npos && fraction.empty()))
    return Problem{fmt::format("`{}` is not a number", number), {}};
  if (fraction.size() > 18) return Problem{fmt::format("`{}` has more than 18 decimals", number), {}};
  const auto whole = decimal(integer, static_cast<std::uint64_t>(most));
  Wide scale = 1;
  for (std::size_t i = 0; i < fraction.size(); ++i) scale *= 10;
  const Wide part = static_cast<Wide>(decimal(fraction, static_cast<std::uint64_t>(most)).value_or(0)) *
                    static_cast<Wide>(factor);
  if (part % scale != 0 && !round_down) return Problem{fmt::format("`{}` has too many decimals", number), {}};
  const Wide total = static_cast<Wide>(whole.value_or(0)) * static_cast<Wide>(factor) + part / scale;
  if (!whole || total > static_cast<Wide>(most)) return Problem{fmt::format("`{}` is too large", number), {}};
  return static_cast<std::int64_t>(total);
}

std::string spell(std::int64_t amount, const UnitSpec& unit) {
  if (amount < 0) {
    const std::string positive =
        amount == std::numeric_limits<std::int64_t>::min() ? std::string() : spell(-amount, unit);
    return positive.empty() ? positive : '-' + positive;
  }
  const std::int64_t rest = amount % unit.factor;
  if (rest == 0) return fmt::format("{}{}", amount / unit.factor, unit.name);
  std::int64_t scale = 1;
  for (int decimals = 1; decimals <= 6; ++decimals) {
    scale *= 10;
    // The least number of that many decimals that is not below the rest: reading rounds down.
    const auto up =
        (static_cast<Wide>(rest) * static_cast<Wide>(scale) + static_cast<Wide>(unit.factor) - 1) /
        static_cast<Wide>(unit.factor);
    if (up >= static_cast<Wide>(scale) ||
        up * static_cast<Wide>(unit.factor) / static_cast<Wide>(scale) != static_cast<Wide>(rest))
      continue;
    return fmt::format("{}.{:0{}}{}", amount / unit.factor, static_cast<std::int64_t>(up), decimals,
                       unit.name);
  }
  return {};
}

Result<Quantity> parse_quantity(std::string_view text) {
  const auto in_number = [](char c) { return is_digit(c) || c == '.'; };
  const auto end_of_number = std::find_if_not(text.begin(), text.end(), in_number);
  const auto split = static_cast<std::size_t>(end_of_number - text.begin());
  const std::string_view number = text.substr(0, split);
  const std::string_view tail = text.substr(split);
  const std::string_view unit_text = tail.substr(std::min(tail.find_first_not_of(' '), tail.size()));
  if (number.empty() || unit_text.empty())
    return Problem{fmt::format("`{}` is not a number and a unit: {}", text, unit_list), {}};
  const UnitSpec* unit = find_unit(unit_text);
  if (unit == nullptr) return wrong_unit(text, number, unit_text);
  if (unit_text.size() != tail.size())
    return Problem{fmt::format("`{}` has a space before its unit", text),
                   fmt::format("{}{}", number, unit_text)};
  const auto amount = scaled(number, unit->factor, unit->measure == Measure::size && unit->factor > 1);
  if (!amount) return Problem{fmt::format("`{}`: {}", text, amount.problem().reason), {}};
  return make(*unit, *amount);
}

Result<Cores> Cores::parse(std::string_view text) {
  const bool milli = text.ends_with("mcpu");
  const auto amount = scaled(milli ? text.substr(0, text.size() - 4) : text, milli ? 1 : 1000, false);
  if (amount) return Cores{*amount};
  const bool kubernetes = text.ends_with('m') && scaled(text.substr(0, text.size() - 1), 1, false);
  return Problem{fmt::format("`{}` is not a number of cores: `2`, `0.5` or `50mcpu`", text),
                 kubernetes ? fmt::format("{}cpu", text) : std::string()};
}

}  // namespace lab::types
