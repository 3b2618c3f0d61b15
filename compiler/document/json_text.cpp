#include "compiler/document/json_text.h"

#include <array>

namespace lab::document {

namespace {

constexpr std::array<bool, 256> special = [] {
  std::array<bool, 256> table{};
  for (unsigned c = 0; c < 0x20; ++c) table[c] = true;
  table['"'] = table['\\'] = true;
  return table;
}();

/// Where the first byte stands that must be escaped; the size when there is none.
std::size_t find_special(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && !special[static_cast<unsigned char>(text[at])]) ++at;
  return at;
}

}  // namespace

bool is_plain_json(std::string_view text) {
  return find_special(text) == text.size();
}

void append_json_string(std::string_view text, std::string& out) {
  constexpr char hex[] = "0123456789abcdef";
  out += '"';
  while (true) {
    const std::size_t plain = find_special(text);
    out.append(text, 0, plain);
    if (plain == text.size()) break;
    switch (const char c = text[plain]; c) {
      case '"':
      case '\\':
        out += '\\';
        out += c;
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\r':
        out += "\\r";
        break;
      default:
        out += "\\u00";
        out += hex[static_cast<unsigned char>(c) >> 4U];
        out += hex[static_cast<unsigned char>(c) & 15U];
    }
    text.remove_prefix(plain + 1);
  }
  out += '"';
}

}  // namespace lab::document
