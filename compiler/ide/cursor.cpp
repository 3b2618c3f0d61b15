#include "compiler/ide/cursor.h"

#include <algorithm>
#include <set>

namespace lab::ide {

using eval::Tag;
using eval::Value;
using types::TypeKind;

const Schema* schema_of(TypeRef t) {
  t = types::bare(t);
  if (t == nullptr) return nullptr;
  switch (t->kind) {
    case TypeKind::record:
    case TypeKind::reference:
    case TypeKind::template_:
      return t->schema;
    default:
      break;
  }
  const TypeRef one = types::find_alternative(
      t, [](TypeRef a) { return a->kind == TypeKind::record || a->kind == TypeKind::reference; });
  return one == nullptr ? nullptr : one->schema;
}

TypeRef element_of(TypeRef type, bool labelled) {
  const TypeRef t = types::bare(type);
  if (t == nullptr) return nullptr;
  if (t->kind == TypeKind::map) return labelled ? t->element : t;
  if (t->kind == TypeKind::list) return t->element;
  if (const TypeRef list = types::find_alternative(t, [](TypeRef a) { return a->kind == TypeKind::list; });
      list != nullptr && types::only_record(t) == nullptr)
    return list->element;
  return type;
}

Cursor::Cursor(const Analysis& a, std::string_view text, std::uint32_t offset)
    : a_(a), e_(a.evaluation()), text_(text) {
  bool literal = false;  // between the quotes of a string in several parts
  for (const Token& t : syntax::tokens(text)) {
    if (t.begin < offset && (t.kind == "OPEN" || t.kind == "ML_OPEN" || t.kind == "EXPR_CLOSE"))
      literal = true;
    if (t.end <= offset && (t.kind == "EXPR_OPEN" || t.kind == "CLOSE" || t.kind == "UNTERMINATED"))
      literal = false;
    const bool comment = t.kind == "DOC" || t.kind == "LINE_COMMENT" || t.kind == "BLOCK_COMMENT";
    if (t.begin < offset && (t.end > offset || (t.end == offset && comment)) &&
        (comment || (t.kind == "PLAIN" && t.end != offset)))
      silent_ = true;
    if (comment || t.begin >= offset) continue;
    if (t.end >= offset && is_word(t)) {
      replaced_ = {FileId::none, t.begin, std::max(t.end, offset)};
      continue;
    }
    tokens_.push_back(t);
  }
  silent_ = silent_ || literal;
  if (replaced_.end == 0) replaced_ = {FileId::none, offset, offset};
  brackets();
}

std::string_view Cursor::spelled(std::size_t i) const {
  return text_.substr(tokens_[i].begin, tokens_[i].end - tokens_[i].begin);
}

bool Cursor::begins_member(std::size_t i) const {
  if (i == 0) return true;
  const std::string_view before = spelled(i - 1);
  if (before == "{" || before == "}" || before == ",") return true;
  const std::string_view gap = text_.substr(tokens_[i - 1].end, tokens_[i].begin - tokens_[i - 1].end);
  if (gap.find('\n') == std::string_view::npos) return false;
  return !continues(i - 1);
}

bool Cursor::continues(std::size_t i) const {
  const std::string_view t = spelled(i);
  static const std::set<std::string_view> open = {
      "=",  "+=", "=>", "(", "[", ".",   "+",  "-",   "*",  "/",    "==",   "!=",      "<",    "<=", ">",
      ">=", "??", "..", ":", "|", "and", "or", "not", "if", "then", "else", "because", "like", "via"};
  return open.contains(t);
}

void Cursor::brackets() {
  std::size_t member = 0;
  std::vector<std::size_t> members;
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    const bool body = open_.empty() || spelled(open_.back().token) == "{";
    if (body && begins_member(i)) member = i;
    if (tokens_[i].kind == "LBRACE" || tokens_[i].kind == "LBRACK" || tokens_[i].kind == "LPAREN") {
      open_.push_back({i, member});
      member = i + 1;
    } else if ((tokens_[i].kind == "RBRACE" || tokens_[i].kind == "RBRACK" || tokens_[i].kind == "RPAREN") &&
               !open_.empty()) {
      member = open_.back().member;
      open_.pop_back();
    }
  }
  member_ = member;
}

Cursor::Level Cursor::level(std::size_t depth) {
  Level at;
  self_ = nullptr;
  self_record_ = nullptr;
  for (std::size_t i = 0; i < depth; ++i) {
    if (spelled(open_[i].token) != "{") continue;
    at = enter(at, open_[i].member, open_[i].token);
    if (self_ == nullptr && at.schema != nullptr && !at.declares) {
      self_ = at.schema;
      self_record_ = at.record;
    }
  }
  return at;
}

Cursor::Level Cursor::enter(const Level& outer, std::size_t first, std::size_t brace) {
  if (first >= brace) return {nullptr, false, true, false, nullptr};
  const std::string_view word = spelled(first);
  if (word == "for" || word == "if" || word == "else") return outer;
  if (outer.top && (word == "environment" || word == "test")) return outer;
  Level out{nullptr, false, false, false, nullptr};
  if (outer.top && (word == "schema" || word == "type" || word == "component")) {
    out.declares = true;
    out.top = word == "component";
    return out;
  }
  // `… = KIND {`, `… = tag {`: the word in front of the brace decides.
  std::size_t assign = first;
  while (assign < brace && spelled(assign) != "=" && spelled(assign) != "+=") ++assign;
  if (outer.top && word == "let") {
    out.schema = brace > 0 ? kind(spelled(brace - 1)) : nullptr;
    return out;
  }
  if (outer.top && word == "override" && first + 1 < brace) {
    out.schema = kind(spelled(first + 1));
    out.record = first + 2 < brace ? resource(out.schema, spelled(first + 2)) : nullptr;
    return out;
  }
  if (outer.top && !outer.declares) {
    out.schema = kind(word);
    if (first + 1 < brace)
      out.record = resource(out.schema, unquoted(spelled(first + 1)));
    else if (out.schema != nullptr)
      out.record = resource(out.schema, word);
    return out;
  }
  if (outer.schema == nullptr) {
    out.open = true;
    return out;
  }
  const Field* f = outer.schema->find(symbol(unquoted(word)));
  if (f == nullptr) {
    out.open = true;
    return out;
  }
  TypeRef type = f->type;
  if (assign < brace && assign + 1 < brace) {
    const Schema* tag = tag_of(type, symbol(spelled(brace - 1)));
    out.schema = tag != nullptr ? tag : schema_of(type);
    return out;
  }
  const bool labelled = first + 1 < brace && assign >= brace;
  type = element_of(type, labelled);
  if (const TypeRef map = types::bare(type); map != nullptr && map->kind == TypeKind::map) {
    out.open = true;
    return out;
  }
  out.schema = types::only_record(type) != nullptr ? types::only_record(type)->schema : schema_of(type);
  if (out.schema == nullptr && types::find_alternative(type, [](TypeRef a) {
                                 return a->kind == TypeKind::any || a->kind == TypeKind::map;
                               }) != nullptr)
    out.open = true;
  if (outer.record != nullptr) {
    const Value v = e_.field(*outer.record, f->index);
    if (v.is(Tag::record)) out.record = v.record;
    if (v.is(Tag::map) && labelled)
      for (const eval::Pair& p : v.map)
        if (key(p) == unquoted(spelled(first + 1)) && p.value.is(Tag::record)) out.record = p.value.record;
  }
  return out;
}

std::string_view Cursor::unquoted(std::string_view s) {
  return s.size() >= 2 && s.front() == '"' ? s.substr(1, s.size() - 2) : s;
}

std::string_view Cursor::key(const eval::Pair& p) const {
  return p.key.is(Tag::string)   ? p.key.text
         : p.key.is(Tag::record) ? a_.text(p.key.record->name)
                                 : std::string_view();
}

const Schema* Cursor::kind(std::string_view name) const {
  const source::Symbol s = symbol(name);
  return s == source::Symbol::empty || names::lookup(e_.declarations().kinds, s) == 0 ? nullptr
                                                                                      : e_.kind_named(name);
}

Record* Cursor::resource(const Schema* schema, std::string_view name) const {
  for (Record* r : e_.all())
    if (schema != nullptr && r->schema == schema && a_.text(r->name) == name) return r;
  return nullptr;
}

bool Cursor::begins_at_offset() const {
  const std::size_t n = tokens_.size();
  const std::string_view before = spelled(n - 1);
  if (before == "{" || before == "}" || before == ",") return true;
  const std::string_view gap = text_.substr(tokens_[n - 1].end, replaced_.begin - tokens_[n - 1].end);
  return gap.find('\n') != std::string_view::npos && !continues(n - 1);
}

bool Cursor::given(source::Symbol name) const {
  const std::size_t from = open_.empty() ? 0 : open_.back().token + 1;
  int depth = 0;
  for (std::size_t i = from; i + 1 < tokens_.size(); ++i) {
    const std::string_view t = spelled(i);
    if (t == "{" || t == "[" || t == "(") ++depth;
    if (t == "}" || t == "]" || t == ")") --depth;
    if (depth == 0 && is(i + 1, "=") && t == a_.text(name)) return true;
  }
  return false;
}

unsigned Cursor::argument(std::size_t bracket) const {
  unsigned out = 0;
  int depth = 0;
  for (std::size_t i = bracket + 1; i < tokens_.size(); ++i) {
    const std::string_view t = spelled(i);
    if (t == "(" || t == "[" || t == "{") ++depth;
    if (t == ")" || t == "]" || t == "}") --depth;
    if (t == "," && depth == 0) ++out;
  }
  return out;
}

const Schema* Cursor::schema_of_call(std::size_t bracket, TypeRef type) const {
  return bracket == 0 || !is_word(tokens_[bracket - 1]) ? nullptr
                                                        : tag_of(type, symbol(spelled(bracket - 1)));
}

const Schema* Cursor::tag_of(TypeRef type, source::Symbol tag) {
  if (tag == source::Symbol::empty || type == nullptr) return nullptr;
  for (const TypeRef t : {type, element_of(type, true)}) {
    if (t == nullptr) continue;
    if (const TypeRef found = types::tagged(t, tag)) return found->schema;
    const TypeRef record = types::only_record(t);
    if (record != nullptr && !record->schema->fields.empty())
      if (const TypeRef found = types::tagged(record->schema->fields[0].type, tag)) return found->schema;
  }
  return nullptr;
}

}  // namespace lab::ide
