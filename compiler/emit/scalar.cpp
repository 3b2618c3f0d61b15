// Which text may stand without quotes, and how other text is quoted.
#include <algorithm>
#include <array>
#include <cstring>

#include "compiler/emit/yaml.h"

namespace lab::emit {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool equals_ignoring_case(std::string_view text, std::string_view word) {
  return text.size() == word.size() &&
         std::equal(text.begin(), text.end(), word.begin(), [](char a, char b) { return lower(a) == b; });
}

/// Words that some reader takes for a boolean, null, number or operator (yaml.org/type, go-yaml).
bool is_reserved_word(std::string_view text) {
  if (text.size() > 8 || std::strchr("~ntfyo=<.i", lower(text[0])) == nullptr) return false;
  static constexpr std::array<std::string_view, 17> words = {"~",   "null", "true", "false", "yes",     "no",
                                                             "on",  "off",  "y",    "n",     "=",       "<<",
                                                             "nan", "inf",  ".nan", ".inf",  "infinity"};
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return equals_ignoring_case(text, word); });
}

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && (is_digit(text[at]) || text[at] == '_')) ++at;
  return at;
}

/// Digits parted by colons: sexagesimal numbers of YAML 1.1, times of day.
bool is_sexagesimal(std::string_view text) {
  std::size_t at = skip_digits(text, 0);
  if (at == 0 || at == text.size() || text[at] != ':') return false;
  while (at < text.size() && text[at] == ':') {
    const std::size_t end = skip_digits(text, at + 1);
    if (end == at + 1) return false;
    at = end;
  }
  if (at < text.size() && text[at] == '.') at = skip_digits(text, at + 1);
  return at == text.size();
}

/// `1`, `1_000`, `012`, `1.5`, `.5`, `5.`, `1e3`, `0x1F`, `0o17`, `0b1`, `0x1p-2`.
bool is_number(std::string_view text) {
  if (text.size() >= 2 && text[0] == '0' && std::strchr("xXoObB", text[1]) != nullptr) {
    return std::all_of(text.begin() + 2, text.end(),
                       [](char c) { return is_hex(c) || std::strchr("_.pP+-", c) != nullptr; });
  }
  std::size_t at = skip_digits(text, 0);
  std::size_t digits = at;
  if (at < text.size() && text[at] == '.') {
    const std::size_t end = skip_digits(text, at + 1);
    digits += end - at - 1;
    at = end;
  }
  if (digits == 0) return false;
  if (at < text.size() && lower(text[at]) == 'e') {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    at = skip_digits(text, at);
  }
  return at == text.size();
}

/// `2026-01-01`, alone or with anything behind it.
bool begins_with_date(std::string_view text) {
  if (text.size() < 8 || !std::all_of(text.begin(), text.begin() + 4, is_digit) || text[4] != '-')
    return false;
  const std::size_t dash = is_digit(text[5]) && text[6] != '-' ? 7 : 6;
  return is_digit(text[5]) && text[dash] == '-' && dash + 1 < text.size() && is_digit(text[dash + 1]);
}

bool resolves_to_other_type(std::string_view text) {
  if (is_reserved_word(text)) return true;
  const char first = text[0];
  if (!is_digit(first) && first != '+' && first != '-' && first != '.') return false;
  const bool sign = first == '+' || first == '-';
  const std::string_view rest = sign ? text.substr(1) : text;
  if (rest.empty() || rest == ".") return true;
  return is_number(rest) || is_sexagesimal(rest) || is_reserved_word(rest) || begins_with_date(text);
}

/// Length of the UTF-8 sequence at `at` when it is text that every reader prints and reads; 0 for
/// controls, line separators, byte order marks and broken UTF-8.
std::size_t printable_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned lead = byte(at);
  if (lead < 0x80) return lead >= 0x20 && lead != 0x7f ? 1 : 0;
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xc0U) != 0x80) return 0;
  }
  if (lead == 0xc2 && byte(at + 1) <= 0xa0) return 0;                                    // C1, no-break space
  if (lead == 0xe2 && byte(at + 1) == 0x80 && (byte(at + 2) & 0xfeU) == 0xa8) return 0;  // U+2028, U+2029
  if (lead == 0xef && byte(at + 1) == 0xbb && byte(at + 2) == 0xbf) return 0;            // U+FEFF
  if (lead == 0xef && byte(at + 1) == 0xbf && byte(at + 2) >= 0xbe) return 0;            // U+FFFE, U+FFFF
  return length;
}

/// Bytes that mean nothing special inside a plain scalar.
constexpr std::array<bool, 256> ordinary = [] {
  std::array<bool, 256> table{};
  for (unsigned c = '!'; c < 0x7f; ++c) table[c] = c != ':' && c != '#';
  return table;
}();

/// Bytes no plain scalar begins with (YAML 1.2.2, 7.3.3).
constexpr std::array<bool, 256> indicator = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("?:,[]{}#&*!|>'\"%@`")) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

constexpr char hex[] = "0123456789abcdef";

void append_double_quoted(std::string_view text, std::string& out) {
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (const std::size_t length = printable_length(text, at); length > 0) {
      if (c == '"' || c == '\\') out += '\\';
      out.append(text.substr(at, length));
      at += length;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (byte < 0x80) {
      out += "\\u00";
      out += hex[byte >> 4];
      out += hex[byte & 15U];
    } else if (byte == 0xc2 && at + 1 < text.size()) {  // U+0080 … U+00A0
      const auto low = static_cast<unsigned char>(text[++at]);
      out += "\\u00";
      out += hex[low >> 4];
      out += hex[low & 15U];
    } else if ((byte & 0xf0U) == 0xe0 && at + 2 < text.size()) {
      const auto middle = static_cast<unsigned char>(text[at + 1]);
      const auto last = static_cast<unsigned char>(text[at + 2]);
      const unsigned point = (byte & 15U) << 12U | (middle & 63U) << 6U | (last & 63U);
      out += "\\u";
      for (int shift = 12; shift >= 0; shift -= 4) out += hex[(point >> static_cast<unsigned>(shift)) & 15U];
      at += 2;
    } else {
      out += "\\ufffd";  // not UTF-8: labc reads UTF-8 only, so this is unreachable from a lab
    }
    ++at;
  }
  out += '"';
}

}  // namespace

bool is_plain_safe(std::string_view text) {
  if (text.empty() || text.front() == ' ' || text.back() == ' ' || text.back() == ':') return false;
  if (indicator[static_cast<unsigned char>(text[0])]) return false;
  if (text[0] == '-' && (text.size() == 1 || text[1] == ' ' || text.substr(0, 3) == "---")) return false;
  if (text.substr(0, 3) == "...") return false;
  if (resolves_to_other_type(text)) return false;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (ordinary[static_cast<unsigned char>(c)]) {
      ++at;
      continue;
    }
    if (c == ':' && text[at + 1] == ' ') return false;  // the last character is no colon
    if (c == '#' && text[at - 1] == ' ') return false;  // nor is the first a hash
    const std::size_t length = printable_length(text, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

bool PlainTexts::learn(std::string_view text, std::string_view& known) {
  if (!is_plain_safe(text)) return false;
  known = text;
  return true;
}

void append_quoted(std::string_view text, std::string& out) {
  bool printable = true;
  bool single = false;
  for (std::size_t at = 0; at < text.size() && printable;) {
    const std::size_t length = printable_length(text, at);
    printable = length > 0;
    single = single || text[at] == '"' || text[at] == '\\';
    at += length;
  }
  if (printable && single && text.find('\'') == std::string_view::npos) {
    out += '\'';
    out += text;
    out += '\'';
    return;
  }
  append_double_quoted(text, out);
}

}  // namespace lab::emit
