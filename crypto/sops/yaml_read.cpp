// YAML as go-yaml v3 writes it, back into a tree: line by line, by indentation (YAML 1.2.2, chapters 7 and
// 8).
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "crypto/sops/cipher.h"
#include "crypto/sops/tree.h"

namespace lab::crypto::sops {

namespace {

constexpr std::size_t deepest = 200;

struct SourceLine {
  std::size_t indent = 0;
  std::string_view text;  // without indentation and end of line
  std::string_view whole;
  std::size_t number = 0;
  [[nodiscard]] bool blank() const { return text.empty(); }
  [[nodiscard]] bool comment() const { return text.starts_with('#'); }
};

void append_utf8(std::uint32_t point, SecretBuilder& out) {
  const auto put = [&](std::uint32_t byte) { out.append(static_cast<char>(byte)); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xc0 | point >> 6);
    put(0x80 | (point & 63));
  } else if (point < 0x10000) {
    put(0xe0 | point >> 12);
    put(0x80 | (point >> 6 & 63));
    put(0x80 | (point & 63));
  } else {
    put(0xf0 | point >> 18);
    put(0x80 | (point >> 12 & 63));
    put(0x80 | (point >> 6 & 63));
    put(0x80 | (point & 63));
  }
}

std::optional<std::uint32_t> from_hex(std::string_view digits) {
  std::uint32_t value = 0;
  for (const char c : digits) {
    const int d = c >= '0' && c <= '9'   ? c - '0'
                  : c >= 'a' && c <= 'f' ? c - 'a' + 10
                  : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                         : -1;
    if (d < 0) return std::nullopt;
    value = value << 4 | static_cast<std::uint32_t>(d);
  }
  return value;
}

class Reader {
 public:
  Reader(std::string_view text, std::string& problem) : problem_(problem) {
    for (std::size_t number = 1; !text.empty(); ++number) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      std::string_view whole = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      if (whole.ends_with('\r')) whole.remove_suffix(1);
      const std::size_t indent = std::min(whole.find_first_not_of(' '), whole.size());
      std::string_view content = whole.substr(indent);
      if (content.find_first_not_of(" \t") == std::string_view::npos) content = {};
      lines_.push_back({indent, content, whole, number});
    }
  }

  bool run(std::vector<Node>& documents) {
    while (at_ < lines_.size()) {
      if (lines_[at_].whole == "---") ++at_;
      Node document = Node::map();
      if (!block(document, 0, 0)) return false;
      if (document.type != Type::map) return fail("the top of a document is no map");
      documents.push_back(std::move(document));
      if (at_ < lines_.size() && lines_[at_].whole != "---")
        return fail("this is indented as nothing above it");
    }
    return true;
  }

 private:
  bool fail(std::string_view why) {
    if (problem_.empty())
      problem_ = fmt::format("line {}: {}", at_ < lines_.size() ? lines_[at_].number : lines_.size(), why);
    return false;
  }

  [[nodiscard]] bool at_end() const { return at_ >= lines_.size() || lines_[at_].whole == "---"; }

  /// The line of the next node; blank lines and comments are passed over, not consumed.
  [[nodiscard]] const SourceLine* next_node() const {
    for (std::size_t i = at_; i < lines_.size() && lines_[i].whole != "---"; ++i)
      if (!lines_[i].blank() && !lines_[i].comment()) return &lines_[i];
    return nullptr;
  }

  static bool is_item(const SourceLine& line) { return line.text == "-" || line.text.starts_with("- "); }

  /// A map or list whose entries stand at one column, at least `least`.
  bool block(Node& into, std::size_t least, std::size_t depth) {
    if (depth > deepest) return fail("nested too deep");
    const SourceLine* first = next_node();
    const bool some = first != nullptr && first->indent >= least;
    const std::size_t column = some ? first->indent : least;
    into.type = some && is_item(*first) ? Type::list : Type::map;
    while (!at_end()) {
      const SourceLine& line = lines_[at_];
      if (line.blank()) {
        ++at_;
        continue;
      }
      if (line.comment()) {
        if (line.indent < column && depth > 0) return true;
        add_comment(line.text, into);
        ++at_;
        continue;
      }
      if (line.indent < column) return true;
      if (line.indent > column) return fail("this is indented as nothing above it");
      if (is_item(line) != (into.type == Type::list))
        return into.type == Type::map ? fail("a list in a map") : true;
      if (!(into.type == Type::list ? item(into, column, depth) : entry(into, column, depth))) return false;
    }
    return true;
  }

  static void add_comment(std::string_view text, Node& into) {
    Node node = Node::text({}, text.substr(1));
    node.type = Type::comment;
    take_cipher(node);
    into.children.push_back(std::move(node));
  }

  static void take_cipher(Node& node) {
    if (!is_encrypted(node.value.expose_text())) return;
    node.cipher = node.value.expose_text();
    node.was_encrypted = true;
    node.value = SecretBytes();
  }

  bool item(Node& list, std::size_t column, std::size_t depth) {
    SourceLine& line = lines_[at_];
    const std::size_t gap = std::min(line.text.find_first_not_of(' ', 1), line.text.size());
    const std::string_view rest = line.text.substr(gap);
    Node node;
    if (rest.empty() || rest.starts_with('#')) {
      if (!rest.empty()) add_comment(rest, list);
      ++at_;
      if (!nested(node, column, false, depth)) return false;
    } else if (rest.starts_with("- ") || rest == "-" || key_end(rest)) {
      line.indent = column + gap;  // what stands behind the dash is a block of its own
      line.text = rest;
      if (!block(node, column + gap, depth + 1)) return false;
    } else if (!value(node, rest, column, list)) {
      return false;
    }
    list.children.push_back(std::move(node));
    return true;
  }

  /// Where the colon of `key:` stands; nothing when there is none.
  static std::optional<std::size_t> key_end(std::string_view text) {
    if (text.starts_with('"') || text.starts_with('\'')) {
      const char quote = text[0];
      for (std::size_t i = 1; i < text.size(); ++i) {
        if (quote == '"' && text[i] == '\\') {
          ++i;
        } else if (text[i] == quote) {
          if (quote == '\'' && i + 1 < text.size() && text[i + 1] == '\'') {
            ++i;
            continue;
          }
          const bool colon = i + 1 < text.size() && text[i + 1] == ':';
          if (colon && (i + 2 == text.size() || text[i + 2] == ' ')) return i + 1;
          return std::nullopt;
        }
      }
      return std::nullopt;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '#' && i > 0 && text[i - 1] == ' ') return std::nullopt;
      if (text[i] == ':' && (i + 1 == text.size() || text[i + 1] == ' ')) return i;
    }
    return std::nullopt;
  }

  bool entry(Node& map, std::size_t column, std::size_t depth) {
    const std::string_view text = lines_[at_].text;
    const auto end = key_end(text);
    if (!end) return fail("there is no `key:`");
    Node node;
    const std::string_view spelled = text.substr(0, *end);
    if (spelled.starts_with('"') || spelled.starts_with('\'')) {
      Node key;
      std::string_view behind;
      if (!quoted(key, spelled, behind)) return false;
      node.key = key.value.expose_text();
    } else {
      std::string canonical;
      if (spelled.empty() || std::string_view("?&*!|>%@`[]{},").find(spelled[0]) != std::string_view::npos ||
          spelled.back() == ' ' || resolve(spelled, canonical) != Type::text || spelled == "<<")
        return fail("a key that is no plain text; quote it");
      node.key = spelled;
    }
    if (map.find(node.key) != nullptr) return fail("a key stands twice");
    std::string_view rest = text.substr(*end + 1);
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    if (rest.empty() || rest.starts_with('#')) {
      if (!rest.empty()) add_comment(rest, map);
      ++at_;
      if (!nested(node, column, true, depth)) return false;
    } else if (!value(node, rest, column, map)) {
      return false;
    }
    map.children.push_back(std::move(node));
    return true;
  }

  /// What stands below `key:` or `-`: a block further in (a list may stand under its key), or null.
  bool nested(Node& node, std::size_t column, bool of_key, std::size_t depth) {
    const SourceLine* next = next_node();
    if (next == nullptr || next->indent < column || (next->indent == column && !(of_key && is_item(*next)))) {
      node.type = Type::null;
      return true;
    }
    return block(node, next->indent, depth + 1);
  }

  /// A scalar on this line, or a literal that begins on it. Its comment goes above it.
  bool value(Node& node, std::string_view text, std::size_t column, Node& parent) {
    std::string_view behind;
    if (text.starts_with('|')) return literal(node, text, column);
    if (text.starts_with('"') || text.starts_with('\'')) {
      if (!quoted(node, text, behind)) return false;
    } else if (text.starts_with("{}") || text.starts_with("[]")) {
      node.type = text[0] == '{' ? Type::map : Type::list;
      behind = text.substr(2);
    } else if (std::string_view("&*!>%@`[]{},").find(text[0]) != std::string_view::npos ||
               text.starts_with("? ")) {
      return fail("YAML that SOPS does not write");
    } else {
      const std::size_t comment = text.find(" #");
      std::string_view plain = text.substr(0, comment);
      behind = text.substr(plain.size());
      while (plain.ends_with(' ') || plain.ends_with('\t')) plain.remove_suffix(1);
      if (plain.find(": ") != std::string_view::npos || plain.ends_with(':'))
        return fail("a colon in plain text");
      std::string canonical;
      node.type = resolve(plain, canonical);
      if (node.type != Type::null) node.value = SecretBytes::copy_text(canonical);
      wipe(canonical.data(), canonical.size());
      if (node.type == Type::text) take_cipher(node);
    }
    behind.remove_prefix(std::min(behind.find_first_not_of(" \t"), behind.size()));
    if (!behind.empty() && !behind.starts_with('#')) return fail("something stands behind a value");
    if (!behind.empty()) add_comment(behind, parent);
    ++at_;
    const SourceLine* next = next_node();
    if (next != nullptr && next->indent > column && (node.type != Type::list && node.type != Type::map))
      return at_ = static_cast<std::size_t>(next - lines_.data()), fail("a value of several lines");
    return true;
  }

  bool quoted(Node& node, std::string_view text, std::string_view& behind) {
    node.type = Type::text;
    SecretBuilder out;
    const char quote = text[0];
    for (std::size_t i = 1; i < text.size(); ++i) {
      if (text[i] == quote) {
        if (quote == '\'' && i + 1 < text.size() && text[i + 1] == '\'') {
          out.append('\'');
          ++i;
          continue;
        }
        behind = text.substr(i + 1);
        node.value = out.take();
        take_cipher(node);
        return true;
      }
      if (quote == '"' && text[i] == '\\') {
        if (!escape(text, i, out)) return fail("an escape that YAML does not know");
      } else {
        out.append(text[i]);
      }
    }
    return fail("a quoted text does not end on its line");
  }

  /// YAML 1.2.2 §5.7; `i` stands on the backslash and is moved to the last character.
  static bool escape(std::string_view text, std::size_t& i, SecretBuilder& out) {
    constexpr std::string_view letters = "0abtnvfre\"/\\ \t", bytes{"\0\a\b\t\n\v\f\r\x1b\"/\\ \t", 14};
    if (++i >= text.size()) return false;
    if (const std::size_t known = letters.find(text[i]); known != std::string_view::npos) {
      out.append(bytes[known]);
      return true;
    }
    const std::size_t digits = text[i] == 'x' ? 2 : text[i] == 'u' ? 4 : text[i] == 'U' ? 8 : 0;
    if (digits == 0) {
      const std::uint32_t point = text[i] == 'N'   ? 0x85
                                  : text[i] == '_' ? 0xa0
                                  : text[i] == 'L' ? 0x2028
                                  : text[i] == 'P' ? 0x2029
                                                   : 0;
      if (point == 0) return false;
      append_utf8(point, out);
      return true;
    }
    if (text.size() - i <= digits) return false;
    const auto point = from_hex(text.substr(i + 1, digits));
    if (!point || *point > 0x10ffff || (*point >= 0xd800 && *point < 0xe000)) return false;
    append_utf8(*point, out);
    i += digits;
    return true;
  }

  /// YAML 1.2.2 §8.1: `|`, `|-`, `|+`, with or without an indentation indicator.
  bool literal(Node& node, std::string_view head, std::size_t column) {
    node.type = Type::text;
    char chomp = ' ';
    std::size_t margin = 0;
    head.remove_prefix(1);
    while (!head.empty() && head.front() != ' ') {
      const char c = head.front();
      if (c == '-' || c == '+')
        chomp = c;
      else if (c >= '1' && c <= '9')
        margin = column + static_cast<std::size_t>(c - '0');
      else
        return fail("the head of a literal is malformed");
      head.remove_prefix(1);
    }
    ++at_;
    if (margin == 0) {
      for (std::size_t i = at_; i < lines_.size() && margin == 0; ++i)
        if (!lines_[i].blank()) margin = std::max(lines_[i].indent, column + 1);
      if (margin == 0) margin = column + 1;
    }
    SecretBuilder out;
    std::size_t breaks = 0;
    bool any = false;
    for (; at_ < lines_.size(); ++at_) {
      const SourceLine& line = lines_[at_];
      const bool inside = line.indent >= margin && !(line.blank() && line.whole.size() <= margin);
      if (!inside && !line.blank()) break;
      if (!inside) {
        ++breaks;
        continue;
      }
      for (; breaks > 0; --breaks) out.append('\n');
      out.append(line.whole.substr(margin));
      breaks = 1;
      any = true;
    }
    if (any && chomp == ' ') out.append('\n');
    if (chomp == '+')
      for (; breaks > 0; --breaks) out.append('\n');
    node.value = out.take();
    return true;
  }

  std::string& problem_;
  std::vector<SourceLine> lines_;
  std::size_t at_ = 0;
};

}  // namespace

bool read_yaml(std::string_view text, std::vector<Node>& documents, std::string& problem) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  if (text.find('\t') != std::string_view::npos && text.find("\n\t") != std::string_view::npos) {
    problem = "tabs indent a line";
    return false;
  }
  return Reader(text, problem).run(documents);
}

}  // namespace lab::crypto::sops
