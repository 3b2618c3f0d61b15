// A tree as the YAML that go-yaml v3 writes with an indentation of four.
#include <algorithm>
#include <array>

#include "crypto/sops/tree.h"

namespace lab::crypto::sops {

namespace {

constexpr std::size_t width = 4;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

/// Words that some reader takes for a boolean, null or number.
bool is_word(std::string_view text) {
  constexpr std::array<std::string_view, 10> words = {"y",   "n",    "yes",   "no",   "on",
                                                      "off", "true", "false", "null", "nan"};
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return std::equal(text.begin(), text.end(), word.begin(), word.end(),
                      [](char a, char b) { return lower(a) == b; });
  });
}

bool is_letter(char c) {
  return (lower(c) >= 'a' && lower(c) <= 'z') || c == '_' || c == '/' || c == '^';
}

/// `3.9.0`, which no reader takes for a number.
bool is_version(std::string_view text) {
  return text.find_first_not_of("0123456789.") == std::string_view::npos &&
         std::count(text.begin(), text.end(), '.') == 2 && text.front() != '.' && text.back() != '.';
}

/// Text that every YAML reader takes for text: it begins with a letter, or is a version.
bool is_plain(std::string_view text) {
  if (!text.empty() && is_version(text)) return true;
  if (text.empty() || !is_letter(text[0]) || is_word(text) || text.back() == ' ' || text.back() == ':')
    return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] < ' ' || text[i] > '~') return false;
    if (text[i] == ':' && text[i + 1] == ' ') return false;
    if (text[i] == '#' && text[i - 1] == ' ') return false;
  }
  return true;
}

/// Whether a text reads back from a literal as it is, in every reader.
bool is_literal(std::string_view text) {
  if (text.find('\n') == std::string_view::npos || text[0] == ' ' || text[0] == '\n' || text[0] == '\t')
    return false;
  if (text.ends_with("\n\n") || text.ends_with(' ') || text.ends_with('\t')) return false;
  if (text.find("\xc2") != std::string_view::npos || text.find("\xe2\x80") != std::string_view::npos ||
      text.find("\xef") != std::string_view::npos)
    return false;  // may be U+0085, U+2028, U+FEFF: line breaks or nothing to some reader
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 ? byte != 0x7f : c == '\n' || c == '\t';
  });
}

class Writer {
 public:
  Writer(SecretBuilder& out, std::uint32_t& line, std::vector<Line>& lines)
      : out_(out), line_(line), lines_(lines) {}

  void children(const Node& node, std::size_t column, bool started) {
    for (const Node& child : node.children) {
      if (!started) spaces(column);
      started = false;
      mark(child.origin);
      if (child.type == Type::comment) {
        out_.append('#').append(child.cipher.empty() ? child.value.expose_text() : child.cipher);
        new_line();
      } else if (node.type == Type::map) {
        text(child.key);
        out_.append(':');
        value(child, column, false);
      } else {
        out_.append('-');
        value(child, column, true);
      }
    }
  }

 private:
  static std::size_t deeper(std::size_t column) { return width * ((column + width) / width); }

  void value(const Node& node, std::size_t column, bool item) {
    if (node.is_collection() && !node.children.empty()) {
      // A comment cannot stand behind a dash.
      if (item && node.children.front().type != Type::comment) {
        out_.append(' ');
        children(node, column + 2, true);
      } else {
        new_line();
        children(node, deeper(column), false);
      }
      return;
    }
    out_.append(' ');
    if (node.is_collection())
      out_.append(node.type == Type::map ? "{}" : "[]");
    else if (!node.cipher.empty())
      out_.append(node.cipher);
    else
      scalar(node, column);
    new_line();
  }

  void scalar(const Node& node, std::size_t column) {
    const std::string_view bytes = node.value.expose_text();
    switch (node.type) {
      case Type::null:
        out_.append("null");
        break;
      case Type::boolean:
        out_.append(bytes == "True" ? "true" : "false");
        break;
      case Type::integer:
      case Type::time:
        out_.append(bytes);
        break;
      case Type::real:
        real(bytes);
        break;
      default:
        if (!is_literal(bytes)) {
          text(bytes);
          break;
        }
        literal(bytes, deeper(column));
    }
  }

  void real(std::string_view digits) {
    if (digits == "NaN")
      out_.append(".nan");
    else if (digits.ends_with("Inf"))
      out_.append(digits[0] == '-' ? "-.inf" : ".inf");
    else
      out_.append(digits);
  }

  void literal(std::string_view bytes, std::size_t margin) {
    out_.append(bytes.back() == '\n' ? "|" : "|-");
    if (bytes.back() == '\n') bytes.remove_suffix(1);
    while (true) {
      const std::size_t end = bytes.find('\n');
      new_line();
      if (end != 0) spaces(margin);
      out_.append(bytes.substr(0, end));
      if (end == std::string_view::npos) return;
      bytes.remove_prefix(end + 1);
    }
  }

  void text(std::string_view bytes) {
    if (is_plain(bytes)) {
      out_.append(bytes);
      return;
    }
    constexpr std::string_view hex = "0123456789abcdef";
    out_.append('"');
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const char c = bytes[i];
      const auto byte = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\')
        out_.append('\\').append(c);
      else if (c == '\n')
        out_.append("\\n");
      else if (c == '\t')
        out_.append("\\t");
      else if (c == '\r')
        out_.append("\\r");
      else if (byte < 0x20 || byte == 0x7f)
        out_.append("\\x").append(hex[byte >> 4]).append(hex[byte & 15]);
      else if (const std::string_view two = bytes.substr(i, 2); two == "\xc2\x85") {
        out_.append("\\N");
        ++i;
      } else if (const std::string_view three = bytes.substr(i, 3);
                 three == "\xe2\x80\xa8" || three == "\xe2\x80\xa9" || three == "\xef\xbb\xbf") {
        out_.append(three == "\xe2\x80\xa8" ? "\\L" : three == "\xe2\x80\xa9" ? "\\P" : "\\uFEFF");
        i += 2;
      } else
        out_.append(c);
    }
    out_.append('"');
  }

  void mark(std::uint32_t origin) {
    if (!lines_.empty() && lines_.back().line == line_) return;
    if (origin != (lines_.empty() ? 0 : lines_.back().origin)) lines_.push_back({line_, origin});
  }
  void new_line() {
    out_.append('\n');
    ++line_;
  }
  void spaces(std::size_t count) {
    while (count-- > 0) out_.append(' ');
  }

  SecretBuilder& out_;
  std::uint32_t& line_;
  std::vector<Line>& lines_;
};

}  // namespace

void write_yaml(const Node& document, SecretBuilder& out, std::uint32_t& line, std::vector<Line>& lines) {
  Writer(out, line, lines).children(document, 0, false);
}

}  // namespace lab::crypto::sops
