// What several contributions to one field come to (docs/language.md, "Joining"): which way they are joined,
// and the simplest, where the last one wins.
#include <fmt/format.h>

#include "compiler/eval/engine.h"

namespace lab::eval {

using syntax::Node;

bool Engine::reset_by_none(const Item& item) {
  if (item.kind == Item::Kind::ready) return item.value.is(Tag::none);
  if (item.kind == Item::Kind::expression) return program_[item.node].kind == NodeKind::None;
  if (item.kind != Item::Kind::entry && item.kind != Item::Kind::principal) return false;
  const NodeRef value = entry_parts(item.node).value;
  return value != 0 && program_[value].kind == NodeKind::None;
}

Value Engine::resolve(TypeRef type, Item* items, const Field& f, Record& owner, const Value* key) {
  const TypeRef t = types::bare(type);
  bool blocks = false, append = false;
  for (const Item* i = items; i != nullptr; i = i->next) {
    if (i->kind == Item::Kind::body || i->kind == Item::Kind::principal || i->kind == Item::Kind::rest)
      blocks = true;
    if (i->kind != Item::Kind::entry) continue;
    const Node& node = program_[i->node];
    append = append || node.has(syntax::append);
    const names::EntryParts& p = entry_parts(i->node);
    if (p.value == 0)
      blocks = true;
    else if (program_[p.value].kind == NodeKind::Body)
      blocks = true;
  }
  const auto has = [&](TypeKind k) {
    return types::find_alternative(type, [k](TypeRef a) { return a->kind == k; });
  };
  switch (t->kind) {
    case TypeKind::list:
      return resolve_list(t, items, f, owner, key);
    case TypeKind::map:
      return resolve_map(type, t, items, f, owner, key);
    case TypeKind::record:
      return resolve_record(type, items, f, owner, key);
    case TypeKind::any:
      // Maps join: a value that came ready with what a block, or another value, adds.
      for (const Item* i = items; i->next != nullptr && !blocks; i = i->next)
        blocks = i->next->kind == Item::Kind::ready && i->next->value.is(Tag::map);
      if (blocks)
        return resolve_map(type, types_.map(types_.simple(TypeKind::string), t), items, f, owner, key);
      return resolve_scalar(type, items, f, owner, key);
    case TypeKind::union_:
      if (has(TypeKind::record) != nullptr) return resolve_record(type, items, f, owner, key);
      if (const TypeRef list = has(TypeKind::list); list != nullptr && (append || blocks))
        return resolve_list(list, items, f, owner, key);
      if (const TypeRef map = has(TypeKind::map); map != nullptr && blocks)
        return resolve_map(type, map, items, f, owner, key);
      if (const TypeRef any = has(TypeKind::any); any != nullptr && blocks)
        return resolve_map(type, types_.map(types_.simple(TypeKind::string), any), items, f, owner, key);
      return resolve_scalar(type, items, f, owner, key);
    default:
      return resolve_scalar(type, items, f, owner, key);
  }
}

Value Engine::resolve_scalar(TypeRef type, Item* items, const Field& f, Record& owner, const Value* key) {
  Item* last = items;
  while (last->next != nullptr) last = last->next;
  const Context context{&owner, key};
  switch (last->kind) {
    case Item::Kind::ready:
      return coerce(last->value, type, context, last->node);
    case Item::Kind::expression:
      return eval(last->node, last->env, type, context);
    case Item::Kind::entry:
    case Item::Kind::principal: {
      const names::EntryParts p = entry_parts(last->node);
      if (p.value == 0) {
        report(Code::bad_form, last->node, "takes a value",
               fmt::format("`{}` takes a value of type {}", text(program_[last->node].text),
                           types_.describe(type)));
        return poison();
      }
      if (program_[last->node].has(syntax::append)) {
        report(Code::bad_form, last->node, "not a list",
               fmt::format("`+=` appends to lists; `{}` is of type {}", text(f.name), types_.describe(type)));
        return poison();
      }
      const Value v = eval(p.value, last->env, type, context);
      if (p.reason != 0) note_reason(owner, f, p.reason, last->env, last->node);
      want_reason(f.type, v, *last, f);
      if (v.is(Tag::size) && v.decimal != 0 && !v.poisoned() &&
          program_[p.value].kind == NodeKind::Quantity &&
          (text(f.name) == "memory" || text(f.name) == "balloon")) {
        report(Code::decimal_memory, p.value, "a decimal unit",
               fmt::format("memory is counted in binary units, and `{}` is decimal", display(v)));
      }
      return v;
    }
    default: {
      report(Code::bad_form, last->node, "takes a value",
             fmt::format("`{}` takes a value of type {}", text(f.name), types_.describe(type)));
      return poison();
    }
  }
}

}  // namespace lab::eval
