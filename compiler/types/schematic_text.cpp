#include "compiler/types/schematic_text.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace lab::types {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// `12`, `-3`, `0.5`: what every release of go-yaml reads as a number.
bool is_number(std::string_view text) {
  if (!text.empty() && text[0] == '-') text.remove_prefix(1);
  const std::size_t dot = text.find('.');
  const std::string_view whole = text.substr(0, dot);
  const auto digits = [](std::string_view t) {
    return !t.empty() && std::all_of(t.begin(), t.end(), is_digit);
  };
  if (!digits(whole) || (whole.size() > 1 && whole[0] == '0')) return false;
  return dot == std::string_view::npos || digits(text.substr(dot + 1));
}

/// Text that some reader takes for a number, a time of day or a date, and another does not.
bool is_doubtful_number(std::string_view text) {
  const bool sign = text[0] == '-' || text[0] == '+' || text[0] == '.';
  if (!is_digit(text[0]) && !(sign && text.size() > 1 && (is_digit(text[1]) || text[1] == '.'))) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') ||
           std::strchr("xXoO_.:+-tTzZ ", c) != nullptr;
  });
}

/// Words that every release reads as a boolean or null.
bool is_word(std::string_view text) {
  static constexpr std::array<std::string_view, 10> words = {"true",  "True", "TRUE", "false", "False",
                                                             "FALSE", "null", "Null", "NULL",  "~"};
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool is_doubtful_word(std::string_view text) {
  static constexpr std::array<std::string_view, 12> words = {"y",  "n", "yes", "no",   "on",   "off",
                                                             "<<", "=", "inf", ".inf", ".nan", "nan"};
  std::string low(text.substr(text[0] == '+' || text[0] == '-' ? 1 : 0));
  std::transform(low.begin(), low.end(), low.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return std::find(words.begin(), words.end(), low) != words.end();
}

/// Whether YAML's own signs forbid a plain scalar outside of `[ ]` and `{ }` (go-yaml
/// yaml_emitter_analyze_scalar).
bool clashes(std::string_view text) {
  if (text.starts_with("---") || text.starts_with("...")) return true;
  if (std::strchr(",[]{}#&*!|>'\"%@`", text[0]) != nullptr) return true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool blank_follows = i + 1 == text.size() || text[i + 1] == ' ';
    if (text[i] == ':' && blank_follows) return true;
    if (i == 0 && (text[i] == '-' || text[i] == '?') && blank_follows) return true;
    if (text[i] == '#' && i > 0 && text[i - 1] == ' ') return true;
  }
  return false;
}

}  // namespace

Result<std::string> schematic_text(std::string_view text) {
  const auto refuse = [&](std::string_view why) {
    return Problem{"`" + std::string(text) + "` " + std::string(why), {}};
  };
  if (text.empty()) return std::string("\"\"");
  if (!std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7f; })) {
    return refuse("holds more than printable ASCII");
  }
  if (text.front() == ' ' || text.back() == ' ') return refuse("begins or ends with a space");
  if (is_word(text) || is_number(text)) return "\"" + std::string(text) + "\"";
  if (is_doubtful_word(text) || is_doubtful_number(text)) {
    return refuse("is text to one release of the factory's YAML library and something else to another");
  }
  if (!clashes(text)) return std::string(text);
  std::string quoted = "'";
  for (const char c : text) quoted.append(c == '\'' ? 2 : 1, c);
  return quoted + "'";
}

}  // namespace lab::types
