#include "compiler/syntax/literals.h"

#include <charconv>

namespace lab::syntax {
namespace {

using diagnostics::Code;

bool blank(char c) {
  return c == ' ' || c == '\t';
}

/// UTF-8 of a code point (RFC 3629).
void append_utf8(std::uint32_t c, std::string& into) {
  const auto put = [&](std::uint32_t byte) { into.push_back(static_cast<char>(byte)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xc0 | c >> 6);
    put(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    put(0xe0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3f));
    put(0x80 | (c & 0x3f));
  } else {
    put(0xf0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3f));
    put(0x80 | (c >> 6 & 0x3f));
    put(0x80 | (c & 0x3f));
  }
}

/// Reads `u{1F600}` behind a backslash; the number of bytes read, 0 when it is none.
std::size_t code_point(std::string_view s, std::string& into) {
  const std::size_t close = s.substr(0, 10).find('}');
  if (!s.starts_with("u{") || close == std::string_view::npos || close == 2) return 0;
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(s.data() + 2, s.data() + close, value, 16);
  const bool scalar = value != 0 && value <= 0x10ffff && (value < 0xd800 || value > 0xdfff);
  if (error != std::errc{} || end != s.data() + close || !scalar) return 0;
  append_utf8(value, into);
  return close + 1;
}

}  // namespace

Strip strip_of(std::string_view between) {
  Strip s;
  std::size_t first = 0;
  while (first < between.size() && blank(between[first])) ++first;
  if (between.substr(first).starts_with("\r\n")) {
    s.front = first + 2;
  } else if (first < between.size() && between[first] == '\n') {
    s.front = first + 1;
  }
  std::size_t last = between.size();
  while (last > 0 && blank(between[last - 1])) --last;
  if (last == 0 || between[last - 1] != '\n') return s;
  s.indent = between.size() - last;
  --last;
  if (last > 0 && between[last - 1] == '\r') --last;
  s.back = between.size() - last;
  if (s.front + s.back > between.size()) s.back = between.size() - s.front;
  return s;
}

void decode(std::string_view raw, std::uint32_t offset, std::size_t indent, Reporter& report,
            std::string& into) {
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const char c = raw[i];
    if (c == '\r' && i + 1 < raw.size() && raw[i + 1] == '\n') continue;
    if (c == '$' && raw.substr(i).starts_with("$${")) {
      into += "${";
      i += 2;
      continue;
    }
    if (c != '\\') {
      into.push_back(c);
      if (c == '\n') {
        for (std::size_t k = 0; k < indent && i + 1 < raw.size() && blank(raw[i + 1]); ++k) ++i;
      }
      continue;
    }
    const char e = i + 1 < raw.size() ? raw[i + 1] : '\0';
    std::size_t taken = 1;
    switch (e) {
      case 'n':
        into.push_back('\n');
        break;
      case 't':
        into.push_back('\t');
        break;
      case '\\':
        into.push_back('\\');
        break;
      case '"':
        into.push_back('"');
        break;
      default:
        taken = code_point(raw.substr(i + 1), into);
        break;
    }
    if (taken == 0) {
      const auto at = offset + static_cast<std::uint32_t>(i);
      // A character of several bytes is shown whole.
      std::uint32_t length = e == '\0' ? 1 : 2;
      while (i + length < raw.size() && (static_cast<unsigned char>(raw[i + length]) & 0xc0) == 0x80)
        ++length;
      report
          .error(Code::bad_escape, at, at + length, "unknown escape", "unknown escape `{}`",
                 raw.substr(i, length))
          .note("escapes are \\n \\t \\\\ \\\" \\u{…} and $${")
          .replace(report.span(at, at + 1), "\\\\", "write the backslash twice");
      into.push_back(c);
    }
    i += taken;
  }
}

}  // namespace lab::syntax
