// Bodies to fields, fields to values: what several contributions to one field come to (docs/language.md,
// "Joining").
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "compiler/eval/engine.h"

namespace lab::eval {

using syntax::Clause;
using syntax::Node;

namespace {

constexpr std::string_view clause_names[] = {"on", "at", "via", "to", "from", "of", "in", "like"};

bool block_like(TypeRef t) {
  return types::find_alternative(t, [](TypeRef a) {
           return a->kind == TypeKind::record || a->kind == TypeKind::map || a->kind == TypeKind::any ||
                  (a->kind == TypeKind::list && types::only_record(a->element) != nullptr);
         }) != nullptr;
}

}  // namespace

const names::EntryParts& Engine::entry_parts(NodeRef entry) {
  if (entry >= parts_of_.size()) parts_of_.resize(program_.size());
  std::uint32_t& index = parts_of_[entry];
  if (index == 0) {
    parts_.push_back(names::parts(program_, entry));
    index = static_cast<std::uint32_t>(parts_.size());
  }
  return parts_[index - 1];
}

Record* Engine::new_record(const Schema* schema, Record* owner, std::uint32_t field_index, Origin origin) {
  Record* r = arena_.make<Record>();
  r->schema = schema;
  r->owner = owner;
  r->field = field_index;
  r->origin = origin;
  r->resource = owner == nullptr ? nullptr : owner->resource;
  r->slots = arena_.array<Slot>(schema->fields.size());
  return r;
}

void Engine::add(Record& record, std::uint32_t index, const Item& item) {
  if (index >= record.schema->fields.size()) return;
  Slot& slot = record.slots[index];
  Item* kept = arena_.make<Item>(item);
  kept->next = nullptr;
  if (slot.first == nullptr)
    slot.first = kept;
  else
    slot.last->next = kept;
  slot.last = kept;
}

/// A field that was given wrongly and reported: neither missing nor the default.
void Engine::add_poison(Record& record, const Field& f) {
  Item item;
  item.kind = Item::Kind::ready;
  add(record, f.index, item);
}

void Engine::spread(Record& record, NodeRef body, Env* env) {
  if (!enter(body)) return;
  ++depth_;
  for (const NodeRef m : program_.children(body)) spread_member(record, m, env);
  --depth_;
}

void Engine::spread_member(Record& record, NodeRef m, Env* env) {
  const Node node = program_[m];
  switch (node.kind) {
    case NodeKind::Entry:
      spread_entry(record, m, env);
      return;
    case NodeKind::For: {
      const NodeRef list = m + 1;
      const Value c = eval(list, env, nullptr, {});
      loop_scope(m, env->scope, info_[list].type);
      NodeRef condition = 0, body = list + program_[list].size;
      if (program_[body].kind != NodeKind::Body) {
        condition = body;
        body = condition + program_[condition].size;
      }
      iterate(c, list, [&](const Value& k, const Value& v) {
        Env* own = loop_env(m, env);
        own->variables[0] = node.op == 2 ? k : v;
        if (node.op == 2) own->variables[1] = v;
        if (condition != 0 && !truth(condition, own)) return;
        spread(record, body, body_env(body, own, nullptr));
      });
      return;
    }
    case NodeKind::If: {
      const NodeRef condition = m + 1, then = condition + program_[condition].size;
      if (truth(condition, env)) {
        spread(record, then, body_env(then, env, nullptr));
      } else if (then + program_[then].size < m + node.size) {
        const NodeRef other = then + program_[then].size;
        if (program_[other].kind == NodeKind::If)
          spread_member(record, other, env);
        else
          spread(record, other, body_env(other, env, nullptr));
      }
      return;
    }
    case NodeKind::Let:
    case NodeKind::Assert:
    case NodeKind::Assume:
    case NodeKind::Import:  // the parser said so
    case NodeKind::Error:
      return;
    default:
      report(Code::misplaced_statement, m, "has no meaning here",
             "this statement cannot stand inside a block");
  }
}

void Engine::spread_entry(Record& record, NodeRef entry, Env* env) {
  const Node node = program_[entry];
  if (node.has(syntax::damaged)) return;
  const Schema& schema = *record.schema;
  if (node.text == word_.like && !node.has(syntax::string_key)) return;  // read with the layers
  const Field* f = schema.find(node.text);
  const names::EntryParts p = entry_parts(entry);
  if (f == nullptr || node.text == Symbol::empty) {
    // The field that takes words the schema does not declare: `rest` (`manifest`, `secret`).
    if (const Field* rest = schema.find(word_.rest)) {
      Item item;
      item.node = entry;
      item.env = env;
      item.kind = Item::Kind::rest;  // keyed by its own word
      add(record, rest->index, item);
      return;
    }
    unknown_field(entry, schema, node.text);
    return;
  }
  note(entry, f->decl);
  if (f->computed) {
    report(Code::computed_field, entry, "cannot be set", fmt::format("`{}` is computed", text(f->name)))
        .at(program_.span(f->decl), "computed here");
    return;
  }
  if (p.value == 0 && !block_like(f->type)) {
    if (p.label != 0 && p.clauses == 0 && p.body == 0) {
      source::Span between = program_.span(entry);
      between.begin += static_cast<std::uint32_t>(text(node.text).size());
      between.end = program_.span(p.label).begin;
      const std::string value(program_.sources().slice(program_.span(p.label)));
      report(Code::lost_assignment, entry, "takes a value",
             fmt::format("`{0}` takes a value: write `{0} = {1}`", text(node.text), value))
          .replace(between, " = ", fmt::format("write `{} = {}`", text(node.text), value));
      add_poison(record, *f);
      return;
    }
    report(Code::bad_form, entry, "takes a value",
           fmt::format("`{}` takes a value of type {}", text(node.text), types_.describe(f->type)));
    add_poison(record, *f);
    return;
  }
  if (const Item* before = record.slots[f->index].last;
      before != nullptr && before->kind == Item::Kind::entry && before->env == env && p.value != 0 &&
      p.label == 0 && p.clauses == 0 && !node.has(syntax::append)) {
    const names::EntryParts q = entry_parts(before->node);
    if (q.value != 0 && q.label == 0 && q.clauses == 0 && sibling(before->node, entry))
      report(Code::duplicate_block, entry, "again here", fmt::format("`{}` is set twice", text(node.text)))
          .at(program_.span(before->node), "first here");
  }
  Item item;
  item.node = entry;
  item.env = env;
  add(record, f->index, item);
}

/// Clauses set the fields of their names; a value after a label or a clause sets the first field.
void Engine::spread_header(Record& record, NodeRef entry, Env* env, unsigned skip_like) {
  const names::EntryParts p = entry_parts(entry);
  NodeRef c = p.first_clause;
  for (unsigned i = 0; i < p.clauses; ++i, c += program_[c].size) {
    const Clause clause = static_cast<Clause>(program_[c].op);
    if (clause == Clause::like && skip_like != 0) continue;
    const std::string_view name = clause_names[static_cast<std::size_t>(clause)];
    const Field* f = record.schema->find(sym(name));
    if (f == nullptr) {
      report(Code::unknown_field, c, fmt::format("`{}` means nothing here", name),
             fmt::format("`{}` has no `{}`", text(record.schema->name), name));
      continue;
    }
    note(c, f->decl);
    Item item;
    item.kind = Item::Kind::expression;
    item.node = c + 1;
    item.env = env;
    add(record, f->index, item);
  }
}

void Engine::spread_arguments(Record& record, NodeRef call, Env* env) {
  const Schema& schema = *record.schema;
  const NodeRef callee = call + 1;
  std::size_t position = 0;
  for (const NodeRef c : program_.children(call)) {
    if (c == callee) continue;
    const Node arg = program_[c];
    const Field* f = nullptr;
    if (arg.text != Symbol::empty) {
      f = schema.find(arg.text);
      if (f == nullptr) {
        unknown_field(c, schema, arg.text);
        continue;
      }
    } else {
      while (position < schema.fields.size() && schema.fields[position].computed) ++position;
      if (position < schema.fields.size()) f = &schema.fields[position++];
      if (f == nullptr) {
        report(Code::wrong_arguments, c, "one too many",
               fmt::format("`{}` takes at most {} values", text(schema.name), schema.fields.size()));
        continue;
      }
    }
    if (arg.text != Symbol::empty) note(c, f->decl);
    Item item;
    item.kind = Item::Kind::expression;
    item.node = c + 1;
    item.env = env;
    add(record, f->index, item);
    if (arg.has(syntax::has_reason)) note_reason(record, *f, c + 1 + program_[c + 1].size, env, c);
  }
}

void Engine::note_reason(const Record& owner, const Field& f, NodeRef reason, Env* env, Origin at) {
  const Value v = eval(reason, env, types_.simple(TypeKind::string), {});
  std::string path(text(f.name));
  const Record* r = &owner;
  while (r->owner != nullptr) {
    path = fmt::format("{}.{}", text(r->owner->schema->fields[r->field].name), path);
    r = r->owner;
  }
  for (const Relaxation& known : relaxations_)
    if (known.origin == at && known.resource == r) return;
  relaxations_.push_back({r, arena_.text(path), v.is(Tag::string) ? v.text : std::string_view(), at});
}

/// A value that the schema marks `because` wants a reason.
void Engine::want_reason(TypeRef type, const Value& v, const Item& item, const Field& f,
                         const Record& owner) {
  (void)owner;
  if (item.kind != Item::Kind::entry || v.poisoned()) return;
  if (program_[item.node].has(syntax::has_reason)) return;
  bool wanted = false;
  types::find_alternative(type, [&](TypeRef t) {
    if (t->wants_reason && matches(v, t, true)) wanted = true;
    return false;
  });
  if (!wanted) return;
  const names::EntryParts p = entry_parts(item.node);
  const source::Span at = program_.span(p.value != 0 ? p.value : item.node);
  sink_
      .report(diagnostics::make(Code::missing_reason, at, "say why",
                                "`{} = {}` relaxes something and wants a reason", text(f.name), display(v)))
      .replace({at.file, at.end, at.end}, " because \"…\"", "add `because \"…\"`",
               diagnostics::Applicability::placeholders);
}

Value Engine::field(Record& record, std::uint32_t index) {
  if (record.slots == nullptr) {
    if (Resource* r = resource_of(record)) expand(*r);
    if (record.slots == nullptr) return poison();
  }
  Slot& slot = record.slots[index];
  if (slot.state == Slot::State::done) return slot.value;
  const Field& f = record.schema->fields[index];
  if (slot.state == Slot::State::evaluating) {
    std::string path;
    for (std::size_t i = 0; i < reading_.size(); ++i) {
      if (path.empty() && !(reading_[i].first == &record && reading_[i].second == index)) continue;
      const Record& r = *reading_[i].first;
      const Record* resource = r.resource != nullptr ? r.resource : &r;
      path +=
          fmt::format("`{}.{}` → ", text(resource->name), text(r.schema->fields[reading_[i].second].name));
    }
    const Record* resource = record.resource != nullptr ? record.resource : &record;
    path += fmt::format("`{}.{}`", text(resource->name), text(f.name));
    const NodeRef at = slot.first != nullptr && slot.first->node != 0 ? slot.first->node
                       : f.initial != 0                               ? f.initial
                                                                      : record.origin;
    report(Code::evaluation_cycle, at, "depends on itself",
           fmt::format("`{}.{}` depends on itself", text(resource->name), text(f.name)))
        .note(path);
    return poison();
  }
  slot.state = Slot::State::evaluating;
  reading_.emplace_back(&record, index);
  ++depth_;
  Value v;
  if (!enter(record.origin))
    v = poison();
  else if (record.base != nullptr && slot.first == nullptr && !f.computed &&
           record.base->schema == record.schema)
    v = field(*record.base, index);
  else if (slot.first == nullptr)
    v = initial(record, f);
  else {
    Item* items = slot.first;
    if (record.base != nullptr) {
      Item* ready = arena_.make<Item>();
      ready->kind = Item::Kind::ready;
      ready->value = field(*record.base, index);
      ready->next = items;
      items = ready;
    }
    v = resolve(f.type, items, f, record, record.named ? &record.key : nullptr);
  }
  --depth_;
  reading_.pop_back();
  slot.value = v;
  slot.state = Slot::State::done;
  return v;
}

Value Engine::initial(Record& record, const Field& f) {
  if (f.name == word_.in && record.owner == nullptr) {
    // A component's declarations live where the instance lives.
    const Resource* r = resource_of(record);
    if (r != nullptr && r->instance != nullptr) {
      if (const Field* in = r->instance->schema->find(word_.in)) {
        const Value home = field(*r->instance, in->index);
        if (home.is(Tag::record) && matches(home, f.type, false)) return home;
      }
    }
  }
  if (f.initial != 0) {
    Env* env = record_env(record);
    // Structured defaults go the way of what a person writes.
    const NodeKind k = program_[f.initial].kind;
    if (k == NodeKind::Body || k == NodeKind::Tagged || k == NodeKind::Call) {
      Item item;
      item.kind = Item::Kind::expression;
      item.node = f.initial;
      item.env = env;
      return resolve(f.type, arena_.make<Item>(item), f, record, record.named ? &record.key : nullptr);
    }
    return eval(f.initial, env, f.type, {&record, record.named ? &record.key : nullptr});
  }
  const TypeRef t = f.type;
  if (types::accepts_none(t)) return Value(Tag::none, f.decl);
  const std::string owner =
      record.named || record.owner == nullptr
          ? fmt::format(
                "{} `{}`",
                record.schema->name == Symbol::empty ? std::string_view("block") : text(record.schema->name),
                text(record.name))
          : fmt::format("`{}`", text(record.schema->name));
  // All that is missing at once: one mistake, one diagnostic.
  std::vector<std::string> missing;
  auto d = diagnostics::make(Code::missing_field, program_.header(record.origin), "", "");
  for (const Field& other : record.schema->fields) {
    if (other.computed || other.initial != 0 || record.slots[other.index].first != nullptr ||
        types::accepts_none(other.type))
      continue;
    missing.push_back(fmt::format("`{}`", text(other.name)));
    d.at(program_.span(other.decl), "demanded here");
  }
  const std::string last = missing.back();
  missing.pop_back();
  const std::string all = missing.empty() ? last : fmt::format("{} and {}", fmt::join(missing, ", "), last);
  d.message = fmt::format("the {} needs {}", owner, all);
  d.label = fmt::format("{} {} missing", all, missing.empty() ? "is" : "are");
  sink_.report(std::move(d));
  return poison();
}

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
      return resolve_list(type, t, items, f, owner, key);
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
        return resolve_list(type, list, items, f, owner, key);
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
      want_reason(f.type, v, *last, f, owner);
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
        if (k == NodeKind::Call) {
          spread_arguments(*r, e, env);
        } else {
          const NodeRef callee = e + 1, body = callee + program_[callee].size;
          if (info.res == Res::constructor) {
            Item item;
            item.kind = Item::Kind::expression;
            item.node = callee;
            item.env = env;
            add(*r, 0, item);
          }
          spread(*r, body, body_env(body, env, nullptr));
        }
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
          spread_header(*r, i->node, i->env, 0);
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
    want_reason(f.type, v, *last, f, owner);
    return v;
  }
  if (have_plain) {
    want_reason(f.type, plain, *last, f, owner);
    return plain.is(Tag::none) && !types::accepts_none(type) ? coerce(plain, type, context, last->node)
                                                             : plain;
  }
  return poison();
}

Value Engine::resolve_list(TypeRef type, TypeRef list, Item* items, const Field& f, Record& owner,
                           const Value* key) {
  (void)type;
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
        const std::string_view name = clause_names[program_[c].op];
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
          same->items.back().env == i->env && sibling(same->items.back().node, i->node)) {
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
        case NodeKind::For: {
          const NodeRef list = m + 1;
          const Value c = eval(list, env, nullptr, {});
          loop_scope(m, env->scope, info_[list].type);
          NodeRef condition = 0, inner = list + program_[list].size;
          if (program_[inner].kind != NodeKind::Body) {
            condition = inner;
            inner = condition + program_[condition].size;
          }
          iterate(c, list, [&](const Value& a, const Value& b) {
            Env* own = loop_env(m, env);
            own->variables[0] = node.op == 2 ? a : b;
            if (node.op == 2) own->variables[1] = b;
            if (condition != 0 && !truth(condition, own)) return;
            members(inner, body_env(inner, own, nullptr));
          });
          break;
        }
        case NodeKind::If: {
          const NodeRef condition = m + 1, then = condition + program_[condition].size;
          const NodeRef other = then + program_[then].size;
          if (truth(condition, env))
            members(then, body_env(then, env, nullptr));
          else if (other < m + node.size)
            members(other, env);
          break;
        }
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

Record* Engine::with_self(const Record& record, Record& self) {
  Record* out = new_record(record.schema, record.owner, record.field, record.origin);
  out->name = record.name;
  out->key = record.key;
  out->named = record.named;
  out->base = record.base;
  out->resource = &self;
  for (const Field& f : record.schema->fields)
    for (const Item* i = record.slots[f.index].first; i != nullptr; i = i->next) {
      Item item = *i;
      if (item.env != nullptr) {
        item.env = arena_.make<Env>(*item.env);
        item.env->self = &self;
      }
      add(*out, f.index, item);
    }
  return out;
}

/// Whether two entries stand in one body, so that the second is a repetition and no joining.
bool Engine::sibling(NodeRef a, NodeRef b) const {
  if (a == b) return false;
  if (a > b) std::swap(a, b);
  // Walking over whole members from the first leads to the second.
  NodeRef at = a;
  while (at < b) {
    const NodeKind k = program_[at].kind;
    if (k != NodeKind::Entry && k != NodeKind::For && k != NodeKind::If && k != NodeKind::Let &&
        k != NodeKind::Assert && k != NodeKind::Assume && k != NodeKind::Error)
      return false;
    at += program_[at].size;
  }
  return at == b && program_[b].kind == NodeKind::Entry;
}

}  // namespace lab::eval
