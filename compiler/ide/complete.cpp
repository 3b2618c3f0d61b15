#include "compiler/ide/complete.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "compiler/eval/builtins.h"
#include "compiler/ide/candidates.h"
#include "compiler/ide/describe.h"

namespace lab::ide {

using eval::Tag;
using syntax::NodeKind;
using types::TypeKind;

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

/// Finds the place and says what fits there.
class Completer : public Candidates {
 public:
  using Candidates::Candidates;

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
  void top() {
    for (const auto& [name, n] : e_.declarations().kinds) {
      const std::string word(a_.text(static_cast<source::Symbol>(name)));
      const Schema* s = e_.kind_named(word);
      if (s->label == types::Label::no_resources) continue;
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
};

}  // namespace

Completion complete(const Analysis& a, std::string_view text, std::uint32_t offset) {
  return Completer(a, text, offset).run();
}

std::optional<Call> call_at(const Analysis& a, std::string_view text, std::uint32_t offset) {
  return Completer(a, text, offset).call();
}

}  // namespace lab::ide
