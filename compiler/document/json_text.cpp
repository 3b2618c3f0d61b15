#include "compiler/document/json_text.h"

#include <algorithm>

namespace lab::document {

void append_json_string(std::string_view text, std::string& out) {
  constexpr char hex[] = "0123456789abcdef";
  const auto is_special = [](char c) {
    return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
  };
  out += '"';
  while (true) {
    const auto special = std::find_if(text.begin(), text.end(), is_special);
    const auto plain = static_cast<std::size_t>(special - text.begin());
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
