#include "compiler/ide/candidates.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "compiler/eval/builtins.h"
#include "compiler/ide/describe.h"

namespace lab::ide {

using eval::Tag;
using types::SchemaKind;
using types::TypeKind;

namespace {

constexpr std::string_view builtin_types[] = {
    "any",  "bool",     "cidr",   "cores", "cron",   "duration", "float", "hostname", "image",   "int",
    "ip",   "ip-range", "list",   "mac",   "map",    "mode",     "name",  "path",     "percent", "port",
    "rate", "regex",    "secret", "size",  "string", "time",     "url",   "version"};

}  // namespace

void Candidates::put(Candidate c) {
  if (c.insert.empty()) c.insert = c.label;
  if (seen_.insert(c.label).second) out_.candidates.push_back(std::move(c));
}

void Candidates::put_field(const Field& f, unsigned rank, bool as_member) {
  Candidate c{std::string(a_.text(f.name)),
              f.computed ? Candidate::Kind::computed : Candidate::Kind::field,
              e_.describe(f.type),
              std::string(a_.doc(f.decl)),
              "",
              false,
              rank};
  if (!as_member) {
    const TypeRef t = types::bare(f.type);
    const bool record = t->kind == TypeKind::record ||
                        (t->kind == TypeKind::list && types::only_record(t->element) != nullptr);
    c.snippet = true;
    if (t->kind == TypeKind::map)
      c.insert = c.label + (types::only_record(t->element) != nullptr ? " ${1:name} { $0 }" : " { $0 }");
    else if (record && types::only_record(t) != nullptr && t->kind == TypeKind::record)
      c.insert = c.label + " { $0 }";
    else if (record)
      c.insert = c.label + " { $0 }";
    else if (t->kind == TypeKind::list)
      c.insert = c.label + " = [$0]";
    else if (t->kind == TypeKind::string && t->flavour != types::Flavour::plain)
      c.insert = c.label + " = \"$0\"";
    else
      c.insert = c.label + " = $0";
  }
  put(std::move(c));
}

void Candidates::members_of(const Thing& of) {
  if (of.value && of.value->is(Tag::kind)) {
    for (Record* r : e_.all())
      if (r->schema->is_a(of.value->schema)) put_resource(*r, 0);
    return;
  }
  if (of.value && of.value->is(Tag::map)) {
    for (const eval::Pair& p : of.value->map) put_entry(p);
    return;
  }
  if (of.schema == nullptr) return;
  put({"name", Candidate::Kind::computed, "string", "its name", "", false, 2});
  for (const Field& f : of.schema->fields)
    put_field(f, of.schema->kind == SchemaKind::component && f.computed ? 0 : 1, true);
  if (!of.value || !of.value->is(Tag::record)) return;
  for (const Field& f : of.schema->fields) {
    if (types::find_alternative(f.type, [](TypeRef t) { return t->kind == TypeKind::map; }) == nullptr)
      continue;
    const Value v = e_.field(*of.value->record, f.index);
    if (!v.is(Tag::map)) continue;
    for (const eval::Pair& p : v.map) put_entry(p);
  }
  for (Record* r : lives_in(of.value->record)) put_resource(*r, 1);
}

void Candidates::put_entry(const eval::Pair& p) {
  const std::string_view name = key(p);
  const bool plain =
      !name.empty() &&
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
          std::string_view::npos &&
      (name.front() < '0' || name.front() > '9');
  if (plain) put({std::string(name), Candidate::Kind::entry, shown(a_, p.value, 60), "", "", false, 0});
}

void Candidates::put_resource(const Record& r, unsigned rank) {
  const std::string_view name = a_.text(r.name);
  if (name.empty()) return;
  std::string doc = documentation(a_, r.origin);
  Candidate c{std::string(name),
              Candidate::Kind::resource,
              std::string(a_.text(r.schema->name)),
              std::move(doc),
              "",
              false,
              rank};
  if (name.front() >= '0' && name.front() <= '9')
    c.insert = fmt::format("{}[\"{}\"]", a_.text(r.schema->name), name);
  put(std::move(c));
}

void Candidates::put_type(TypeRef type, unsigned rank) {
  if (type == nullptr) return;
  switch (type->kind) {
    case TypeKind::optional:
      put({"none", Candidate::Kind::word, "nothing", "", "", false, rank + 2});
      [[fallthrough]];
    case TypeKind::refined:
    case TypeKind::secret:
      put_type(type->element, rank);
      if (type->kind == TypeKind::secret) put_kind(kind("secret"), rank);
      return;
    case TypeKind::none:
      put({"none", Candidate::Kind::word, "nothing", "", "", false, rank + 2});
      return;
    case TypeKind::boolean:
      for (const char* w : {"true", "false"}) put({w, Candidate::Kind::word, "bool", "", "", false, rank});
      return;
    case TypeKind::word:
      put({std::string(a_.text(type->name)), Candidate::Kind::word, "", "", "", false, rank});
      return;
    case TypeKind::union_:
      for (const TypeRef t : type->alternatives) put_type(t, rank);
      return;
    case TypeKind::reference:
      put_kind(type->schema, rank + 1);
      return;
    case TypeKind::dependent:
      if (const Schema* k = kind(a_.text(type->name)))
        put_kind(k, rank + 1);
      else
        put_blocks(type->name, rank + 1);
      return;
    case TypeKind::record:
      if (type->schema->kind == SchemaKind::tag) {
        const std::string tag(a_.text(type->schema->name));
        Candidate c{
            tag, Candidate::Kind::tag, tag + " { … }", std::string(a_.doc(type->schema->decl)), "", true,
            rank};
        bool all = true;
        for (const Field& f : type->schema->fields)
          all = all && (f.initial != 0 || f.computed || types::accepts_none(f.type));
        c.insert = all ? tag : type->schema->fields.size() == 1 ? tag + "($0)" : tag + " { $0 }";
        put(std::move(c));
      } else if (!type->schema->fields.empty()) {
        put_type(type->schema->fields[0].type, rank);  // the principal field takes a value without braces
      }
      return;
    default:
      return;
  }
}

void Candidates::put_kind(const Schema* k, unsigned rank) {
  for (Record* r : e_.all())
    if (k != nullptr && r->schema->is_a(k)) put_resource(*r, rank);
}

void Candidates::put_blocks(source::Symbol field, unsigned rank) {
  for (Record* r : e_.all()) {
    const Field* f = r->schema->find(field);
    if (f == nullptr) continue;
    const Value v = e_.field(*r, f->index);
    if (!v.is(Tag::map)) continue;
    for (const eval::Pair& p : v.map)
      if (const std::string name(key(p)); !name.empty())
        put({name, Candidate::Kind::entry, fmt::format("{} of {}", a_.text(field), a_.text(r->name)), "", "",
             false, rank});
  }
}

void Candidates::put_names(unsigned rank) {
  const names::Declarations& d = e_.declarations();
  const auto table = [&](const names::Declarations::Table& t, Candidate::Kind kind) {
    for (const auto& [name, n] : t)
      if (a_.program().unit(n).home != names::Home::standard || kind == Candidate::Kind::function)
        put({std::string(a_.text(static_cast<source::Symbol>(name))), kind, signature(a_, n),
             documentation(a_, n), "", false, rank});
  };
  for (std::size_t i = 0; i + 2 < tokens_.size(); ++i) {
    if (spelled(i) != "for") continue;
    put({std::string(spelled(i + 1)), Candidate::Kind::variable, "of this loop", "", "", false, rank});
    if (is(i + 2, ",") && i + 3 < tokens_.size())
      put({std::string(spelled(i + 3)), Candidate::Kind::variable, "of this loop", "", "", false, rank});
  }
  table(d.lets, Candidate::Kind::constant);
  table(d.params, Candidate::Kind::parameter);
  table(d.functions, Candidate::Kind::function);
  for (const std::string_view f : eval::builtin_names())
    put({std::string(f), Candidate::Kind::function, "built in", "", std::string(f) + "($0)", true, rank + 3});
  if (self_ != nullptr)
    put({"self", Candidate::Kind::variable, std::string(a_.text(self_->name)), "the resource being declared",
         "", false, rank + 1});
  for (const auto& [name, n] : d.kinds)
    put({std::string(a_.text(static_cast<source::Symbol>(name))), Candidate::Kind::kind, "all of a kind",
         std::string(a_.doc(n)), "", false, rank + 4});
}

void Candidates::value(TypeRef type) {
  put_type(type, 0);
  put_names(type == nullptr ? 0 : 5);
  if (type == nullptr || types::bare(type)->kind == TypeKind::any)
    for (Record* r : e_.all()) put_resource(*r, 3);
}

void Candidates::types() {
  for (const std::string_view t : builtin_types)
    put({std::string(t), Candidate::Kind::type, "type", "", "", false, 1});
  for (const auto* table : {&e_.declarations().types, &e_.declarations().kinds})
    for (const auto& [name, n] : *table)
      put({std::string(a_.text(static_cast<source::Symbol>(name))), Candidate::Kind::type, "type",
           std::string(a_.doc(n)), "", false, 0});
}

void Candidates::finish() {
  std::ranges::stable_sort(out_.candidates, [](const Candidate& x, const Candidate& y) {
    return std::tie(x.rank, x.label) < std::tie(y.rank, y.label);
  });
}

}  // namespace lab::ide
