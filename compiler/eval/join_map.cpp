// Joining of maps: entries of one key become one, `= none` takes away what was there before.
#include <fmt/format.h>

#include <optional>

#include "compiler/eval/engine.h"

namespace lab::eval {

using syntax::Node;

Value Engine::label_value(NodeRef label, Env* env, TypeRef key, Record& owner) {
  const Node node = program_[label];
  const bool textual = key->kind == TypeKind::string || key->kind == TypeKind::any ||
                       types::bare(key)->kind == TypeKind::string;
  if (textual) {
    if (node.kind == NodeKind::Interpolation) return eval(label, env, types_.simple(TypeKind::string), {});
    return make_string(text(node.text), label);
  }
  return eval(label, env, key, {&owner, nullptr});
}

Value Engine::resolve_map(TypeRef type, TypeRef map, Item* items, const Field& f, Record& owner,
                          const Value* key) {
  const Context context{&owner, key};
  struct Group {
    Value key;
    Item* first = nullptr;
    Item* last = nullptr;
    Value value;
    bool ready = false;
  };
  std::vector<Group> groups;
  std::unordered_map<std::string_view, std::size_t> by_text;
  bool broken = false;
  const auto group_of = [&](const Value& k) -> Group& {
    if (k.is(Tag::string)) {
      const auto [it, fresh] = by_text.emplace(k.text, groups.size());
      if (fresh) groups.push_back({k, nullptr, nullptr, poison(), false});
      return groups[it->second];
    }
    for (Group& g : groups)
      if (equal(g.key, k)) return g;
    groups.push_back({k, nullptr, nullptr, poison(), false});
    return groups.back();
  };
  const auto put = [&](const Value& k, const Item& item) {
    if (k.poisoned()) {
      broken = true;
      return;
    }
    Group& g = group_of(k);
    Item* kept = arena_.make<Item>(item);
    kept->next = nullptr;
    if (g.last != nullptr && g.last->env == item.env && g.last->kind == item.kind &&
        item.kind != Item::Kind::ready && sibling(g.last->node, item.node)) {
      report(Code::duplicate_block, item.node, "again here",
             fmt::format("two `{}` of `{}` stand in one body", display(k), text(f.name)))
          .at(program_.header(g.last->node), "first here");
    }
    if (g.ready) {  // more of an element that came ready
      Item* ready = arena_.make<Item>();
      ready->kind = Item::Kind::ready;
      ready->value = g.value;
      g.first = g.last = ready;
      g.ready = false;
    }
    if (g.first == nullptr)
      g.first = kept;
    else
      g.last->next = kept;
    g.last = kept;
  };
  const auto pairs = [&](const Value& v) {
    if (v.poisoned()) {
      broken = true;
      return;
    }
    if (!v.is(Tag::map)) return;
    for (const Pair& p : v.map) {
      Group& g = group_of(p.key);
      if (map->element->kind == TypeKind::any && p.value.is(Tag::map) && (g.first != nullptr || g.ready)) {
        // Free-form data joins member by member, at every depth.
        Item more;
        more.kind = Item::Kind::ready;
        more.node = p.value.origin;
        more.value = p.value;
        put(p.key, more);
        continue;
      }
      g.value = p.value;
      g.ready = true;
      g.first = g.last = nullptr;
    }
  };
  // Members of a body are keyed by their words.
  const std::function<void(NodeRef, Env*)> members = [&](NodeRef body, Env* env) {
    for (const NodeRef m : program_.children(body)) {
      const Node node = program_[m];
      switch (node.kind) {
        case NodeKind::Entry: {
          if (node.has(syntax::damaged)) break;
          Item item;
          item.kind = Item::Kind::principal;
          item.node = m;
          item.env = env;
          const names::EntryParts p = entry_parts(m);
          Value k = make_string(text(node.text), m);
          if (node.text == Symbol::empty && p.label != 0)
            k = label_value(p.label, env, map->key, owner);
          else if (map->key->kind != TypeKind::string && map->key->kind != TypeKind::any &&
                   types::bare(map->key)->kind != TypeKind::string) {
            // `nic { k8s = .51 }`: the word is a name.
            Value word(Tag::word, m);
            word.word = node.text;
            const TypeRef kt = types::bare(map->key);
            if (kt->kind == TypeKind::reference) {
              k = poison();
              if (Record* found = find_resource(kt->schema, node.text, m, nullptr, true)) {
                k = Value(Tag::record, m);
                k.record = found;
                note(m, found->origin);
              } else {
                report(Code::unknown_name, m, fmt::format("no such {}", text(kt->schema->name)),
                       fmt::format("there is no {} called `{}`", text(kt->schema->name), text(node.text)));
              }
            } else {
              k = coerce(word, map->key, {&owner, nullptr}, m);
            }
          }
          put(k, item);
          break;
        }
        case NodeKind::For:
        case NodeKind::If:
          generate(m, env, members);
          break;
        case NodeKind::Let:
        case NodeKind::Error:
          break;
        default:
          report(Code::misplaced_statement, m, "has no meaning here",
                 "this statement cannot stand inside a map");
      }
    }
  };
  Origin origin = 0;
  std::optional<Value> whole;  // free-form data that is no map after all
  for (const Item* i = items; i != nullptr; i = i->next) {
    if (origin == 0) origin = i->node;
    whole.reset();
    switch (i->kind) {
      case Item::Kind::ready:
        pairs(i->value);
        break;
      case Item::Kind::expression:
        if (program_[i->node].kind == NodeKind::Body)
          members(i->node, body_env(i->node, i->env, nullptr));
        else
          pairs(eval(i->node, i->env, map, context));
        break;
      case Item::Kind::body:
        members(i->node, body_env(i->node, i->env, nullptr));
        break;
      default: {
        const names::EntryParts p = entry_parts(i->node);
        if (i->kind == Item::Kind::rest) {  // a word the schema does not declare
          Value k = make_string(text(program_[i->node].text), i->node);
          if (program_[i->node].text == Symbol::empty) k = label_value(p.label, i->env, map->key, owner);
          Item item = *i;
          item.kind = Item::Kind::principal;
          put(k, item);
          break;
        }
        if (i->kind == Item::Kind::entry && p.label != 0 && program_[i->node].text != Symbol::empty) {
          const Value k = label_value(p.label, i->env, map->key, owner);
          if (!k.poisoned() && p.value == 0 && p.body == 0 && p.clauses == 0 &&
              types::only_record(map->element) == nullptr && map->element->kind != TypeKind::any) {
            report(Code::bad_form, i->node, "takes a value",
                   fmt::format("`{}` takes a value of type {}", text(f.name), types_.describe(map->element)));
            broken = true;
            break;
          }
          Item item = *i;
          if (map->element->kind == TypeKind::any) item.kind = Item::Kind::principal;  // its label is used up
          put(k, item);
          break;
        }
        if (p.value != 0) {
          if (program_[p.value].kind == NodeKind::Body) {
            members(p.value, body_env(p.value, i->env, nullptr));
          } else {
            const bool none = program_[p.value].kind == NodeKind::None;
            const Value v =
                eval(p.value, i->env, none || map->element->kind == TypeKind::any ? nullptr : map, context);
            if (none ||
                (type->kind == TypeKind::any && !v.is(Tag::map))) {  // takes the place of all before it
              groups.clear();
              by_text.clear();
              if (type->kind == TypeKind::any) whole = v;
            }
            pairs(v);
          }
          if (p.reason != 0) note_reason(owner, f, p.reason, i->env, i->node);
          break;
        }
        if (p.body != 0)
          members(p.body, body_env(p.body, i->env, nullptr));
        else if (i->kind == Item::Kind::entry) {
          report(Code::bad_form, i->node, "needs a label or members",
                 fmt::format("`{}` is a map: give it a label or members", text(f.name)));
          broken = true;
        }
      }
    }
  }
  if (whole) return *whole;
  std::vector<Pair> out;
  for (Group& g : groups) {
    if (g.ready) {
      out.push_back({g.key, g.value});
      continue;
    }
    // `= none` takes away what was there before it.
    Item* first = g.first;
    bool gone = false;
    for (Item* i = g.first; i != nullptr; i = i->next) {
      if (reset_by_none(*i) && !types::accepts_none(map->element)) {
        first = i->next;
        gone = i->next == nullptr;
      }
    }
    if (gone) continue;
    const Value* kept = arena_.make<Value>(g.key);
    const Value v = resolve(map->element, first, f, owner, kept);
    if (v.poisoned()) broken = true;
    out.push_back({g.key, v});
  }
  return broken ? poison() : make_map(out, origin);
}

}  // namespace lab::eval
