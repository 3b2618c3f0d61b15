// Types of plain scalars, as go-yaml v3 resolves them (resolve.go) and SOPS hashes them (sops.go, ToBytes).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "crypto/sops/tree.h"

namespace lab::crypto::sops {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

std::string without_underscores(std::string_view text) {
  std::string out;
  std::copy_if(text.begin(), text.end(), std::back_inserter(out), [](char c) { return c != '_'; });
  return out;
}

/// `12`, `+12`, `017`, `0o17`, `0x1F`, `0b11`: what strconv.ParseInt(s, 0, 64) reads.
bool integer(std::string_view text, std::string& canonical) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  int base = 10;
  if (text.size() > 2 && text[0] == '0') {
    const char mark = text[1];
    base = mark == 'x' || mark == 'X'   ? 16
           : mark == 'o' || mark == 'O' ? 8
           : mark == 'b' || mark == 'B' ? 2
                                        : 10;
    if (base != 10) text.remove_prefix(2);
  }
  if (base == 10 && text.size() > 1 && text[0] == '0') base = 8;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return false;
  const std::uint64_t limit = std::uint64_t{1} << 63;
  if (value > limit || (value == limit && !negative)) return false;
  canonical = fmt::format("{}{}", negative && value != 0 ? "-" : "", value);
  return true;
}

/// ^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$
bool is_real(std::string_view text) {
  std::size_t at = 0, digits = 0;
  const auto run = [&] {
    const std::size_t from = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at - from;
  };
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
  digits = run();
  if (at < text.size() && text[at] == '.') {
    ++at;
    digits += run();
  }
  if (digits == 0) return false;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    if (run() == 0) return false;
  }
  return at == text.size();
}

/// `2026-01-01`, `2026-01-01T10:00:00Z`, with another offset or with a space: read, and written in RFC 3339.
bool time(std::string_view text, std::string& canonical) {
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return false;
  for (const std::size_t i : {0, 1, 2, 3, 5, 6, 8, 9})
    if (!is_digit(text[i])) return false;
  canonical = text.substr(0, 10);
  canonical += 'T';
  if (text.size() == 10) {
    canonical += "00:00:00Z";
    return true;
  }
  if (text.size() < 19 || (text[10] != 'T' && text[10] != 't' && text[10] != ' ')) return false;
  const std::string_view clock = text.substr(11, 8);
  if (clock[2] != ':' || clock[5] != ':') return false;
  std::string_view zone = text.substr(19);
  if (zone.starts_with('.'))  // RFC 3339 of Go's layout has no fraction
    zone.remove_prefix(std::min(zone.find_first_not_of("0123456789", 1), zone.size()));
  canonical += clock;
  canonical += zone.empty() || zone == "+00:00" ? std::string_view("Z") : zone;
  return true;
}

}  // namespace

std::string format_real(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "+Inf" : "-Inf";
  std::array<char, 64> buffer{};
  const auto [end, error] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, std::chars_format::scientific);
  std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  std::string out;
  if (text.starts_with('-')) {
    out += '-';
    text.remove_prefix(1);
  }
  const std::size_t e = text.find('e');
  int exponent = 0;
  const char* from = text.data() + e + 1;
  if (*from == '+') ++from;
  std::from_chars(from, text.data() + text.size(), exponent);
  std::string digits(1, text[0]);
  if (e > 1) digits += text.substr(2, e - 2);
  const int point = exponent + 1;  // digits before the point
  if (point <= 0) {
    out += "0.";
    out.append(static_cast<std::size_t>(-point), '0');
    return out + digits;
  }
  const auto whole = static_cast<std::size_t>(point);
  if (digits.size() <= whole) return out + digits + std::string(whole - digits.size(), '0');
  return out + digits.substr(0, whole) + "." + digits.substr(whole);
}

Type resolve(std::string_view plain, std::string& canonical) {
  canonical = plain;
  if (one_of(plain, {"", "~", "null", "Null", "NULL"})) return Type::null;
  if (one_of(plain, {"true", "True", "TRUE"})) {
    canonical = "True";
    return Type::boolean;
  }
  if (one_of(plain, {"false", "False", "FALSE"})) {
    canonical = "False";
    return Type::boolean;
  }
  if (one_of(plain, {".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"})) {
    canonical = "+Inf";
    return Type::real;
  }
  if (one_of(plain, {"-.inf", "-.Inf", "-.INF"})) {
    canonical = "-Inf";
    return Type::real;
  }
  if (one_of(plain, {".nan", ".NaN", ".NAN"})) {
    canonical = "NaN";
    return Type::real;
  }
  const char first = plain.front();
  if (!is_digit(first) && first != '-' && first != '+' && first != '.') return Type::text;
  if (time(plain, canonical)) return Type::time;
  const std::string bare = without_underscores(plain);
  if (integer(bare, canonical)) return Type::integer;
  if (is_real(bare)) {
    canonical = format_real(std::strtod(bare.c_str(), nullptr));
    return Type::real;
  }
  canonical = plain;
  return Type::text;
}

}  // namespace lab::crypto::sops
