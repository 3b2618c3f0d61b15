#include "compiler/ide/chains.h"

namespace lab::ide {

using eval::Tag;
using syntax::NodeKind;
using types::SchemaKind;
using types::TypeKind;

std::size_t Chains::chain_begin(std::size_t end) const {
  std::size_t at = end;
  for (;;) {
    if (at == 0) return at;
    const std::string_view kind = tokens_[at - 1].kind;
    if (kind == "RBRACK" || kind == "RPAREN") {
      int depth = 0;
      while (at > 0) {
        const std::string_view k = tokens_[--at].kind;
        if (k == "RBRACK" || k == "RPAREN") ++depth;
        if ((k == "LBRACK" || k == "LPAREN") && --depth == 0) break;
      }
      if (at == 0 || !is_word(tokens_[at - 1])) return at;
      continue;
    }
    if (!is_word(tokens_[at - 1])) return at;
    --at;
    if (at == 0 || tokens_[at - 1].kind != "DOT") return at;
    --at;
  }
}

Thing Chains::chain(std::size_t begin, std::size_t end) {
  if (begin >= end) return {};
  level(open_.size());                    // what `self` is
  if (tokens_[begin].kind == "LBRACK") {  // a list: its first element says what it holds
    std::size_t first = begin + 1;
    while (first < end && spelled(first) != "," && spelled(first) != "]") ++first;
    Thing element = chain(begin + 1, first);
    return {nullptr, std::nullopt, element.schema};
  }
  Thing at = name(spelled(begin), begin);
  for (std::size_t i = begin + 1; i < end;) {
    if (tokens_[i].kind == "DOT" && i + 1 < end) {
      at = member(at, spelled(i + 1));
      i += 2;
    } else if (tokens_[i].kind == "LBRACK" || tokens_[i].kind == "LPAREN") {
      const bool index = tokens_[i].kind == "LBRACK";
      const std::size_t inner = i + 1;
      int depth = 0;
      for (; i < end; ++i) {
        const std::string_view k = tokens_[i].kind;
        if (k == "LBRACK" || k == "LPAREN") ++depth;
        if ((k == "RBRACK" || k == "RPAREN") && --depth == 0) break;
      }
      ++i;
      if (!index)
        at = {};
      else if (tokens_[inner].kind == "PLAIN" && at.value && at.value->is(Tag::kind))
        at = member(at, unquoted(spelled(inner)));
      else
        at = element(at);
    } else {
      return {};
    }
  }
  return at;
}

Thing Chains::of_record(Record* r) const {
  Value v(Tag::record, r->origin);
  v.record = r;
  return {nullptr, v, r->schema};
}

Thing Chains::of_value(TypeRef t, const Value& v) const {
  if (v.is(Tag::record)) return {t, v, v.record->schema};
  if (v.poisoned() || v.is(Tag::none)) return of_type(t);
  return {t, v, schema_of(t)};
}

Thing Chains::element(const Thing& of) const {
  if (of.value && of.value->is(Tag::list) && of.value->list.size > 0) {
    Thing out = of_value(nullptr, of.value->list.data[0]);
    out.value.reset();
    return out;
  }
  if (of.value && of.value->is(Tag::map) && of.value->map.size > 0) {
    Thing out = of_value(nullptr, of.value->map.data[0].value);
    out.value.reset();
    return out;
  }
  if (of.value && of.value->is(Tag::kind)) return {nullptr, std::nullopt, of.value->schema};
  const TypeRef t = types::bare(of.type);
  if (t != nullptr && (t->kind == TypeKind::list || t->kind == TypeKind::map || t->kind == TypeKind::range))
    return of_type(t->element);
  if (t != nullptr && t->kind == TypeKind::kind) return {nullptr, std::nullopt, t->schema};
  return {nullptr, std::nullopt, of.schema};
}

Thing Chains::name(std::string_view word, std::size_t at) {
  if (word == "self") {
    if (self_ == nullptr) return {};
    if (self_->self != nullptr) return of_type(self_->self);
    return self_record_ != nullptr ? of_record(self_record_) : Thing{nullptr, std::nullopt, self_};
  }
  // Variables of `for` around it, the nearest first.
  for (std::size_t i = at; i-- > 0;) {
    if (spelled(i) != "for" || i + 2 >= tokens_.size()) continue;
    const bool two = is(i + 2, ",");
    const std::size_t list = i + (two ? 5 : 3);
    const bool second = two && is(i + 3, word);
    if (!is(i + 1, word) && !second) continue;
    if (list >= at) continue;
    if (two && !second) return {};  // an index or a key
    std::size_t end = list;
    int depth = 0;
    for (; end < at; ++end) {
      const std::string_view k = tokens_[end].kind;
      if (depth == 0 && (k == "LBRACE" || k == "COLON" || spelled(end) == "if")) break;
      if (k == "LBRACK" || k == "LPAREN") ++depth;
      if (k == "RBRACK" || k == "RPAREN") --depth;
    }
    return element(chain(list, end));
  }
  const source::Symbol s = symbol(word);
  if (s == source::Symbol::empty) return {};
  const names::Declarations& d = e_.declarations();
  if (const NodeRef let = names::lookup(d.lets, s)) {
    const NodeRef value = a_.program().child(let, 0);
    const TypeRef type = e_.meaning(value).type;
    if (const auto v = a_.constant(value)) return of_value(type, *v);
    if (type != nullptr) return of_type(type);
    if (a_.program()[value].kind == NodeKind::Tagged)
      return {nullptr, std::nullopt, kind(a_.text(a_.program()[value + 1].text))};
    return {};
  }
  if (names::lookup(d.params, s) != 0) {
    for (const Reference& r : a_.references())
      if (!r.declaration && r.res == eval::Res::param && a_.snapshot().sources.slice(r.span) == word)
        if (const auto v = a_.constant(r.node)) return of_value(e_.meaning(r.node).type, *v);
    return {};
  }
  Record* found = nullptr;
  for (Record* r : e_.all())
    if (r->name == s && (found == nullptr || found->schema->kind == SchemaKind::component)) found = r;
  if (word == "lab" && !e_.resources("lab").empty()) found = e_.resources("lab").front();
  if (const Schema* k = kind(word); k != nullptr && (found == nullptr || found->schema != k)) {
    Value v(Tag::kind, 0);
    v.schema = k;
    return {nullptr, v, nullptr};
  }
  return found == nullptr ? Thing{} : of_record(found);
}

Thing Chains::member(const Thing& of, std::string_view word) {
  const source::Symbol s = symbol(word);
  if (of.value && of.value->is(Tag::kind)) {
    Record* r = resource(of.value->schema, word);
    return r == nullptr ? Thing{} : of_record(r);
  }
  if (of.value && of.value->is(Tag::map)) {
    for (const eval::Pair& p : of.value->map)
      if (key(p) == word) return of_value(nullptr, p.value);
    return element(of);
  }
  if (of.schema == nullptr) return {};
  if (const Field* f = of.schema->find(s)) {
    if (of.value && of.value->is(Tag::record))
      return of_value(f->type, e_.field(*of.value->record, f->index));
    return of_type(f->type);
  }
  if (of.value && of.value->is(Tag::record)) {
    for (const Field& f : of.schema->fields) {
      if (types::find_alternative(f.type, [](TypeRef t) { return t->kind == TypeKind::map; }) == nullptr)
        continue;
      const Value v = e_.field(*of.value->record, f.index);
      if (!v.is(Tag::map)) continue;
      for (const eval::Pair& p : v.map)
        if (key(p) == word) return of_value(nullptr, p.value);
    }
    for (Record* r : lives_in(of.value->record))
      if (r->name == s) return of_record(r);
  }
  return {};
}

std::vector<Record*> Chains::lives_in(const Record* home) const {
  std::vector<Record*> out;
  const source::Symbol in = symbol("in");
  for (Record* r : e_.all()) {
    const Field* f = r->schema->find(in);
    if (f == nullptr) continue;
    const Value v = e_.field(*r, f->index);
    if (v.is(Tag::record) && v.record == home) out.push_back(r);
  }
  return out;
}

}  // namespace lab::ide
