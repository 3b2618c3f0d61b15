#include "compiler/ide/complete.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "compiler/eval/builtins.h"
#include "compiler/ide/describe.h"
#include "compiler/syntax/parse.h"
#include "compiler/types/type_table.h"

namespace lab::ide {

using eval::Record;
using eval::Tag;
using eval::Value;
using syntax::NodeKind;
using syntax::Token;
using types::Field;
using types::Schema;
using types::SchemaKind;
using types::TypeKind;
using types::TypeRef;

namespace {

constexpr std::array<std::string_view, 8> clauses = {"on", "in", "at", "via", "to", "from", "of", "like"};

struct Statement {
  std::string_view word, snippet, meaning;
};
constexpr Statement statements[] = {
    {"let", "let ${1:name} = $0", "a constant, or a template: `let NAME = KIND { … }`"},
    {"param", "param ${1:name}: ${2:type} = $0", "a parameter, set by `--set`, an environment or a test"},
    {"fn", "fn ${1:name}(${2:x}: ${3:type}): ${4:type} = $0", "a pure function"},
    {"for", "for ${1:x} in ${2:list} {\n  $0\n}", "one declaration for each element"},
    {"if", "if ${1:condition} {\n  $0\n}", "declarations under a condition"},
    {"environment", "environment ${1:name} {\n  $0\n}", "changes chosen by `--env`"},
    {"test", "test \"${1:title}\" {\n  $0\n}", "the lab compiled with these changes; run by `labc test`"},
    {"assert", "assert ${1:condition} else \"${2:why}\"",
     "proved when the lab is compiled, or the build fails"},
    {"assume", "assume ${1:condition} because \"${2:why}\"", "must not be refuted"},
    {"import", "import \"$0\"", "a package"},
    {"type", "type ${1:name} = $0", "a refinement, union or record"},
    {"schema", "schema ${1:name} {\n  $0\n}", "a kind bound to the compiler's model"},
    {"component", "component ${1:name} {\n  $0\n}", "a kind that expands into declarations"},
};

constexpr std::string_view builtin_types[] = {
    "any",  "bool",     "cidr",   "cores", "cron",   "duration", "float", "hostname", "image",   "int",
    "ip",   "ip-range", "list",   "mac",   "map",    "mode",     "name",  "path",     "percent", "port",
    "rate", "regex",    "secret", "size",  "string", "time",     "url",   "version"};

/// A type, and the value where it is known.
struct Thing {
  TypeRef type = nullptr;
  std::optional<Value> value;
  const Schema* schema = nullptr;  // what has members
};

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

/// The type of one element of a field that is written as a block.
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

/// An opened bracket, with where the member or argument it belongs to begins.
struct Open {
  std::size_t token;   // of the bracket
  std::size_t member;  // first token of the member that stands in front of it
};

class Completer {
 public:
  Completer(const Analysis& a, std::string_view text, std::uint32_t offset)
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

  Completion run() {
    out_.replaced = replaced_;
    if (silent_ || !a_.ready()) return std::move(out_);
    const std::size_t n = tokens_.size();
    const std::string_view last = n == 0 ? "" : spelled(n - 1);
    if (n > 0 && tokens_[n - 1].kind == "DOT") {
      members_of(chain_before(n - 1));
    } else if (last == "because") {
      put({"\"…\"", Candidate::Kind::statement, "a reason", "", "\"$0\"", true, 0});
    } else if (!open_.empty() && spelled(open_.back().token) != "{") {
      inside_brackets();
    } else {
      inside_body();
    }
    finish();
    return std::move(out_);
  }

  std::optional<Call> call() {
    if (!a_.ready()) return std::nullopt;
    for (std::size_t i = open_.size(); i-- > 0;) {
      if (spelled(open_[i].token) == "{") return std::nullopt;
      if (spelled(open_[i].token) != "(" || open_[i].token == 0 || !is_word(tokens_[open_[i].token - 1]))
        continue;
      return describe_call(i);
    }
    return std::nullopt;
  }

 private:
  static bool is_word(const Token& t) { return t.kind == "NAME" || t.kind.starts_with("KW_"); }
  std::string_view spelled(std::size_t i) const {
    return text_.substr(tokens_[i].begin, tokens_[i].end - tokens_[i].begin);
  }
  bool is(std::size_t i, std::string_view word) const { return i < tokens_.size() && spelled(i) == word; }
  source::Symbol symbol(std::string_view s) const { return a_.snapshot().symbols.find(s); }

  // ---- structure

  /// A member begins behind a brace or a comma, or on a new line where nothing is left open by an operator.
  bool begins_member(std::size_t i) const {
    if (i == 0) return true;
    const std::string_view before = spelled(i - 1);
    if (before == "{" || before == "}" || before == ",") return true;
    const std::string_view gap = text_.substr(tokens_[i - 1].end, tokens_[i].begin - tokens_[i - 1].end);
    if (gap.find('\n') == std::string_view::npos) return false;
    return !continues(i - 1);
  }
  /// Whether what follows a token belongs to it whatever the line.
  bool continues(std::size_t i) const {
    const std::string_view t = spelled(i);
    static const std::set<std::string_view> open = {
        "=",  "+=", "=>", "(", "[", ".",   "+",  "-",   "*",  "/",    "==",   "!=",      "<",    "<=", ">",
        ">=", "??", "..", ":", "|", "and", "or", "not", "if", "then", "else", "because", "like", "via"};
    return open.contains(t);
  }

  void brackets() {
    std::size_t member = 0;
    std::vector<std::size_t> members;
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      const bool body = open_.empty() || spelled(open_.back().token) == "{";
      if (body && begins_member(i)) member = i;
      if (tokens_[i].kind == "LBRACE" || tokens_[i].kind == "LBRACK" || tokens_[i].kind == "LPAREN") {
        open_.push_back({i, member});
        member = i + 1;
      } else if ((tokens_[i].kind == "RBRACE" || tokens_[i].kind == "RBRACK" ||
                  tokens_[i].kind == "RPAREN") &&
                 !open_.empty()) {
        member = open_.back().member;
        open_.pop_back();
      }
    }
    member_ = member;
  }

  /// What the braces up to `depth` of the stack are the body of.
  struct Level {
    const Schema* schema = nullptr;
    bool top = true;           // declarations
    bool open = false;         // free-form data
    bool declares = false;     // fields of a schema
    Record* record = nullptr;  // the resource or block itself, where it is one
  };

  Level level(std::size_t depth) {
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

  Level enter(const Level& outer, std::size_t first, std::size_t brace) {
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

  static std::string_view unquoted(std::string_view s) {
    return s.size() >= 2 && s.front() == '"' ? s.substr(1, s.size() - 2) : s;
  }
  std::string_view key(const eval::Pair& p) const {
    return p.key.is(Tag::string)   ? p.key.text
           : p.key.is(Tag::record) ? a_.text(p.key.record->name)
                                   : std::string_view();
  }
  const Schema* kind(std::string_view name) const {
    const source::Symbol s = symbol(name);
    return s == source::Symbol::empty || names::lookup(e_.declarations().kinds, s) == 0 ? nullptr
                                                                                        : e_.kind_named(name);
  }
  Record* resource(const Schema* schema, std::string_view name) const {
    for (Record* r : e_.all())
      if (schema != nullptr && r->schema == schema && a_.text(r->name) == name) return r;
    return nullptr;
  }

  // ---- what an expression of names is

  /// First token of the chain `a.b[c].d` that ends before `end`.
  std::size_t chain_begin(std::size_t end) const {
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
  Thing chain_before(std::size_t end) { return chain(chain_begin(end), end); }

  Thing chain(std::size_t begin, std::size_t end) {
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

  Thing of_record(Record* r) const {
    Value v(Tag::record, r->origin);
    v.record = r;
    return {nullptr, v, r->schema};
  }
  Thing of_type(TypeRef t) const { return {t, std::nullopt, schema_of(t)}; }
  Thing of_value(TypeRef t, const Value& v) const {
    if (v.is(Tag::record)) return {t, v, v.record->schema};
    if (v.poisoned() || v.is(Tag::none)) return of_type(t);
    return {t, v, schema_of(t)};
  }

  Thing element(const Thing& of) const {
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

  Thing name(std::string_view word, std::size_t at) {
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

  Thing member(const Thing& of, std::string_view word) {
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

  std::vector<Record*> lives_in(const Record* home) const {
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

  // ---- candidates

  void put(Candidate c) {
    if (c.insert.empty()) c.insert = c.label;
    if (seen_.insert(c.label).second) out_.candidates.push_back(std::move(c));
  }

  void put_field(const Field& f, unsigned rank, bool as_member) {
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

  void members_of(const Thing& of) {
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

  void put_entry(const eval::Pair& p) {
    const std::string_view name = key(p);
    const bool plain =
        !name.empty() &&
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
            std::string_view::npos &&
        (name.front() < '0' || name.front() > '9');
    if (plain) put({std::string(name), Candidate::Kind::entry, shown(a_, p.value, 60), "", "", false, 0});
  }

  void put_resource(const Record& r, unsigned rank) {
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

  /// What a type says itself: words, tags, booleans, resources.
  void put_type(TypeRef type, unsigned rank) {
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

  void put_kind(const Schema* k, unsigned rank) {
    for (Record* r : e_.all())
      if (k != nullptr && r->schema->is_a(k)) put_resource(*r, rank);
  }

  /// Blocks of a name anywhere in the lab: `storage` of a host.
  void put_blocks(source::Symbol field, unsigned rank) {
    for (Record* r : e_.all()) {
      const Field* f = r->schema->find(field);
      if (f == nullptr) continue;
      const Value v = e_.field(*r, f->index);
      if (!v.is(Tag::map)) continue;
      for (const eval::Pair& p : v.map)
        if (const std::string name(key(p)); !name.empty())
          put({name, Candidate::Kind::entry, fmt::format("{} of {}", a_.text(field), a_.text(r->name)), "",
               "", false, rank});
    }
  }

  void put_names(unsigned rank) {
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
      put({std::string(f), Candidate::Kind::function, "built in", "", std::string(f) + "($0)", true,
           rank + 3});
    if (self_ != nullptr)
      put({"self", Candidate::Kind::variable, std::string(a_.text(self_->name)),
           "the resource being declared", "", false, rank + 1});
    for (const auto& [name, n] : d.kinds)
      put({std::string(a_.text(static_cast<source::Symbol>(name))), Candidate::Kind::kind, "all of a kind",
           std::string(a_.doc(n)), "", false, rank + 4});
  }

  /// A value of a type, then everything that can stand in an expression.
  void value(TypeRef type) {
    put_type(type, 0);
    put_names(type == nullptr ? 0 : 5);
    if (type == nullptr || types::bare(type)->kind == TypeKind::any)
      for (Record* r : e_.all()) put_resource(*r, 3);
  }

  void top() {
    for (const auto& [name, n] : e_.declarations().kinds) {
      const std::string word(a_.text(static_cast<source::Symbol>(name)));
      const Schema* s = e_.kind_named(word);
      std::string header = word;
      if (a_.program()[n].kind == NodeKind::Schema) header += " ${1:name}";
      unsigned stop = 2;
      for (const char* clause : {"on", "in"})
        if (const Field* f = s->find(symbol(clause)); f != nullptr && f->initial == 0 &&
                                                      !types::accepts_none(f->type) &&
                                                      a_.program()[n].kind == NodeKind::Schema)
          header += fmt::format(" {} ${{{}}}", clause, stop++);
      put({word, Candidate::Kind::kind, a_.program()[n].kind == NodeKind::Component ? "component" : "kind",
           std::string(a_.doc(n)), header + " {\n  $0\n}", true, 1});
    }
    for (const Statement& s : statements)
      put({std::string(s.word), Candidate::Kind::statement, "statement", std::string(s.meaning),
           std::string(s.snippet), true, 2});
  }

  void inside_body() {
    const Level at = level(open_.size());
    const std::size_t n = tokens_.size();
    // Nothing of the member yet: its first word.
    const bool fresh = n == 0 || begins_at_offset();
    if (fresh) {
      if (at.declares && !at.top) return;
      if (at.top) top();
      if (at.schema != nullptr) {
        for (const Field& f : at.schema->fields)
          if (!f.computed && !given(f.name))
            put_field(f, f.initial == 0 && !types::accepts_none(f.type) ? 0 : 1, false);
        if (open_.size() == 1)
          put({"like", Candidate::Kind::clause, "", "starts from the members of a template or a resource",
               "like = $0", true, 2});
        for (const Statement& s : statements)
          if (s.word == "for" || s.word == "if" || s.word == "let")
            put({std::string(s.word), Candidate::Kind::statement, "statement", std::string(s.meaning),
                 std::string(s.snippet), true, 3});
      }
      return;
    }
    const std::string_view word = spelled(member_);
    std::size_t assign = member_;
    while (assign < n && spelled(assign) != "=" && spelled(assign) != "+=") ++assign;
    const std::string_view last = spelled(n - 1);
    if (at.top && (word == "param" || word == "fn" || word == "type" || at.declares) &&
        (last == ":" || last == "|" || (word == "type" && last == "=")))
      return types();
    if (at.top && assign < n && (word == "let" || word == "param")) return value(nullptr);
    if (word == "for" || word == "if" || word == "assert" || word == "assume") return value(nullptr);
    if (at.declares && !at.top) return types();
    if (at.top && (word == "override" || word == "remove")) {
      if (n == member_ + 1) {
        for (const auto& [name, k] : e_.declarations().kinds)
          put({std::string(a_.text(static_cast<source::Symbol>(name))), Candidate::Kind::kind, "kind",
               std::string(a_.doc(k)), "", false, 0});
      } else {
        put_kind(kind(spelled(member_ + 1)), 0);
      }
      return;
    }
    const Schema* owner = at.top ? kind(word) : nullptr;
    const Field* f = !at.top && at.schema != nullptr ? at.schema->find(symbol(unquoted(word))) : nullptr;
    if (f != nullptr) owner = schema_of(element_of(f->type, true));
    if (std::ranges::find(clauses, last) != clauses.end() && n - 1 > member_) return clause(owner, last);
    if (assign < n) {
      if (f != nullptr) return value(assign > member_ + 1 ? element_of(f->type, true) : f->type);
      return value(nullptr);
    }
    if (n == member_ + 1 && f != nullptr) {  // a label, where it names something
      const TypeRef map = types::bare(f->type);
      if (map->kind == TypeKind::map) put_type(map->key, 0);
    }
    if (owner != nullptr)
      for (const std::string_view c : clauses)
        if (c == "like" || owner->find(symbol(c)) != nullptr) {
          const Field* field = owner->find(symbol(c));
          put({std::string(c), Candidate::Kind::clause, field == nullptr ? "" : e_.describe(field->type),
               field == nullptr ? "starts from the members of a template or a resource"
                                : std::string(a_.doc(field->decl)),
               "", false, 1});
        }
    put({"because", Candidate::Kind::statement, "a reason", "", "because \"$0\"", true, 4});
  }

  void clause(const Schema* owner, std::string_view word) {
    if (word == "like") {
      for (const auto& [name, n] : e_.declarations().lets) {
        const NodeRef v = a_.program().child(n, 0);
        if (a_.program()[v].kind != NodeKind::Tagged ||
            (owner != nullptr && kind(a_.text(a_.program()[v + 1].text)) != owner))
          continue;
        put({std::string(a_.text(static_cast<source::Symbol>(name))), Candidate::Kind::constant, "template",
             documentation(a_, n), "", false, 0});
      }
      put_kind(owner, 1);
      return;
    }
    const Field* f = owner == nullptr ? nullptr : owner->find(symbol(word));
    if (f != nullptr) put_type(f->type, 0);
    put_names(5);
  }

  void types() {
    for (const std::string_view t : builtin_types)
      put({std::string(t), Candidate::Kind::type, "type", "", "", false, 1});
    for (const auto* table : {&e_.declarations().types, &e_.declarations().kinds})
      for (const auto& [name, n] : *table)
        put({std::string(a_.text(static_cast<source::Symbol>(name))), Candidate::Kind::type, "type",
             std::string(a_.doc(n)), "", false, 0});
  }

  /// The field whose value an open `(` or `[` stands in, and the call's own schema.
  void inside_brackets() {
    const std::size_t bracket = open_.back().token;
    std::size_t bodies = open_.size();
    while (bodies > 0 && spelled(open_[bodies - 1].token) != "{") --bodies;
    const Level at = level(bodies);
    const std::size_t first = bodies < open_.size() ? open_[bodies].member : member_;
    TypeRef type = nullptr;
    if (!at.top && at.schema != nullptr && first < tokens_.size())
      if (const Field* f = at.schema->find(symbol(unquoted(spelled(first)))))
        type = is(first + 1, "=") || is(first + 1, "+=") ? f->type : element_of(f->type, true);
    if (spelled(bracket) == "[" &&
        !(bracket > 0 && (is_word(tokens_[bracket - 1]) || spelled(bracket - 1) == "]"))) {
      const TypeRef list = types::find_alternative(type, [](TypeRef t) { return t->kind == TypeKind::list; });
      return value(list == nullptr ? nullptr : list->element);
    }
    if (spelled(bracket) == "[") {  // an index
      const Thing of = chain_before(bracket);
      if (of.value && of.value->is(Tag::kind)) {
        for (Record* r : e_.all())
          if (r->schema->is_a(of.value->schema))
            put({fmt::format("\"{}\"", a_.text(r->name)), Candidate::Kind::resource,
                 std::string(a_.text(r->schema->name)), "", "", false, 0});
      }
      return value(nullptr);
    }
    if (const Schema* s = schema_of_call(bracket, type)) {
      const unsigned position = argument(bracket);
      const std::size_t last = tokens_.size() - 1;
      if (spelled(last) == "=" && is_word(tokens_[last - 1])) {
        const Field* f = s->find(symbol(spelled(last - 1)));
        return value(f == nullptr ? nullptr : f->type);
      }
      unsigned i = 0;
      for (const Field& f : s->fields) {
        if (f.computed) continue;
        if (i++ == position) put_type(f.type, 0);
        put({fmt::format("{} =", a_.text(f.name)), Candidate::Kind::field, e_.describe(f.type),
             std::string(a_.doc(f.decl)), fmt::format("{} = ", a_.text(f.name)), false, 2});
      }
      return put_names(5);
    }
    value(nullptr);
  }

  /// What the word in front of `(` makes: a tag of the expected type, or a record.
  const Schema* schema_of_call(std::size_t bracket, TypeRef type) const {
    return bracket == 0 || !is_word(tokens_[bracket - 1]) ? nullptr
                                                          : tag_of(type, symbol(spelled(bracket - 1)));
  }

  /// The members of a tag of a type, of its elements, or of what their first field takes; null when there is
  /// none.
  static const Schema* tag_of(TypeRef type, source::Symbol tag) {
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

  unsigned argument(std::size_t bracket) const {
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

  std::optional<Call> describe_call(std::size_t i) {
    const std::size_t bracket = open_[i].token;
    std::size_t bodies = i;
    while (bodies > 0 && spelled(open_[bodies - 1].token) != "{") --bodies;
    const Level at = level(bodies);
    const std::size_t first = open_[bodies].member;
    TypeRef type = nullptr;
    if (!at.top && at.schema != nullptr)
      if (const Field* f = at.schema->find(symbol(unquoted(spelled(first))))) type = f->type;
    Call out;
    const std::string_view name = spelled(bracket - 1);
    out.label = std::string(name) + "(";
    const auto parameter = [&](const std::string& words, std::string doc) {
      if (!out.parameters.empty()) out.label += ", ";
      const auto begin = static_cast<std::uint32_t>(out.label.size());
      out.label += words;
      out.parameters.emplace_back(begin, static_cast<std::uint32_t>(out.label.size()));
      out.documentation.push_back(std::move(doc));
    };
    if (const Schema* s = schema_of_call(bracket, type)) {
      for (const Field& f : s->fields)
        if (!f.computed) parameter(signature(a_, f.decl), std::string(a_.doc(f.decl)));
    } else if (const NodeRef fn = names::lookup(e_.declarations().functions, symbol(name));
               fn != 0 && symbol(name) != source::Symbol::empty) {
      for (const NodeRef c : a_.program().children(fn))
        if (a_.program()[c].kind == NodeKind::Parameter) parameter(signature(a_, c), "");
    } else if (const eval::Builtin* b = eval::find_builtin(name)) {
      for (unsigned n = 0; n < b->least; ++n)
        parameter(fmt::format("value{}", b->least > 1 ? fmt::format("-{}", n + 1) : ""), "");
      if (b->most > b->least) parameter("…", "");
    } else {
      return std::nullopt;
    }
    out.label += ")";
    out.active = argument(bracket);
    return out;
  }

  /// Whether the word being written begins a member.
  bool begins_at_offset() const {
    const std::size_t n = tokens_.size();
    const std::string_view before = spelled(n - 1);
    if (before == "{" || before == "}" || before == ",") return true;
    const std::string_view gap = text_.substr(tokens_[n - 1].end, replaced_.begin - tokens_[n - 1].end);
    return gap.find('\n') != std::string_view::npos && !continues(n - 1);
  }

  /// Whether the body has a value for a field already; blocks may stand several times.
  bool given(source::Symbol name) const {
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

  void finish() {
    std::ranges::stable_sort(out_.candidates, [](const Candidate& x, const Candidate& y) {
      return std::tie(x.rank, x.label) < std::tie(y.rank, y.label);
    });
  }

  const Analysis& a_;
  eval::Evaluation& e_;
  std::string_view text_;
  std::vector<Token> tokens_;
  std::vector<Open> open_;
  std::size_t member_ = 0;  // where the member begins that the offset is in
  const Schema* self_ = nullptr;
  Record* self_record_ = nullptr;
  Span replaced_;
  bool silent_ = false;  // in a comment or a string
  Completion out_;
  std::set<std::string> seen_;
};

}  // namespace

Completion complete(const Analysis& a, std::string_view text, std::uint32_t offset) {
  return Completer(a, text, offset).run();
}

std::optional<Call> call_at(const Analysis& a, std::string_view text, std::uint32_t offset) {
  return Completer(a, text, offset).call();
}

}  // namespace lab::ide
