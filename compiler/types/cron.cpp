// Five-field cron: what crontab(5), robfig/cron (Kubernetes) and systemd's translation have in common.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "compiler/types/digits.h"
#include "compiler/types/text.h"

namespace lab::types {
namespace {

struct FieldSpec {
  std::string_view name;
  unsigned least;
  unsigned most;
  std::string_view words;  // three letters each; the first means `least`
};

constexpr std::array<FieldSpec, 5> fields{{
    {"minute", 0, 59, ""},
    {"hour", 0, 23, ""},
    {"day of the month", 1, 31, ""},
    {"month", 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec"},
    {"day of the week", 0, 6, "sunmontuewedthufrisat"},
}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> nicknames{{
    {"@yearly", "0 0 1 1 *"},
    {"@annually", "0 0 1 1 *"},
    {"@monthly", "0 0 1 * *"},
    {"@weekly", "0 0 * * 0"},
    {"@daily", "0 0 * * *"},
    {"@midnight", "0 0 * * *"},
    {"@hourly", "0 * * * *"},
}};

/// A fault of one item of a field, and what to write instead of that item.
struct Fault {
  std::string reason;
  std::string instead;
};

std::optional<unsigned> value_of(std::string_view text, const FieldSpec& field) {
  if (const auto number = decimal(text, 9999)) return static_cast<unsigned>(*number);
  if (text.size() != 3) return std::nullopt;
  const std::array<char, 3> word{lower(text[0]), lower(text[1]), lower(text[2])};
  for (std::size_t at = 0; at < field.words.size(); at += 3)
    if (field.words.substr(at, 3) == std::string_view(word.data(), 3))
      return field.least + static_cast<unsigned>(at / 3);
  return std::nullopt;
}

/// Adds what `item` (`*`, `a`, `a-b`, with `/step`) allows to `set`.
std::optional<Fault> read_item(std::string_view item, const FieldSpec& field, std::uint64_t& set) {
  const std::size_t slash = item.find('/');
  const std::string_view span = item.substr(0, slash);
  const std::size_t dash = span.find('-');
  unsigned first = field.least, last = field.most;
  if (span != "*") {
    const auto low = value_of(span.substr(0, dash), field);
    const auto high = dash == std::string_view::npos ? low : value_of(span.substr(dash + 1), field);
    if (!low || !high)
      return Fault{
          fmt::format("`{}` is not a number{}, `*` or `a-b`", span, field.words.empty() ? "" : ", a name"),
          {}};
    if (field.words.starts_with("sun") && *high == 7 && *low <= 7) {
      const std::string sunday = *low == 7   ? "0"
                                 : *low == 0 ? "*"
                                 : *low == 6 ? "6,0"
                                             : fmt::format("{}-6,0", *low);
      return Fault{"Sunday is 0: not every cron knows 7",
                   slash == std::string_view::npos ? sunday : std::string()};
    }
    first = *low;
    last = *high;
    for (const unsigned n : {first, last})
      if (n < field.least || n > field.most)
        return Fault{fmt::format("{} is not between {} and {}", n, field.least, field.most), {}};
    if (first > last)
      return Fault{fmt::format("`{}` ends before its start", span),
                   fmt::format("{}-{},{}-{}", first, field.most, field.least, last)};
  }
  std::uint64_t step = 1;
  if (slash != std::string_view::npos) {
    const auto number = decimal(item.substr(slash + 1), 9999);
    if (!number || *number == 0 || *number > field.most)
      return Fault{fmt::format("its step is not a number from 1 to {}", field.most), {}};
    if (span != "*" && dash == std::string_view::npos)
      return Fault{"a step stands behind `*` or `a-b`", fmt::format("{}-{}/{}", first, field.most, *number)};
    step = *number;
  }
  for (std::uint64_t n = first; n <= last; n += step) set |= std::uint64_t{1} << n;
  return std::nullopt;
}

std::optional<Fault> read_field(std::string_view text, const FieldSpec& field, std::uint64_t& set) {
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    if (auto fault = read_item(text.substr(at, end - at), field, set)) {
      // The item's substitute becomes the field's.
      if (!fault->instead.empty())
        fault->instead = fmt::format("{}{}{}", text.substr(0, at), fault->instead, text.substr(end));
      return fault;
    }
    at = end + 1;
  }
  return std::nullopt;
}

/// Whether some allowed month has one of the allowed days of the month.
bool has_a_day(std::uint64_t days, std::uint64_t months) {
  static constexpr std::array<unsigned, 13> longest{0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  for (std::size_t month = 1; month <= 12; ++month)
    if ((months >> month & 1) != 0 && (days & ((std::uint64_t{2} << longest[month]) - 1)) != 0) return true;
  return false;
}

Problem bad(std::string_view text, std::string_view why, std::string guess = {}) {
  return {fmt::format("`{}` is not a schedule: {}", text, why), std::move(guess)};
}

Problem wrong_count(std::string_view text, std::size_t count, const std::array<std::string_view, 6>& parts) {
  for (const auto& [nickname, meaning] : nicknames)
    if (parts[0] == nickname && count == 1) return bad(text, "it has five fields", std::string(meaning));
  if (count != 6)
    return bad(text, "it has five fields: minute, hour, day of the month, month, day of the week");
  std::string guess = fmt::format("{} {} {} {} {}", parts[1], parts[2], parts[3], parts[4], parts[5]);
  const bool right = static_cast<bool>(Cron::parse(guess));
  return bad(text, "it has six fields: there are no seconds and no years",
             right && parts[0] == "0" ? std::move(guess) : std::string());
}

}  // namespace

Result<Cron> Cron::parse(std::string_view text) {
  std::array<std::string_view, 6> parts{};
  std::size_t count = 0;
  for (std::size_t at = text.find_first_not_of(' '); at < text.size(); ++count) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    if (count < parts.size()) parts[count] = text.substr(at, end - at);
    at = text.find_first_not_of(' ', end);
  }
  if (count != 5) return wrong_count(text, count, parts);
  std::array<std::uint64_t, 5> sets{};
  for (std::size_t i = 0; i < 5; ++i) {
    const auto fault = read_field(parts[i], fields[i], sets[i]);
    if (!fault) continue;
    std::string guess;
    if (!fault->instead.empty()) {
      parts[i] = fault->instead;
      guess = fmt::format("{} {} {} {} {}", parts[0], parts[1], parts[2], parts[3], parts[4]);
      if (!Cron::parse(guess)) guess.clear();
    }
    return bad(text, fmt::format("in the {}, {}", fields[i].name, fault->reason), std::move(guess));
  }
  Cron cron;
  cron.minutes = sets[0];
  cron.hours = static_cast<std::uint32_t>(sets[1]);
  cron.days = static_cast<std::uint32_t>(sets[2]);
  cron.months = static_cast<std::uint16_t>(sets[3]);
  cron.weekdays = static_cast<std::uint8_t>(sets[4]);
  cron.any_day = parts[2].starts_with('*');
  cron.any_weekday = parts[4].starts_with('*');
  if (cron.any_weekday && !has_a_day(sets[2], sets[3]))
    return bad(text, "in the day of the month, its day never comes in its months");
  return cron;
}

}  // namespace lab::types
