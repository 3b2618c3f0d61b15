#include "compiler/emit/yaml.h"

#include <fmt/format.h>

#include "compiler/document/json_text.h"
#include "compiler/emit/chunk.h"

namespace lab::emit {

namespace {

using document::Kind;
using document::Node;

/// What the two writers share: the buffer, the line count and the origins.
class Writer {
 public:
  Writer(std::string& out, std::uint32_t& line, std::vector<LineOrigin>& lines)
      : out_(out), line_(line), lines_(lines) {
    if (lines.empty()) return;
    origin_ = lines.back().origin;
    marked_ = lines.back().line;
  }

 protected:
  void mark(document::Origin origin) {
    if (origin == origin_ || line_ == marked_) return;  // the first node of a line names it
    lines_.push_back({line_, origin});
    origin_ = origin;
    marked_ = line_;
  }
  void new_line() {
    out_.put('\n');
    ++line_;
  }
  /// A scalar that YAML and JSON spell alike: all but strings.
  void plain(const Node& node) {
    switch (node.kind) {
      case Kind::boolean:
        out_.put(node.boolean ? "true" : "false");
        break;
      case Kind::integer:
        number(node.integer);
        break;
      case Kind::plain:
        out_.put(node.text());
        break;
      default:
        out_.put("null");
    }
  }

  void number(std::int64_t value) {
    const fmt::format_int text(value);
    out_.put(std::string_view(text.data(), text.size()));
  }

  Chunk out_;
  std::uint32_t& line_;
  std::vector<LineOrigin>& lines_;
  document::Origin origin_ = document::no_origin;  // of the last of `lines_`
  std::uint32_t marked_ = 0;                       // its line
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
      out_.spaces(column);
      out_.put('#');
      if (end != 0) out_.put(' ');
      out_.put(text.substr(0, end));
      new_line();
      text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    }
  }

  void beside(const Node& node) {
    if (node.comments == nullptr || node.comments->beside.empty()) return;
    out_.put("  # ");
    out_.put(node.comments->beside);
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
        out_.spaces(column);
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
      out_.put(child.key());
    else
      append_quoted(child.key(), out_.flushed());
    out_.put(':');
    if (child.is_collection() && child.size > 0) {
      beside(child);
      new_line();
      children(child, deeper(column), origin, false);
      return;
    }
    out_.put(' ');
    scalar(child, column);
    new_line();
  }

  void element(const Node& child, std::uint32_t column, document::Origin origin) {
    out_.put("- ");
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
        out_.put("{}");
        break;
      case Kind::list:
        out_.put("[]");
        break;
      case Kind::string:
        if (plain_.contains(node.text())) {
          out_.put(node.text());
          break;
        }
        if (const Literal form = literal_form(node.text()); form.possible && !top_) {
          literal(node, form, column);
          return;
        }
        append_quoted(node.text(), out_.flushed());
        break;
    }
    beside(node);
  }

  void literal(const Node& node, const Literal& form, std::uint32_t column) {
    std::string_view text = node.text();
    const std::uint32_t margin = deeper(column);
    out_.put('|');
    if (form.indicator) out_.put(static_cast<char>('0' + (margin - column)));
    out_.put(form.chomp);
    beside(node);
    if (form.chomp != "-") text.remove_suffix(1);
    while (true) {
      const std::size_t end = text.find('\n');
      const std::string_view one = text.substr(0, end);
      new_line();
      if (!one.empty()) {
        out_.spaces(margin);
        out_.put(one);
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
        string(node.text());
        break;
      case Kind::map:
      case Kind::list:
        collection(node, column, origin);
        break;
    }
  }

  void end() { new_line(); }

 private:
  void string(std::string_view text) {
    if (!document::is_plain_json(text)) {
      document::append_json_string(text, out_.flushed());
      return;
    }
    out_.put('"');
    out_.put(text);
    out_.put('"');
  }

  void collection(const Node& node, std::uint32_t column, document::Origin origin) {
    const bool map = node.kind == Kind::map;
    out_.put(map ? '{' : '[');
    for (const Node* child = node.first; child != nullptr; child = child->next) {
      if (child != node.first) out_.put(',');
      new_line();
      mark(child->origin != document::no_origin ? child->origin : origin);
      out_.spaces(column + 2);
      if (map) {
        string(child->key());
        out_.put(": ");
      }
      value(*child, column + 2, origin);
    }
    if (node.size > 0) {
      new_line();
      mark(origin);
      out_.spaces(column);
    }
    out_.put(map ? '}' : ']');
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
