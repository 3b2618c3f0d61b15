// Joining of lists: `=` replaces, `+=` appends, blocks of one header become one element.
#include <fmt/format.h>

#include "compiler/eval/engine.h"

namespace lab::eval {

Value Engine::resolve_list(TypeRef list, Item* items, const Field& f, Record& owner, const Value* key) {
  const Context context{&owner, key};
  struct Part {
    std::string header;
    std::vector<Item> items;
    Value value;
  };
  std::vector<Part> out;
  bool broken = false;
  Origin origin = 0;
  std::size_t blocks = 0;
  for (Item* i = items; i != nullptr; i = i->next) {
    const bool entry = i->kind == Item::Kind::entry;
    const names::EntryParts p = entry ? entry_parts(i->node) : names::EntryParts{};
    if (entry && p.value == 0) ++blocks;
    // What a later `=` replaces is not looked at.
    if (!entry || (p.value != 0 && p.label == 0 && p.clauses == 0 && !program_[i->node].has(syntax::append)))
      items = i;
  }
  const auto values = [&](const Value& v, bool append) {
    if (v.poisoned()) {
      broken = true;
      return;
    }
    if (!append) out.clear();
    if (v.is(Tag::none)) return;
    for (const Value& e : v.list) out.push_back({{}, {}, e});
  };
  for (const Item* i = items; i != nullptr; i = i->next) {
    if (origin == 0) origin = i->node;
    if (i->kind == Item::Kind::ready) {
      values(i->value.is(Tag::none) ? i->value : coerce(i->value, list, context, i->node), false);
      continue;
    }
    if (i->kind == Item::Kind::expression) {
      values(eval(i->node, i->env, list, context), false);
      continue;
    }
    const names::EntryParts p = entry_parts(i->node);
    if (p.value != 0 && p.label == 0 && p.clauses == 0) {
      if (program_[p.value].kind == NodeKind::None)
        values(Value(Tag::none, p.value), false);
      else
        values(eval(p.value, i->env, list, context), program_[i->node].has(syntax::append));
      if (p.reason != 0) note_reason(owner, f, p.reason, i->env, i->node);
      continue;
    }
    // A block: an element, or more of one with the same header.
    if (types::only_record(list->element) == nullptr) {
      report(Code::bad_form, i->node, "takes a list",
             fmt::format("`{}` takes a list: write `{} = […]`", text(f.name), text(f.name)));
      broken = true;
      continue;
    }
    std::string header;
    if (blocks > 1) {
      const Schema* schema = types::only_record(list->element)->schema;
      if (p.label != 0)
        header = display(label_value(p.label, i->env, types_.simple(TypeKind::string), owner));
      NodeRef c = p.first_clause;
      for (unsigned n = 0; n < p.clauses; ++n, c += program_[c].size) {
        const std::string_view name = clause_name(c);
        const Field* clause_field = schema->find(sym(name));
        header +=
            fmt::format(" {} {}", name,
                        clause_field == nullptr ? std::string()
                                                : display(eval(c + 1, i->env, clause_field->type, context)));
      }
    }
    Part* same = nullptr;
    if (blocks > 1)
      for (Part& part : out)
        if (!part.items.empty() && part.header == header) same = &part;
    if (same != nullptr) {
      if (same->items.back().env == i->env &&
          program_.unit(same->items.back().node).base == program_.unit(i->node).base &&
          sibling(same->items.back().node, i->node)) {
        report(Code::duplicate_block, i->node, "again here",
               fmt::format("two `{}` blocks have the same header", text(f.name)))
            .at(program_.span(same->items.back().node), "first here");
      }
      same->items.push_back(*i);
    } else {
      out.push_back({header, {*i}, poison()});
    }
  }
  if (broken) return poison();
  std::vector<Value> result;
  for (Part& part : out) {
    if (part.items.empty()) {
      result.push_back(part.value);
      continue;
    }
    Item* first = nullptr;
    Item* last = nullptr;
    for (const Item& item : part.items) {
      Item* kept = arena_.make<Item>(item);
      kept->next = nullptr;
      (first == nullptr ? first : last->next) = kept;
      last = kept;
    }
    const Value v = resolve_record(list->element, first, f, owner, nullptr);
    if (v.poisoned()) broken = true;
    result.push_back(v);
  }
  return broken ? poison() : make_list(result, origin);
}

}  // namespace lab::eval
