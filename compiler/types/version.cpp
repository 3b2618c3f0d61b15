#include "compiler/types/version.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "compiler/types/digits.h"

namespace lab::types {
namespace {

/// Takes the text before the next dot off `rest`.
std::string_view next(std::string_view& rest) {
  const std::size_t dot = std::min(rest.find('.'), rest.size());
  const std::string_view part = rest.substr(0, dot);
  rest.remove_prefix(std::min(dot + 1, rest.size()));
  return part;
}

/// Identifiers of letters, digits and `-` with dots between them (semver §9, §10).
bool identifiers(std::string_view text) {
  char before = '.';
  for (const char c : text) {
    if (c == '.' ? before == '.' : !is_alnum(c) && c != '-') return false;
    before = c;
  }
  return before != '.';
}

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_digit);
}

// Digits of any length, as numbers.
std::weak_ordering compare_numbers(std::string_view a, std::string_view b) {
  a.remove_prefix(std::min(a.find_first_not_of('0'), a.size()));
  b.remove_prefix(std::min(b.find_first_not_of('0'), b.size()));
  if (a.size() != b.size()) return a.size() <=> b.size();
  return a.compare(b) <=> 0;
}

std::weak_ordering compare_prereleases(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return a.empty() <=> b.empty();
  while (!a.empty() && !b.empty()) {
    const std::string_view x = next(a), y = next(b);
    const bool x_number = all_digits(x), y_number = all_digits(y);
    if (x_number != y_number) return x_number ? std::weak_ordering::less : std::weak_ordering::greater;
    const std::weak_ordering order =
        x_number ? compare_numbers(x, y) : std::weak_ordering(x.compare(y) <=> 0);
    if (order != 0) return order;
  }
  return !a.empty() <=> !b.empty();
}

Problem not_a_version(std::string_view text) {
  std::string guess;
  std::string_view bare = text.substr(std::min(text.find_first_not_of("Vv= "), text.size()));
  if (bare.size() != text.size()) guess = fmt::format("v{}", bare);
  const bool right = guess != text && !guess.empty() && Version::parse(guess);
  return {fmt::format(
              "`{}` is not a version: one to four numbers with dots, `-rc.1` and `+build` behind them", text),
          right ? guess : std::string()};
}

}  // namespace

Result<Version> Version::parse(std::string_view text) {
  Version version;
  version.spelling = text;
  std::string_view rest = version.without_v();
  if (const std::size_t plus = rest.find('+'); plus != std::string_view::npos) {
    version.build = rest.substr(plus + 1);
    if (!identifiers(version.build)) return not_a_version(text);
    rest = rest.substr(0, plus);
  }
  if (const std::size_t dash = rest.find('-'); dash != std::string_view::npos) {
    version.prerelease = rest.substr(dash + 1);
    if (!identifiers(version.prerelease)) return not_a_version(text);
    rest = rest.substr(0, dash);
  }
  if (rest.ends_with('.')) return not_a_version(text);
  do {
    const auto number = decimal(next(rest), std::numeric_limits<std::uint32_t>::max());
    if (!number || version.count == version.numbers.size()) return not_a_version(text);
    version.numbers[version.count++] = static_cast<std::uint32_t>(*number);
  } while (!rest.empty());
  return version;
}

std::string Version::with_v() const {
  return has_v() ? std::string(spelling) : fmt::format("v{}", spelling);
}

std::weak_ordering operator<=>(const Version& a, const Version& b) {
  if (const auto order = a.numbers <=> b.numbers; order != 0) return order;
  return compare_prereleases(a.prerelease, b.prerelease);
}

}  // namespace lab::types
