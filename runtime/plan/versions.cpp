#include "runtime/plan/versions.h"

#include <array>
#include <charconv>
#include <compare>

namespace lab::plan {

namespace {

using Version = std::array<unsigned, 3>;

std::optional<Version> parse_version(std::string_view text) {
  Version out{};
  for (std::size_t part = 0; part < out.size(); ++part) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out[part]);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.empty()) return out;
    if (text.front() != '.') return std::nullopt;
    text.remove_prefix(1);
  }
  return std::nullopt;
}

/// The operator at the beginning of a comparison, which is cut off.
std::string_view take_operator(std::string_view& comparison) {
  for (const std::string_view word : {">=", "<=", ">", "<", "="}) {
    if (!comparison.starts_with(word)) continue;
    comparison.remove_prefix(word.size());
    return word;
  }
  return {};
}

bool holds(std::strong_ordering order, std::string_view word) {
  if (word == ">=") return order >= 0;
  if (word == "<=") return order <= 0;
  if (word == ">") return order > 0;
  if (word == "<") return order < 0;
  return order == 0;
}

}  // namespace

std::optional<bool> satisfies(std::string_view version, std::string_view range) {
  const std::optional<Version> ours = parse_version(version);
  if (!ours || range.empty()) return std::nullopt;
  bool good = true;
  while (!range.empty()) {
    const std::size_t space = range.find(' ');
    std::string_view comparison = range.substr(0, space);
    range = space == std::string_view::npos ? std::string_view{} : range.substr(space + 1);
    const std::string_view word = take_operator(comparison);
    const std::optional<Version> bound = parse_version(comparison);
    if (word.empty() || !bound) return std::nullopt;
    good = good && holds(*ours <=> *bound, word);
  }
  return good;
}

}  // namespace lab::plan
