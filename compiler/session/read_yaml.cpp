#include "compiler/session/read_yaml.h"

#include <charconv>
#include <string>

namespace lab::session {

namespace {

struct Line {
  std::size_t indent = 0;
  std::string_view text;  // without indentation
  std::string_view whole;
};

bool is_blank(std::string_view text) {
  return text.empty() || text.front() == '#';
}

/// One quoted scalar at the front of `text`, which is advanced past it.
bool take_quoted(std::string_view& text, std::string& out) {
  const char quote = text.front();
  std::size_t at = 1;
  for (; at < text.size(); ++at) {
    if (text[at] == quote) {
      if (quote == '\'' && at + 1 < text.size() && text[at + 1] == '\'') {
        out += '\'';
        ++at;
        continue;
      }
      text.remove_prefix(at + 1);
      return true;
    }
    if (quote == '\'' || text[at] != '\\') {
      out += text[at];
      continue;
    }
    if (++at == text.size()) return false;
    const char c = text[at];
    if (c == 'n')
      out += '\n';
    else if (c == 't')
      out += '\t';
    else if (c == 'r')
      out += '\r';
    else if (c == 'u') {
      unsigned code = 0;
      if (at + 4 >= text.size() || std::from_chars(&text[at + 1], &text[at + 5], code, 16).ec != std::errc())
        return false;
      at += 4;
      if (code < 0x80) {
        out += static_cast<char>(code);
      } else if (code < 0x800) {
        out += static_cast<char>(0xc0U | (code >> 6U));
        out += static_cast<char>(0x80U | (code & 0x3fU));
      } else {
        out += static_cast<char>(0xe0U | (code >> 12U));
        out += static_cast<char>(0x80U | ((code >> 6U) & 0x3fU));
        out += static_cast<char>(0x80U | (code & 0x3fU));
      }
    } else {
      out += c;
    }
  }
  return false;
}

/// Without a comment behind it, and without spaces at its end.
std::string_view plain(std::string_view text) {
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '#' && text[at - 1] == ' ') text = text.substr(0, at);
  }
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

class Reader {
 public:
  Reader(std::string_view text, document::Arena& arena) : arena_(arena) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      const std::string_view whole = text.substr(0, end);
      const std::size_t indent = std::min(whole.find_first_not_of(' '), whole.size());
      lines_.push_back({indent, whole.substr(indent), whole});
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }

  bool read(std::vector<const document::Node*>& into) {
    while (skip()) {
      if (lines_[at_].whole == "---") {
        ++at_;
        continue;
      }
      document::Node* node = block(lines_[at_].indent);
      if (failed_) return false;
      into.push_back(node);
      if (skip() && lines_[at_].whole != "---") return false;
    }
    return true;
  }

 private:
  /// To the next line that says something; false at the end.
  bool skip() {
    while (at_ < lines_.size() && is_blank(lines_[at_].text)) ++at_;
    return at_ < lines_.size();
  }

  document::Node* fail() {
    failed_ = true;
    at_ = lines_.size();
    return arena_.node(nullptr);
  }

  static bool is_element(std::string_view text) { return text == "-" || text.starts_with("- "); }

  document::Node* block(std::size_t indent) {
    if (is_element(lines_[at_].text)) return list(indent);
    std::string key;
    std::string_view rest = lines_[at_].text;
    return take_key(rest, key) ? map(indent) : one_line(indent);
  }

  bool more(std::size_t indent) {
    if (!skip() || lines_[at_].whole == "---" || lines_[at_].indent < indent) return false;
    if (lines_[at_].indent > indent) fail();
    return !failed_;
  }

  document::Node* list(std::size_t indent) {
    document::List out = arena_.list();
    while (more(indent) && is_element(lines_[at_].text)) {
      Line& line = lines_[at_];
      // What stands behind the dash is a block of its own, indented to where it begins.
      const std::size_t inside = std::min(line.text.find_first_not_of(' ', 1), line.text.size());
      line.indent += inside;
      line.text.remove_prefix(inside);
      out.add(block(line.indent));
    }
    return out.node();
  }

  document::Node* map(std::size_t indent) {
    document::Map out = arena_.map();
    while (more(indent) && !is_element(lines_[at_].text)) {
      std::string key;
      std::string_view rest = lines_[at_].text;
      if (!take_key(rest, key)) return fail();
      while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
      if (!is_blank(rest)) {
        lines_[at_].text = rest;
        out.set(key, one_line(indent));
        continue;
      }
      ++at_;
      const bool deeper =
          skip() && lines_[at_].whole != "---" &&
          (lines_[at_].indent > indent || (lines_[at_].indent == indent && is_element(lines_[at_].text)));
      if (deeper)
        out.set(key, block(lines_[at_].indent));
      else
        out.set(key, nullptr);
    }
    return out.node();
  }

  /// `KEY:` at the front of `text`, which is advanced past it.
  static bool take_key(std::string_view& text, std::string& key) {
    if (text.empty()) return false;
    if (text.front() == '"' || text.front() == '\'') {
      std::string_view rest = text;
      if (!take_quoted(rest, key) || !rest.starts_with(":")) return false;
      text = rest.substr(1);
      return text.empty() || text.front() == ' ';
    }
    std::size_t colon = text.find(": ");
    if (colon == std::string_view::npos) {
      if (text.back() != ':') return false;
      colon = text.size() - 1;
    }
    key = text.substr(0, colon);
    text.remove_prefix(colon + 1);
    return true;
  }

  document::Node* one_line(std::size_t indent) {
    std::string_view text = lines_[at_++].text;
    if (text.front() == '|') return literal(text, indent);
    if (text.front() == '"' || text.front() == '\'') {
      std::string value;
      if (!take_quoted(text, value) || !is_blank(plain(text))) return fail();
      return arena_.node(value);
    }
    text = plain(text);
    if (text == "{}") return arena_.map().node();
    if (text == "[]") return arena_.list().node();
    if (text.front() == '{' || text.front() == '[' || text.front() == '&' || text.front() == '>')
      return fail();
    if (text == "null") return arena_.node(nullptr);
    if (text == "true" || text == "false") return arena_.node(text == "true");
    std::int64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec == std::errc() && read.ptr == text.data() + text.size()) return arena_.node(number);
    return arena_.node(arena_.keep(text));
  }

  document::Node* literal(std::string_view head, std::size_t parent) {
    std::size_t margin = 0;
    char chomp = 0;
    for (const char c : head.substr(1)) {
      if (c == '-' || c == '+')
        chomp = c;
      else if (c >= '1' && c <= '9')
        margin = parent + static_cast<std::size_t>(c - '0');
      else
        return fail();
    }
    std::size_t end = at_;
    for (; end < lines_.size(); ++end) {
      const Line& line = lines_[end];
      if (line.text.empty()) continue;
      if (margin == 0) margin = line.indent;
      if (line.indent < margin || line.indent <= parent) break;
    }
    std::string text;
    for (; at_ < end; ++at_) {
      const std::string_view whole = lines_[at_].whole;
      text += whole.substr(std::min(margin, whole.size()));
      text += '\n';
    }
    if (chomp != '+') {
      while (!text.empty() && text.back() == '\n') text.pop_back();
      if (chomp == 0) text += '\n';
    }
    return arena_.node(text);
  }

  document::Arena& arena_;
  std::vector<Line> lines_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

}  // namespace

std::optional<std::vector<const document::Node*>> read_yaml(std::string_view text, document::Arena& arena) {
  std::vector<const document::Node*> out;
  if (!Reader(text, arena).read(out)) return std::nullopt;
  return out;
}

}  // namespace lab::session
