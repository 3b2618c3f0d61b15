#include "compiler/emit/yaml.h"

#include <fmt/format.h>

#include "compiler/document/json_text.h"

namespace lab::emit {

namespace {

using document::Kind;
using document::Node;

void append_number(std::int64_t value, std::string& out) {
  const fmt::format_int text(value);
  out.append(text.data(), text.size());
}

/// What the two writers share: the buffer, the line count and the origins.
class Writer {
 public:
  Writer(std::string& out, std::uint32_t& line, std::vector<LineOrigin>& lines)
      : out_(out), line_(line), lines_(lines) {}

 protected:
  void mark(document::Origin origin) {
    const document::Origin before = lines_.empty() ? document::no_origin : lines_.back().origin;
    if (!lines_.empty() && lines_.back().line == line_) return;  // the first node of a line names it
    if (origin != before) lines_.push_back({line_, origin});
  }
  void new_line() {
    out_ += '\n';
    ++line_;
  }
  void spaces(std::uint32_t count) { out_.append(count, ' '); }
  /// A scalar that YAML and JSON spell alike: all but strings.
  void plain(const Node& node) {
    switch (node.kind) {
      case Kind::boolean:
        out_ += node.boolean ? "true" : "false";
        break;
      case Kind::integer:
        append_number(node.integer, out_);
        break;
      case Kind::plain:
        out_ += node.text();
        break;
      default:
        out_ += "null";
    }
  }

  std::string& out_;
  std::uint32_t& line_;
  std::vector<LineOrigin>& lines_;
};

/// How a text of several lines can be written as a block literal.
struct Literal {
  bool possible = false;
  bool indicator = false;  // the first line begins with a space: the indentation must be told
  std::string_view chomp;
};

Literal literal_form(std::string_view text) {
  Literal form;
  if (text.find('\n') == std::string_view::npos) return form;
  const std::size_t end = text.find_last_not_of('\n');
  if (end == std::string_view::npos) return form;
  // A first line without text, or blanks at the very end, read differently in different parsers.
  if (text[0] == '\n' || text[0] == '\t' || text[end] == ' ' || text[end] == '\t') return form;
  if (text[text.find_first_not_of(' ')] == '\n') return form;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f) return form;
  }
  // U+0080 … U+009F, U+2028, U+2029 and U+FEFF are line breaks or controls to some reader.
  for (std::size_t at = 0; at + 1 < text.size(); ++at) {
    const auto byte = [&](std::size_t i) {
      return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
    };
    if (byte(0) == 0xc2 && byte(1) < 0xa0) return form;
    if (byte(0) == 0xe2 && byte(1) == 0x80 && (byte(2) & 0xfeU) == 0xa8) return form;
    if (byte(0) == 0xef && byte(1) == 0xbb && byte(2) == 0xbf) return form;
  }
  const std::size_t breaks = text.size() - 1 - end;
  form.possible = true;
  form.indicator = text[0] == ' ';
  form.chomp = breaks == 0 ? "-" : breaks == 1 ? "" : "+";
  return form;
}

class YamlWriter : Writer {
 public:
  YamlWriter(Indent indent, std::string& out, std::uint32_t& line, std::vector<LineOrigin>& lines,
             PlainTexts& plain)
      : Writer(out, line, lines), plain_(plain), width_(static_cast<std::uint32_t>(indent)) {}

  void document(const Node& node) {
    if (node.comments != nullptr) comment(node.comments->above, 0);
    if (node.is_collection() && node.size > 0) {
      children(node, 0, node.origin, false);
      return;
    }
    mark(node.origin);
    top_ = true;
    scalar(node, 0);
    new_line();
  }

 private:
  /// go-yaml v3 yaml_emitter_increase_indent: up to the next multiple of the width.
  [[nodiscard]] std::uint32_t deeper(std::uint32_t column) const {
    return width_ * ((column + width_) / width_);
  }

  void comment(std::string_view text, std::uint32_t column) {
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      spaces(column);
      out_ += '#';
      if (end != 0) out_ += ' ';
      out_ += text.substr(0, end);
      new_line();
      text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    }
  }

  void beside(const Node& node) {
    if (node.comments == nullptr || node.comments->beside.empty()) return;
    out_ += "  # ";
    out_ += node.comments->beside;
  }

  /// The entries of a map or list; with `started` the first stands on a line begun by its parent's dash.
  void children(const Node& node, std::uint32_t column, document::Origin inherited, bool started) {
    for (const Node* child = node.first; child != nullptr; child = child->next) {
      const document::Origin origin = child->origin != document::no_origin ? child->origin : inherited;
      if (!started) {
        if (child->comments != nullptr) comment(child->comments->above, column);
        if (node.kind == Kind::list && child->kind == Kind::map && child->size > 0 &&
            child->first->comments != nullptr) {
          comment(child->first->comments->above, column);  // it shares the line of the dash
        }
        spaces(column);
      }
      started = false;
      if (node.kind == Kind::map) {
        entry(*child, column, origin);
      } else {
        element(*child, column, origin);
      }
    }
  }

  void entry(const Node& child, std::uint32_t column, document::Origin origin) {
    mark(origin);
    if (plain_.contains(child.key()))
      out_ += child.key();
    else
      append_quoted(child.key(), out_);
    out_ += ':';
    if (child.is_collection() && child.size > 0) {
      beside(child);
      new_line();
      children(child, deeper(column), origin, false);
      return;
    }
    out_ += ' ';
    scalar(child, column);
    new_line();
  }

  void element(const Node& child, std::uint32_t column, document::Origin origin) {
    out_ += "- ";
    if (child.is_collection() && child.size > 0) {
      // The origin of the line is that of its first entry, not of the whole element.
      children(child, column + 2, origin, true);
      return;
    }
    mark(origin);
    scalar(child, column);
    new_line();
  }

  /// A value up to, not including, its last line break. `column` is that of its parent.
  void scalar(const Node& node, std::uint32_t column) {
    switch (node.kind) {
      case Kind::null:
      case Kind::secret:  // sealed elsewhere; `lower` refuses one in a public file
      case Kind::boolean:
      case Kind::integer:
      case Kind::plain:
        plain(node);
        break;
      case Kind::map:
        out_ += "{}";
        break;
      case Kind::list:
        out_ += "[]";
        break;
      case Kind::string:
        if (plain_.contains(node.text())) {
          out_ += node.text();
          break;
        }
        if (const Literal form = literal_form(node.text()); form.possible && !top_) {
          literal(node, form, column);
          return;
        }
        append_quoted(node.text(), out_);
        break;
    }
    beside(node);
  }

  void literal(const Node& node, const Literal& form, std::uint32_t column) {
    std::string_view text = node.text();
    const std::uint32_t margin = deeper(column);
    out_ += '|';
    if (form.indicator) out_ += static_cast<char>('0' + (margin - column));
    out_ += form.chomp;
    beside(node);
    if (form.chomp != "-") text.remove_suffix(1);
    while (true) {
      const std::size_t end = text.find('\n');
      const std::string_view one = text.substr(0, end);
      new_line();
      if (!one.empty()) {
        spaces(margin);
        out_ += one;
      }
      if (end == std::string_view::npos) break;
      text.remove_prefix(end + 1);
    }
  }

  PlainTexts& plain_;
  std::uint32_t width_;
  bool top_ = false;  // the document is a scalar
};

class JsonWriter : Writer {
 public:
  using Writer::Writer;

  void value(const Node& node, std::uint32_t column, document::Origin inherited) {
    const document::Origin origin = node.origin != document::no_origin ? node.origin : inherited;
    mark(origin);
    switch (node.kind) {
      case Kind::null:
      case Kind::secret:  // sealed elsewhere; `lower` refuses one in a public file
      case Kind::boolean:
      case Kind::integer:
      case Kind::plain:
        plain(node);
        break;
      case Kind::string:
        document::append_json_string(node.text(), out_);
        break;
      case Kind::map:
      case Kind::list:
        collection(node, column, origin);
        break;
    }
  }

  void end() { new_line(); }

 private:
  void collection(const Node& node, std::uint32_t column, document::Origin origin) {
    const bool map = node.kind == Kind::map;
    out_ += map ? '{' : '[';
    for (const Node* child = node.first; child != nullptr; child = child->next) {
      if (child != node.first) out_ += ',';
      new_line();
      mark(child->origin != document::no_origin ? child->origin : origin);
      spaces(column + 2);
      if (map) {
        document::append_json_string(child->key(), out_);
        out_ += ": ";
      }
      value(*child, column + 2, origin);
    }
    if (node.size > 0) {
      new_line();
      mark(origin);
      spaces(column);
    }
    out_ += map ? '}' : ']';
  }
};

}  // namespace

void write_yaml(const document::Node& document, Indent indent, std::string& out, std::uint32_t& line,
                std::vector<LineOrigin>& lines, PlainTexts& plain) {
  YamlWriter(indent, out, line, lines, plain).document(document);
}

void write_json(const document::Node& document, std::string& out, std::uint32_t& line,
                std::vector<LineOrigin>& lines) {
  JsonWriter writer(out, line, lines);
  writer.value(document, 0, document::no_origin);
  writer.end();
}

}  // namespace lab::emit
