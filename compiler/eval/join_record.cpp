// Joining of records and tagged values: member by member, as long as the tag is the same.
#include <fmt/format.h>

#include "compiler/eval/engine.h"

namespace lab::eval {

Value Engine::resolve_record(TypeRef type, Item* items, const Field& f, Record& owner, const Value* key) {
  const Context context{&owner, key};
  Record* r = nullptr;
  Value plain = poison();
  bool have_plain = false, broken = false;
  Origin origin = 0;
  const auto start = [&](const Schema* schema, NodeRef at) {
    if (r != nullptr && r->schema == schema) return;
    Record* fresh = new_record(schema, &owner, f.index, at);
    fresh->resource = owner.resource;
    if (have_plain && plain.is(Tag::record) && plain.record->schema == schema) fresh->base = plain.record;
    if (key != nullptr) {
      fresh->named = true;
      fresh->key = *key;
      fresh->name = key->is(Tag::string)   ? symbols_.intern(key->text)
                    : key->is(Tag::record) ? key->record->name
                                           : Symbol::empty;
    }
    r = fresh;
    have_plain = false;
  };
  /// The schema a body without a tag means: what is there already, the only record, or the default's.
  const auto schema_for_body = [&](NodeRef at) -> const Schema* {
    if (r != nullptr) return r->schema;
    if (have_plain && plain.is(Tag::record)) return plain.record->schema;
    if (const TypeRef only = types::only_record(type)) return only->schema;
    if (f.initial != 0) {
      const Value d = initial(owner, f);
      if (d.is(Tag::record)) {
        plain = d;
        have_plain = true;
        return d.record->schema;
      }
      if (d.is(Tag::word))
        if (const TypeRef t = types::tagged(type, d.word)) return t->schema;
    }
    auto& d = report(Code::bad_form, at, "which one?",
                     fmt::format("`{}` is one of several: {}", text(f.name), types_.describe(type)));
    d.note(fmt::format("say which: `{} = TAG {{ … }}`", text(f.name)));
    broken = true;
    return nullptr;
  };
  const auto principal = [&](const Schema* schema, NodeRef at, const Item& item) {
    start(schema, at);
    add(*r, 0, item);
  };
  const auto expression = [&](NodeRef n, Env* env) {
    NodeRef e = n;
    while (program_[e].kind == NodeKind::Paren) e = program_.child(e, 0);
    const NodeKind k = program_[e].kind;
    if (k == NodeKind::Body) {
      if (types::only_record(type) == nullptr && r == nullptr && types::find_alternative(type, [](TypeRef a) {
                                                                   return a->kind == TypeKind::map ||
                                                                          a->kind == TypeKind::any;
                                                                 }) != nullptr) {
        plain = eval(e, env, type, context);
        have_plain = true;
        return;
      }
      const Schema* schema = schema_for_body(e);
      if (schema == nullptr) return;
      start(schema, e);
      spread(*r, e, body_env(e, env, nullptr, r->schema));
      return;
    }
    if (k == NodeKind::None) {
      r = nullptr;
      plain = Value(Tag::none, e);
      have_plain = true;
      return;
    }
    check(e, type, env->scope);
    if (info_[e].type->kind == TypeKind::poison) {
      broken = true;
      return;
    }
    const Info info = info_[e];
    if ((k == NodeKind::Tagged || k == NodeKind::Call) &&
        (info.res == Res::tag || info.res == Res::constructor)) {
      const Schema* schema = static_cast<const Schema*>(info.object);
      const TypeRef own = types::find_alternative(
          type, [schema](TypeRef a) { return a->kind == TypeKind::record && a->schema == schema; });
      if (own != nullptr) {
        if (r != nullptr && r->schema != schema) r = nullptr;
        if (have_plain && !(plain.is(Tag::record) && plain.record->schema == schema)) have_plain = false;
        start(schema, e);
        if (k == NodeKind::Call)
          spread_arguments(*r, e, env);
        else
          spread_tagged(*r, e, env);
        return;
      }
      // The tag belongs to the first field: `mount "/x" = claim(5GiB)`.
      if (const TypeRef record = types::only_record(type)) {
        Item item;
        item.kind = Item::Kind::expression;
        item.node = e;
        item.env = env;
        principal(record->schema, e, item);
        return;
      }
    }
    // Another expression: what it yields decides.
    if (!enter(e)) {
      broken = true;
      return;
    }
    ++depth_;
    Value v = compute(e, env, type, context);
    --depth_;
    if (v.poisoned()) {
      broken = true;
      return;
    }
    origin = e;
    if (v.is(Tag::record) && !(v.record->named && v.record->owner == nullptr) &&
        types::find_alternative(type, [&](TypeRef a) {
          return a->kind == TypeKind::record && a->schema == v.record->schema;
        }) != nullptr) {
      r = nullptr;
      plain = v;
      have_plain = true;
      return;
    }
    if (v.is(Tag::word)) {
      if (const TypeRef t = types::tagged(type, v.word)) {
        if (r != nullptr && r->schema != t->schema) r = nullptr;
        have_plain = false;
        start(t->schema, e);
        return;
      }
    }
    const TypeRef record = types::only_record(type);
    const bool other =
        types::find_alternative(type,
                                [&](TypeRef a) {
                                  return a->kind != TypeKind::record && a->kind != TypeKind::union_ &&
                                         a->kind != TypeKind::optional && a->kind != TypeKind::secret &&
                                         a->kind != TypeKind::any && matches(v, a, true) &&
                                         (a->kind != TypeKind::refined);
                                }) != nullptr &&
        types::bare(type)->kind != TypeKind::record;
    if (record != nullptr && !other && record->schema->kind != SchemaKind::tag) {
      Item item;
      item.kind = Item::Kind::ready;
      item.node = e;
      item.value = v;
      // Host parts, blocks and words wait for the field's own type.
      item.env = env;
      if (v.is(Tag::word) || v.is(Tag::host_part)) item.kind = Item::Kind::expression;
      principal(record->schema, e, item);
      return;
    }
    r = nullptr;
    plain = coerce(v, type, context, e);
    have_plain = true;
    if (plain.poisoned()) broken = true;
  };
  const Item* last = items;
  for (const Item* i = items; i != nullptr; i = i->next) {
    last = i;
    switch (i->kind) {
      case Item::Kind::ready:
        r = nullptr;
        plain = i->value.is(Tag::none) ? i->value : coerce(i->value, type, context, i->node);
        have_plain = true;
        if (plain.poisoned()) broken = true;
        break;
      case Item::Kind::expression:
        expression(i->node, i->env);
        break;
      case Item::Kind::body: {
        const Schema* schema = schema_for_body(i->node);
        if (schema == nullptr) break;
        start(schema, i->node);
        spread(*r, i->node, body_env(i->node, i->env, nullptr, r->schema));
        break;
      }
      default: {
        const names::EntryParts p = entry_parts(i->node);
        const bool list_label = i->kind == Item::Kind::entry && p.label != 0 && key == nullptr;
        if (p.value != 0 && p.clauses == 0 && !list_label) {
          expression(p.value, i->env);
        } else {
          const Schema* schema = schema_for_body(i->node);
          if (schema == nullptr) break;
          start(schema, i->node);
          if (list_label) {
            Item item;
            item.kind = Item::Kind::ready;
            item.node = p.label;
            item.value = poison();
            if (program_[p.label].kind == NodeKind::Name) {
              const TypeRef first = schema->fields[0].type;
              if (types::find_alternative(first, [](TypeRef a) { return a->kind == TypeKind::string; }) !=
                  nullptr)
                item.value = make_string(text(program_[p.label].text), p.label);
            }
            if (item.value.poisoned()) {
              item.kind = Item::Kind::expression;
              item.env = i->env;
            }
            add(*r, 0, item);
          }
          spread_header(*r, i->node, i->env, false);
          if (p.value != 0) {
            Item item;
            item.kind = Item::Kind::expression;
            item.node = p.value;
            item.env = i->env;
            add(*r, 0, item);
          }
          if (p.body != 0) spread(*r, p.body, body_env(p.body, i->env, nullptr, r->schema));
        }
        if (r != nullptr && r->named) r->origin = i->node;
        if (p.reason != 0) note_reason(owner, f, p.reason, i->env, i->node);
      }
    }
  }
  if (broken) return poison();
  if (r != nullptr) {
    Value v(Tag::record, origin != 0 ? origin : r->origin);
    v.record = r;
    want_reason(f.type, v, *last, f);
    return v;
  }
  if (have_plain) {
    want_reason(f.type, plain, *last, f);
    return plain.is(Tag::none) && !types::accepts_none(type) ? coerce(plain, type, context, last->node)
                                                             : plain;
  }
  return poison();
}

}  // namespace lab::eval
