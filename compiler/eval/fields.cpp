// A field's value, when it is first read: what was contributed, else what its declaration says.
#include <fmt/format.h>

#include <optional>

#include "compiler/eval/contributions.h"
#include "compiler/eval/engine.h"

namespace lab::eval {

void Engine::note_reason(const Record& owner, const Field& f, NodeRef reason, Env* env, Origin at) {
  const Value v = eval(reason, env, types_.simple(TypeKind::string), {});
  std::string path(text(f.name));
  const Record* r = &owner;
  while (r->owner != nullptr) {
    path = fmt::format("{}.{}", text(r->owner->schema->fields[r->field].name), path);
    r = r->owner;
  }
  if (!relaxed_.emplace(at, r).second) return;
  relaxations_.push_back({r, arena_.text(path), v.is(Tag::string) ? v.text : std::string_view(), at});
}

/// A value that the schema marks `because` wants a reason.
void Engine::want_reason(TypeRef type, const Value& v, const Item& item, const Field& f) {
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

/// The default of a field that is the same in every record; poison while it is not known to be one.
Value& Engine::shared_default(const Schema& schema, std::uint32_t index) {
  if (schema.id >= shared_defaults_.size()) shared_defaults_.resize(schema.id + 1);
  std::vector<Value>& known = shared_defaults_[schema.id];
  if (known.empty()) known.resize(schema.fields.size());
  return known[index];
}

/// Whether `v`, what the declaration of `f` gave for one record, is what it gives for each: a constant, a
/// word or something empty, whose type asks for nothing around it.
bool Engine::is_shareable(const Field& f, const Value& v) const {
  switch (v.tag) {
    case Tag::list:
      if (v.list.size != 0) return false;
      break;
    case Tag::map:
      if (v.map.size != 0) return false;
      break;
    case Tag::none:
    case Tag::boolean:
    case Tag::integer:
    case Tag::real:
    case Tag::string:
    case Tag::word:
    case Tag::size:
    case Tag::duration:
    case Tag::rate:
    case Tag::cores:
    case Tag::percent:
    case Tag::version:
      break;
    default:
      return false;
  }
  if (f.name == word_.in) return false;  // a component's declarations live where its instance does
  if (f.initial == 0) return true;
  if (types::find_alternative(f.type, [](TypeRef t) { return t->kind == TypeKind::dependent; })) return false;
  const NodeKind kind = program_[f.initial].kind;
  const bool empty = (kind == NodeKind::List || kind == NodeKind::Body) && program_[f.initial].size == 1;
  const Res res = f.initial < info_.size() ? info_[f.initial].res : Res::none;
  return empty || kind == NodeKind::None || res == Res::constant || res == Res::word;
}

Value Engine::field(Record& record, std::uint32_t index) {
  if (record.slots == nullptr) {
    if (Resource* r = resource_of(record)) expand(*r);
    if (record.slots == nullptr) return poison();
  }
  Slot& slot = record.slots[index];
  if (slot.state == Slot::State::done) return slot.value;
  const Field& f = record.schema->fields[index];
  const bool untouched =
      slot.first == nullptr && record.base == nullptr && slot.state == Slot::State::waiting;
  if (untouched) {
    if (const Value& shared = shared_default(*record.schema, index); !shared.poisoned()) {
      slot.value = shared;
      slot.state = Slot::State::done;
      return shared;
    }
  }
  if (f.computed && broken_.contains(record.resource)) return poison();
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
    } else if (f.initial != 0 && items->kind == Item::Kind::entry &&
               program_[items->node].has(syntax::append)) {
      // `+=` appends to the default where nothing else was said.
      Item* initially = arena_.make<Item>();
      initially->kind = Item::Kind::expression;
      initially->node = f.initial;
      initially->env = record_env(record);
      initially->next = items;
      items = initially;
    }
    v = resolve(f.type, items, f, record, record.named ? &record.key : nullptr);
  }
  --depth_;
  reading_.pop_back();
  if (untouched && is_shareable(f, v)) shared_default(*record.schema, index) = v;
  slot.value = v;
  slot.state = Slot::State::done;
  return v;
}

std::vector<Origin> Engine::contributions(const Record& record, std::uint32_t index) const {
  std::vector<Origin> out;
  if (record.slots == nullptr) return out;
  for (const Item* i = record.slots[index].first; i != nullptr; i = i->next)
    if (i->node != 0) out.push_back(i->node);
  if (!out.empty()) return out;
  if (record.base != nullptr && record.base->schema == record.schema)
    return contributions(*record.base, index);
  if (const Field& f = record.schema->fields[index]; f.initial != 0) out.push_back(f.initial);
  return out;
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

std::vector<Origin> contributions(const Evaluation& evaluation, const Record& record, std::uint32_t field) {
  return static_cast<const Engine&>(evaluation).contributions(record, field);  // there is no other
}

}  // namespace lab::eval
