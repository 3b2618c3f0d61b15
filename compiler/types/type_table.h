// Makes types, each shape once, so that equal types are equal pointers.
#pragma once
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/source/symbols.h"
#include "compiler/types/schema.h"

namespace lab::types {

class TypeTable {
 public:
  explicit TypeTable(const source::Symbols& symbols);
  [[nodiscard]] TypeRef simple(TypeKind kind) const { return simple_[static_cast<std::size_t>(kind)]; }
  [[nodiscard]] TypeRef flavoured(Flavour flavour) const { return flavours_[static_cast<std::size_t>(flavour)]; }
  TypeRef word(Symbol name);
  TypeRef list(TypeRef element) { return wrap(TypeKind::list, element); }
  TypeRef range(TypeRef element) { return wrap(TypeKind::range, element); }
  TypeRef optional(TypeRef element);
  TypeRef secret(TypeRef element) { return wrap(TypeKind::secret, element); }
  TypeRef map(TypeRef key, TypeRef element);
  TypeRef record(const Schema* schema) { return of_schema(TypeKind::record, schema); }
  TypeRef reference(const Schema* schema) { return of_schema(TypeKind::reference, schema); }
  TypeRef kind(const Schema* schema) { return of_schema(TypeKind::kind, schema); }
  TypeRef template_of(const Schema* schema) { return of_schema(TypeKind::template_, schema); }
  /// Types that carry places are not shared.
  TypeRef make(Type type) { return &own_.emplace_back(std::move(type)); }
  Schema& new_schema();

  /// As a person writes it, for messages: `list<network>`, `seabios | ovmf`.
  [[nodiscard]] std::string describe(TypeRef type) const;

 private:
  TypeRef wrap(TypeKind kind, TypeRef element);
  TypeRef of_schema(TypeKind kind, const Schema* schema);
  const source::Symbols* symbols_;
  std::deque<Type> own_;
  std::deque<Schema> schemas_;
  std::vector<TypeRef> simple_, flavours_;
  std::map<std::pair<TypeKind, const void*>, TypeRef> wrapped_;
  std::map<std::pair<TypeRef, TypeRef>, TypeRef> maps_;
  std::map<Symbol, TypeRef> words_;
};

/// Without optional, refinement and secret around it.
[[nodiscard]] TypeRef bare(TypeRef type);
/// The record type that a union holds, if it holds exactly one; the type itself if it is a record.
[[nodiscard]] TypeRef only_record(TypeRef type);
/// The record of a tag in a union (or of the type itself); null when there is none.
[[nodiscard]] TypeRef tagged(TypeRef type, Symbol tag);
[[nodiscard]] bool has_word(TypeRef type, Symbol word);
[[nodiscard]] bool accepts_none(TypeRef type);
/// The alternative of a type that satisfies `test`, looking through optional, refined, secret and unions.
template <class Test>
TypeRef find_alternative(TypeRef type, const Test& test) {
  if (type == nullptr) return nullptr;
  if (test(type)) return type;
  if (type->kind == TypeKind::optional || type->kind == TypeKind::refined || type->kind == TypeKind::secret)
    return find_alternative(type->element, test);
  // The nearest first: of `endpoint | list<endpoint>` the list, not one inside `endpoint`.
  for (const TypeRef a : type->alternatives)
    if (test(a)) return a;
  for (const TypeRef a : type->alternatives)
    if (const TypeRef found = find_alternative(a, test)) return found;
  return nullptr;
}

}  // namespace lab::types
