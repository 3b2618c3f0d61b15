#include "compiler/session/show.h"

#include <fmt/format.h>

namespace lab::session {

namespace {

using eval::Record;
using eval::Tag;
using eval::Value;

constexpr std::size_t line_width = 100;

class Writer {
 public:
  explicit Writer(Snapshot& snapshot) : evaluation_(*snapshot.evaluation) {}

  /// `WORD LABEL { … }` of a resource or labelled block.
  std::string resource(Record& record) {
    std::string out(evaluation_.text(record.schema->name));
    out += " " + label(record) + " {\n" + fields(record, 1, false);
    if (const std::string computed = fields(record, 1, true); !computed.empty())
      out += "  // computed\n" + computed;
    return out + "}\n";
  }

  std::string value(const Value& v, unsigned depth) {
    switch (v.tag) {
      case Tag::record:
        if (is_reference(v)) return evaluation_.display(v);
        return tag(*v.record) + body(fields(*v.record, depth + 1, false), depth);
      case Tag::map: {
        std::string members;
        for (const eval::Pair& p : v.map) members += member(key(p.key), p.value, depth + 1);
        return body(members, depth);
      }
      case Tag::list: {
        const std::string one = evaluation_.display(v);
        if (one.size() + 2 * depth <= line_width && !holds_blocks(v)) return one;
        std::string out = "[\n";
        for (const Value& e : v.list) out += indent(depth + 1) + value(e, depth + 1) + ",\n";
        return out + indent(depth) + "]";
      }
      default:
        return evaluation_.display(v);
    }
  }

 private:
  static std::string indent(unsigned depth) { return std::string(2 * std::size_t{depth}, ' '); }

  static bool bare(std::string_view name) {
    return !name.empty() &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
               std::string_view::npos &&
           (name.front() < '0' || name.front() > '9') && name.front() != '-';
  }

  std::string key(const Value& v) {
    if (v.is(Tag::string) && bare(v.text)) return std::string(v.text);
    return evaluation_.display(v);
  }

  std::string label(const Record& record) {
    const std::string_view name = evaluation_.text(record.name);
    return bare(name) ? std::string(name) : fmt::format("\"{}\"", name);
  }

  std::string tag(const Record& record) {
    return record.schema->kind == types::SchemaKind::tag
               ? std::string(evaluation_.text(record.schema->name)) + " "
               : std::string();
  }

  /// Whether a record stands elsewhere and is only named here: a resource, or a block of one.
  bool is_reference(const Value& v) const {
    const Record& r = *v.record;
    return r.named && (r.owner == nullptr || r.owner != shown_ || r.field != field_);
  }

  /// Whether a list is written as one block an element.
  bool holds_blocks(const Value& v) const {
    for (const Value& e : v.list)
      if (!e.is(Tag::record) || is_reference(e) || e.record->schema->kind == types::SchemaKind::tag)
        return false;
    return v.list.size > 0;
  }

  /// Members in braces: on one line if they fit.
  static std::string body(const std::string& members, unsigned depth) {
    if (members.empty()) return "{}";
    std::string one = "{";
    bool first = true, fits = true;
    for (std::size_t at = 0; at < members.size() && fits;) {
      const std::size_t end = members.find('\n', at);
      const std::size_t begin = members.find_first_not_of(' ', at);
      fits = begin - at == 2 * std::size_t{depth + 1};
      one += (first ? " " : ", ") + members.substr(begin, end - begin);
      first = false;
      at = end + 1;
    }
    if (fits && one.size() + 2 + 2 * std::size_t{depth} <= line_width) return one + " }";
    return "{\n" + members + indent(depth) + "}";
  }

  /// One line or block: `NAME = VALUE`, `NAME { … }`.
  std::string member(const std::string& name, const Value& v, unsigned depth) {
    const std::string text = value(v, depth);
    const bool block = (v.is(Tag::map) || v.is(Tag::record)) && text.front() == '{';
    return indent(depth) + name + (block ? " " : " = ") + text + "\n";
  }

  std::string fields(Record& record, unsigned depth, bool computed) {
    std::string out;
    const Record* const outer = shown_;
    const std::uint32_t outer_field = field_;
    for (const types::Field& f : record.schema->fields) {
      if (f.computed != computed) continue;
      shown_ = &record;
      field_ = f.index;
      const Value v = evaluation_.field(record, f.index);
      if (v.is(Tag::none) || v.poisoned() || (v.is(Tag::list) && v.list.size == 0) ||
          (v.is(Tag::map) && v.map.size == 0))
        continue;
      const std::string name(evaluation_.text(f.name));
      if (v.is(Tag::map)) {  // `port http { … }`: entries of the field
        for (const eval::Pair& p : v.map) out += member(name + " " + key(p.key), p.value, depth);
      } else if (v.is(Tag::list) && holds_blocks(v)) {
        for (const Value& e : v.list) out += member(name, e, depth);
      } else {
        out += member(name, v, depth);
      }
    }
    shown_ = outer;
    field_ = outer_field;
    return out;
  }

  eval::Evaluation& evaluation_;
  const Record* shown_ = nullptr;  // the record whose field is being written
  std::uint32_t field_ = 0;
};

}  // namespace

std::string show(Snapshot& snapshot, const Value& value) {
  Writer writer(snapshot);
  if (value.is(Tag::record) && value.record->named) return writer.resource(*value.record);
  return writer.value(value, 0) + "\n";
}

}  // namespace lab::session
