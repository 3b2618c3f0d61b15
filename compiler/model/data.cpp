#include "compiler/model/data.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "compiler/model/lab.h"
#include "compiler/types/quantity.h"

namespace lab::model {

using eval::Tag;
using eval::Value;

namespace {

constexpr std::string_view port_type = AppPort::schema;

/// The value of a record's field by its name; poison when it has none.
Value field_of(eval::Evaluation& evaluation, eval::Record& record, std::string_view name) {
  for (const types::Field& f : record.schema->fields)
    if (evaluation.text(f.name) == name) return evaluation.field(record, f.index);
  return {};
}

std::string bare_number(double d) {
  return fmt::format("{}", d);
}

/// A text that lives as long as the arena.
std::string_view kept(document::Arena& arena, const std::string& text) {
  return arena.keep(std::string_view(text));
}

/// What a secret text is made of, by its places in the vault.
document::Value secret_data(eval::Evaluation& evaluation, document::Arena& arena,
                            const eval::SecretText& text) {
  std::vector<document::SecretPiece> pieces;
  for (const eval::SecretPart& part : text) {
    std::string handle;
    if (part.source != nullptr) {
      handle = evaluation.text(part.source->name);
      if (const std::string_view key = evaluation.text(part.key); !key.empty())
        handle.append("/").append(key);
    }
    pieces.push_back({part.text, kept(arena, handle), part.quote});
  }
  return arena.secret(pieces);
}

document::Value record_data(eval::Evaluation& evaluation, document::Arena& arena, eval::Record& record,
                            eval::Origin origin) {
  // A secret without keys stands for its value, everything else that has a name for that.
  if (record.resource == &record && evaluation.text(record.schema->name) == Secret::kind)
    if (const Value keys = field_of(evaluation, record, "rest"); keys.is(Tag::map) && keys.map.size == 0) {
      const eval::SecretPart whole{{}, &record, {}, '\0'};
      return secret_data(evaluation, arena, {&whole, 1});
    }
  if (record.resource == &record) return kept(arena, object_name(evaluation.text(record.name)));
  const std::string_view type = evaluation.text(record.schema->name);
  if (type == port_type || type == DevicePort::schema)
    return to_data(evaluation, arena, field_of(evaluation, record, "number"));
  document::Map map = arena.map(origin);
  for (const types::Field& f : record.schema->fields) {
    const Value v = evaluation.field(record, f.index);
    if (!v.poisoned() && !v.is(Tag::none))
      map.set(evaluation.text(f.name), to_data(evaluation, arena, v), v.origin);
  }
  return map;
}

}  // namespace

std::optional<std::string_view> to_text(eval::Evaluation& evaluation, document::Arena& arena,
                                        const Value& v) {
  switch (v.tag) {
    case Tag::boolean:
      return v.b ? "true" : "false";
    case Tag::integer:
      return kept(arena, std::to_string(v.i));
    case Tag::real:
      return kept(arena, bare_number(v.d));
    case Tag::string:
    case Tag::version:
      return v.text;
    case Tag::word:
      return evaluation.text(v.word);
    case Tag::size:
      return kept(arena, types::Size{v.i, v.decimal != 0}.to_kubernetes());
    case Tag::duration:
      return kept(arena, types::Duration{v.i}.to_compact());
    case Tag::rate:
      return kept(arena, types::Rate{v.i}.format());
    case Tag::cores:
      return kept(arena, types::Cores{v.i}.to_kubernetes());
    case Tag::percent:
      return kept(arena, types::Percent{v.i}.format());
    case Tag::ip:
      return kept(arena, v.ip->format());
    case Tag::cidr:
      return kept(arena, v.cidr->format());
    case Tag::ip_range:
      return kept(arena, v.ip_range->format());
    case Tag::port:
      return kept(arena, v.port->format_numbers());
    case Tag::record:
      if (v.record->resource == v.record) return kept(arena, object_name(evaluation.text(v.record->name)));
      if (const auto type = evaluation.text(v.record->schema->name);
          type == port_type || type == DevicePort::schema)
        return to_text(evaluation, arena, field_of(evaluation, *v.record, "number"));
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

document::Value to_data(eval::Evaluation& evaluation, document::Arena& arena, const Value& v) {
  switch (v.tag) {
    case Tag::secret:
      return secret_data(evaluation, arena, *v.secret);
    case Tag::boolean:
      return v.b;
    case Tag::integer:
      return v.i;
    case Tag::real:
      return document::plain(kept(arena, bare_number(v.d)));
    case Tag::port:
      if (v.port->is_single()) return static_cast<std::int64_t>(v.port->first);
      return kept(arena, v.port->format_numbers());
    case Tag::list: {
      document::List list = arena.list(v.origin);
      for (const Value& e : v.list) list.add(to_data(evaluation, arena, e), e.origin);
      return list;
    }
    case Tag::map: {
      document::Map map = arena.map(v.origin);
      for (const eval::Pair& p : v.map) {
        const auto key = to_text(evaluation, arena, p.key);
        if (key && !p.value.is(Tag::none)) map.set(*key, to_data(evaluation, arena, p.value), p.value.origin);
      }
      return map;
    }
    case Tag::record:
      return record_data(evaluation, arena, *v.record, v.origin);
    default: {
      const auto text = to_text(evaluation, arena, v);
      return text ? document::Value(*text) : document::Value(nullptr);
    }
  }
}

}  // namespace lab::model
