// Bodies to contributions: which field each member of a body adds to.
#include <fmt/format.h>

#include "compiler/eval/engine.h"

namespace lab::eval {

using syntax::Node;

namespace {

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
    case NodeKind::For:
    case NodeKind::If:
      generate(m, env, [&](NodeRef body, Env* own) { spread(record, body, own); });
      return;
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
  const Schema& schema = *record.schema;
  if (node.text == word_.like && !node.has(syntax::string_key)) return;  // read with the layers
  const Field* f = schema.find(node.text);
  if (node.has(syntax::damaged)) {  // given, though nobody knows how
    if (f != nullptr && !f->computed) add_poison(record, *f);
    return;
  }
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

/// The word of a clause, which is the field that it sets.
std::string_view Engine::clause_name(NodeRef clause) const {
  constexpr std::string_view words[] = {"on", "at", "via", "to", "from", "of", "in", "like"};
  return words[program_[clause].op];
}

/// Clauses set the fields of their names; a value after a label or a clause sets the first field.
void Engine::spread_header(Record& record, NodeRef entry, Env* env, bool skip_like) {
  const names::EntryParts p = entry_parts(entry);
  NodeRef c = p.first_clause;
  for (unsigned i = 0; i < p.clauses; ++i, c += program_[c].size) {
    if (static_cast<syntax::Clause>(program_[c].op) == syntax::Clause::like && skip_like) continue;
    const std::string_view name = clause_name(c);
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
    const Field* f = argument_field(c, schema, position);
    if (f == nullptr) continue;
    Item item;
    item.kind = Item::Kind::expression;
    item.node = c + 1;
    item.env = env;
    add(record, f->index, item);
    if (program_[c].has(syntax::has_reason)) note_reason(record, *f, c + 1 + program_[c + 1].size, env, c);
  }
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
