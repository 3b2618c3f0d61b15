// Sizes, durations, rates, cores and percentages as whole numbers of their smallest unit.
#pragma once
#include <compare>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "compiler/types/result.h"

namespace lab::types {

/// Bytes. `decimal` remembers that it was written in KB, MB, GB or TB (for the warning on memory and for
/// the choice of units when formatting); it does not take part in comparison.
struct Size {
  std::int64_t bytes = 0;
  bool decimal = false;

  /// The shortest spelling that parses to the same bytes and is at least one of its unit: `1.8TiB`, `1536MiB`
  /// is `1.5GiB`, `512MiB` stays.
  [[nodiscard]] std::string format() const;
  /// A Kubernetes quantity of exactly these bytes: `256Mi`, `1536Mi`, `1G` when decimal, else plain bytes.
  [[nodiscard]] std::string to_kubernetes() const;
};

/// Milliseconds.
struct Duration {
  std::int64_t ms = 0;

  /// In the largest unit that needs no fraction: `14d`, `90s`, `1500ms`.
  [[nodiscard]] std::string format() const;
  /// As Go's time.Duration.String prints it: `5m0s`, `336h0m0s`, `1.5s`, `100ms`, `0s`.
  [[nodiscard]] std::string to_go() const;
  /// Only the units it has: `5m`, `1h30m`, `1s500ms`. Read by Go's time.ParseDuration, by Prometheus and by
  /// the Gateway API (GEP-2257).
  [[nodiscard]] std::string to_compact() const;
  /// Seconds, rounded up so that no time-out becomes none.
  [[nodiscard]] std::int64_t to_seconds() const { return ms / 1000 + (ms % 1000 > 0 ? 1 : 0); }
};

/// Bits per second.
struct Rate {
  std::int64_t bits = 0;

  /// The shortest of Gbps and Mbps: `2.5Gbps`, `100Mbps`.
  [[nodiscard]] std::string format() const;
};

/// Thousandths of a CPU core. `2` and `0.5` in the language are numbers, see `parse`.
struct Cores {
  std::int64_t millicpu = 0;

  /// `50mcpu`, `2` or `0.5`, at most three decimals.
  static Result<Cores> parse(std::string_view text);
  /// `2` for whole cores, else `50mcpu`.
  [[nodiscard]] std::string format() const;
  /// `2` for whole cores, else `50m`.
  [[nodiscard]] std::string to_kubernetes() const;
};

/// Hundredths of a percent.
struct Percent {
  std::int64_t hundredths = 0;

  /// `20%`, `12.5%`.
  [[nodiscard]] std::string format() const;
  /// That part of `whole`, rounded down; a problem when it is out of range.
  [[nodiscard]] Result<std::int64_t> of(std::int64_t whole) const;
};

using Quantity = std::variant<Size, Duration, Rate, Cores, Percent>;

/// A number, at most 18 decimals, and a unit: B KB MB GB TB KiB MiB GiB TiB, ms s m h d, Mbps Gbps, mcpu, %.
/// A size is rounded down to whole bytes (`1.8TiB` is 1979120929996), everything else must come out whole.
/// The problem of a wrong unit suggests the right spelling: `32Gi` -> `32GiB`, `15 d` -> `15d`, `2w` ->
/// `14d`.
[[nodiscard]] Result<Quantity> parse_quantity(std::string_view text);
/// `size`, `duration`, `rate`, `cores`, `percent`: the names of the language's types.
[[nodiscard]] std::string_view type_name(const Quantity& quantity);
[[nodiscard]] std::string format(const Quantity& quantity);

constexpr std::int64_t amount(const Size& q) {
  return q.bytes;
}
constexpr std::int64_t amount(const Duration& q) {
  return q.ms;
}
constexpr std::int64_t amount(const Rate& q) {
  return q.bits;
}
constexpr std::int64_t amount(const Cores& q) {
  return q.millicpu;
}
constexpr std::int64_t amount(const Percent& q) {
  return q.hundredths;
}

/// The types above, which share comparison and arithmetic.
template <class T>
concept Unit = requires(const T& q) {
  { amount(q) } -> std::same_as<std::int64_t>;
};

template <Unit T>
constexpr auto operator<=>(const T& a, const T& b) {
  return amount(a) <=> amount(b);
}
template <Unit T>
constexpr bool operator==(const T& a, const T& b) {
  return amount(a) == amount(b);
}

/// Checked arithmetic on 64-bit numbers; the problem says `too large` or `division by zero`.
Result<std::int64_t> checked_plus(std::int64_t a, std::int64_t b);
Result<std::int64_t> checked_minus(std::int64_t a, std::int64_t b);
Result<std::int64_t> checked_times(std::int64_t a, std::int64_t b);
/// Rounds towards zero.
Result<std::int64_t> checked_divided(std::int64_t a, std::int64_t b);

/// `like` with another amount; `decimal` is kept.
template <Unit T>
Result<T> with_amount(T like, const Result<std::int64_t>& value) {
  if (!value) return value.problem();
  if constexpr (std::same_as<T, Size>)
    return Size{*value, like.decimal};
  else
    return T{*value};
}

/// Of two sizes the result is decimal when both are.
template <Unit T>
Result<T> plus(T a, T b) {
  if constexpr (std::same_as<T, Size>) a.decimal = a.decimal && b.decimal;
  return with_amount(a, checked_plus(amount(a), amount(b)));
}
template <Unit T>
Result<T> minus(T a, T b) {
  if constexpr (std::same_as<T, Size>) a.decimal = a.decimal && b.decimal;
  return with_amount(a, checked_minus(amount(a), amount(b)));
}
template <Unit T>
Result<T> times(T a, std::int64_t n) {
  return with_amount(a, checked_times(amount(a), n));
}
/// Rounds towards zero.
template <Unit T>
Result<T> divided(T a, std::int64_t n) {
  return with_amount(a, checked_divided(amount(a), n));
}
/// How often `b` goes into `a`; nothing when `b` is zero.
template <Unit T>
std::optional<double> ratio(T a, T b) {
  if (amount(b) == 0) return std::nullopt;
  return static_cast<double>(amount(a)) / static_cast<double>(amount(b));
}

}  // namespace lab::types
