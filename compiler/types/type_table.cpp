#include "compiler/types/type_table.h"

#include <fmt/format.h>

namespace lab::types {
namespace {

constexpr std::string_view names[] = {"error", "any value", "none", "empty", "bool", "int", "float", "string", "size", "duration", "rate",
                                      "cores", "percent", "version", "ip", "cidr", "ip-range", "mac", "port", "host part", "host range"};
constexpr std::string_view flavour_names[] = {"string", "url", "image", "hostname", "path", "mode", "time", "cron", "regex"};

}  // namespace

TypeTable::TypeTable(const source::Symbols& symbols) : symbols_(&symbols) {
  for (std::size_t i = 0; i <= static_cast<std::size_t>(TypeKind::host_range); ++i) {
    Type t;
    t.kind = static_cast<TypeKind>(i);
    simple_.push_back(make(t));
  }
  for (std::size_t i = 0; i <= static_cast<std::size_t>(Flavour::regex); ++i) {
    Type t;
    t.kind = TypeKind::string;
    t.flavour = static_cast<Flavour>(i);
    flavours_.push_back(i == 0 ? simple(TypeKind::string) : make(t));
  }
}

TypeRef TypeTable::word(Symbol name) {
  TypeRef& slot = words_[name];
  if (slot == nullptr) {
    Type t;
    t.kind = TypeKind::word;
    t.name = name;
    slot = make(t);
  }
  return slot;
}

TypeRef TypeTable::wrap(TypeKind kind, TypeRef element) {
  TypeRef& slot = wrapped_[{kind, element}];
  if (slot == nullptr) {
    Type t;
    t.kind = kind;
    t.element = element;
    slot = make(t);
  }
  return slot;
}

TypeRef TypeTable::of_schema(TypeKind kind, const Schema* schema) {
  TypeRef& slot = wrapped_[{kind, schema}];
  if (slot == nullptr) {
    Type t;
    t.kind = kind;
    t.schema = schema;
    slot = make(t);
  }
  return slot;
}

TypeRef TypeTable::optional(TypeRef element) {
  if (element->kind == TypeKind::optional || element->kind == TypeKind::none) return element;
  return wrap(TypeKind::optional, element);
}

TypeRef TypeTable::map(TypeRef key, TypeRef element) {
  TypeRef& slot = maps_[{key, element}];
  if (slot == nullptr) {
    Type t;
    t.kind = TypeKind::map;
    t.key = key;
    t.element = element;
    slot = make(t);
  }
  return slot;
}

Schema& TypeTable::new_schema() {
  Schema& s = schemas_.emplace_back();
  s.id = static_cast<std::uint32_t>(schemas_.size());
  return s;
}

std::string TypeTable::describe(TypeRef type) const {
  if (type == nullptr) return "nothing";
  switch (type->kind) {
    case TypeKind::string: return std::string(flavour_names[static_cast<std::size_t>(type->flavour)]);
    case TypeKind::word: return std::string(symbols_->text(type->name));
    case TypeKind::list: return fmt::format("list<{}>", describe(type->element));
    case TypeKind::map: return fmt::format("map<{}, {}>", describe(type->key), describe(type->element));
    case TypeKind::range: return fmt::format("range<{}>", describe(type->element));
    case TypeKind::optional: return describe(type->element) + "?";
    case TypeKind::secret: return fmt::format("secret<{}>", describe(type->element));
    case TypeKind::refined: return type->name != Symbol::empty ? std::string(symbols_->text(type->name)) : describe(type->element);
    case TypeKind::union_: {
      if (type->name != Symbol::empty) return std::string(symbols_->text(type->name));
      std::string out;
      for (const TypeRef a : type->alternatives) {
        if (!out.empty()) out += " | ";
        out += describe(a);
      }
      return out;
    }
    case TypeKind::record:
      if (type->schema->kind == SchemaKind::tag) return fmt::format("{} {{ … }}", symbols_->text(type->schema->name));
      return type->schema->name == Symbol::empty ? "{ … }" : std::string(symbols_->text(type->schema->name));
    case TypeKind::reference: return std::string(symbols_->text(type->schema->name));
    case TypeKind::kind: return fmt::format("the map of all `{}`", symbols_->text(type->schema->name));
    case TypeKind::template_: return fmt::format("template of {}", symbols_->text(type->schema->name));
    case TypeKind::dependent: {
      std::string out = fmt::format("{} of", symbols_->text(type->name));
      for (std::size_t i = 0; i < type->path.size(); ++i) out += (i == 0 ? " " : ".") + std::string(symbols_->text(type->path[i]));
      return out;
    }
    default: return std::string(names[static_cast<std::size_t>(type->kind)]);
  }
}

TypeRef bare(TypeRef type) {
  while (type != nullptr && (type->kind == TypeKind::optional || type->kind == TypeKind::refined || type->kind == TypeKind::secret)) type = type->element;
  return type;
}

TypeRef only_record(TypeRef type) {
  type = bare(type);
  if (type == nullptr) return nullptr;
  if (type->kind == TypeKind::record) return type;
  if (type->kind != TypeKind::union_) return nullptr;
  TypeRef found = nullptr;
  for (const TypeRef a : type->alternatives) {
    const TypeRef r = only_record(a);
    if (r == nullptr) continue;
    if (found != nullptr) return nullptr;
    found = r;
  }
  return found;
}

TypeRef tagged(TypeRef type, Symbol tag) {
  return find_alternative(type, [tag](TypeRef t) { return t->kind == TypeKind::record && t->schema->kind == SchemaKind::tag && t->schema->name == tag; });
}

bool has_word(TypeRef type, Symbol word) {
  return find_alternative(type, [word](TypeRef t) { return t->kind == TypeKind::word && t->name == word; }) != nullptr;
}

bool accepts_none(TypeRef type) {
  if (type->kind == TypeKind::optional || type->kind == TypeKind::any) return true;
  return find_alternative(type, [](TypeRef t) { return t->kind == TypeKind::none || t->kind == TypeKind::optional || t->kind == TypeKind::any; }) != nullptr;
}

}  // namespace lab::types
