// Assertions: of the lab, of kinds, of tests. A refuted one shows the values of its parts.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/eval/builtins.h"
#include "compiler/eval/engine.h"

namespace lab::eval {

using syntax::Node;

namespace {

/// The function of flows or losses that an expression asks, if any: decided later, on the model.
std::string_view deferred_function(const names::Program& program, const source::Symbols& symbols, NodeRef n) {
  const NodeRef end = n + program[n].size;
  for (NodeRef i = n; i < end; ++i) {
    if (program[i].kind != NodeKind::Call) continue;
    const Builtin* b = find_builtin(symbols.text(program[i + 1].text));
    if (b != nullptr && b->deferred) return b->name;
  }
  return {};
}

}  // namespace

void Engine::show_parts(NodeRef n, Env* env, diagnostics::Diagnostic& d, unsigned depth) {
  const Node node = program_[n];
  switch (node.kind) {
    case NodeKind::Binary:
    case NodeKind::Unary:
    case NodeKind::Paren:
    case NodeKind::Conditional:
      for (const NodeRef c : program_.children(n)) show_parts(c, env, d, depth + 1);
      return;
    case NodeKind::Name:
    case NodeKind::Member:
    case NodeKind::Index:
    case NodeKind::Call: {
      if (info_[n].res == Res::builtin && info_[n].type->kind == TypeKind::boolean &&
          static_cast<const Builtin*>(info_[n].object)->deferred)
        return;
      if (d.notes.size() >= 8 || info_[n].res == Res::word || info_[n].res == Res::resource) return;
      const Value v = eval(n, env, nullptr, {});
      if (v.poisoned() || v.is(Tag::kind)) return;
      std::string shown = display(v);
      if (shown.size() > 160) shown = shown.substr(0, 157) + "…";
      d.note(fmt::format("`{}` is {}", program_.sources().slice(program_.span(n)), shown));
      return;
    }
    default:
      return;
  }
}

/// A question about the model, with its answer kept for the diagnostic.
Value Engine::ask(const Builtin& b, NodeRef n, const std::vector<Value>& arguments) {
  if (b.function == Function::loss) return arguments.front();
  if (oracle_ == nullptr || findings_ == nullptr) {
    report(Code::misplaced_statement, n, "only in an assertion",
           fmt::format("`{}` is decided on the whole lab and stands in assertions alone", b.name));
    return poison();
  }
  findings_->push_back(oracle_->ask(b.name, arguments));
  const Finding& found = findings_->back();
  if (found.verdict == Finding::Verdict::unknown) return poison();
  if (b.function == Function::exposed) {
    std::vector<Value> items;
    for (Record* r : found.resources) {
      Value v(Tag::record, n);
      v.record = r;
      items.push_back(v);
    }
    return make_list(items, n);
  }
  Value v(Tag::boolean, n);
  v.b = found.verdict == Finding::Verdict::yes;
  return v;
}

/// `exposed(…)` names a set: `==` with a list does not look at the order.
bool Engine::asks_for_a_set(NodeRef n) const {
  while (program_[n].kind == NodeKind::Paren) ++n;
  if (info_[n].res != Res::builtin || program_[n].kind != NodeKind::Call) return false;
  return static_cast<const Builtin*>(info_[n].object)->function == Function::exposed;
}

diagnostics::Diagnostic& Engine::report_unknown(NodeRef at, std::string_view what, const Finding& finding) {
  auto& d = report(Code::assertion_unknown, at, "neither proved nor refuted",
                   fmt::format("{}: {}", what, finding.said));
  for (const auto& [place, text] : finding.places) d.at(place, text);
  for (const std::string& note : finding.notes) d.note(note);
  return d;
}

/// An assertion or assumption about flows and losses. An assumption may stay unknown; nothing may be refuted.
void Engine::decide(NodeRef a, std::string_view function, Env* env, std::string_view words) {
  const bool assume = program_[a].kind == NodeKind::Assume;
  const NodeRef expression = a + 1;
  if (oracle_ == nullptr) {
    assumptions_.push_back({a, assume ? words : std::string_view(), function, {}});
    return;
  }
  std::vector<Finding> findings;
  findings_ = &findings;
  const Value v = eval(expression, env, types_.simple(TypeKind::boolean), {});
  findings_ = nullptr;
  if (v.is(Tag::boolean) && v.b) return;
  const auto unknown = std::find_if(findings.begin(), findings.end(),
                                    [](const Finding& f) { return f.verdict == Finding::Verdict::unknown; });
  if (!v.is(Tag::boolean)) {
    if (unknown == findings.end()) return;  // a mistake that was reported
    assumptions_.push_back({a, assume ? words : std::string_view(), function, unknown->said});
    if (assume) return;
    report_unknown(expression, "an assertion is unknown", *unknown)
        .note("`assume` in place of `assert`, with `because`, accepts it and puts it into the build report");
    return;
  }
  auto& d = report(Code::claim_refuted, expression, "refuted",
                   fmt::format("{}: {}", assume ? "an assumption is refuted" : "an assertion is refuted",
                               words.empty() ? std::string_view("it does not hold") : words));
  std::vector<std::pair<source::Span, std::string>> shown;
  for (const Finding& f : findings) {
    d.note(f.said);
    for (const auto& place : f.places)
      if (place.first.valid() && std::find(shown.begin(), shown.end(), place) == shown.end())
        shown.push_back(place);
    for (const std::string& note : f.notes) d.note(note);
  }
  for (auto& [place, text] : shown) d.at(place, std::move(text));
  findings.clear();
  findings_ = &findings;
  show_parts(expression, env, d, 0);
  findings_ = nullptr;
}

void Engine::assert_one(NodeRef a, Env* env, const Record* resource) {
  const NodeRef expression = a + 1, message = expression + program_[expression].size;
  const bool assume = program_[a].kind == NodeKind::Assume;
  check(expression, types_.simple(TypeKind::boolean), env->scope);
  if (message < a + program_[a].size) check(message, types_.simple(TypeKind::string), env->scope);
  if (const std::string_view f = deferred_function(program_, symbols_, expression); !f.empty()) {
    if (resource != nullptr && oracle_ == nullptr) {  // a rule of a kind, looked at before there is a model
      assertions_.emplace_back(a, env);
      return;
    }
    const Value said = eval(message, env, types_.simple(TypeKind::string), {});
    decide(a, f, env, said.is(Tag::string) ? said.text : std::string_view());
    return;
  }
  const Value v = eval(expression, env, types_.simple(TypeKind::boolean), {});
  if (!v.is(Tag::boolean) || v.b) return;
  const Value said = eval(message, env, types_.simple(TypeKind::string), {});
  const std::string_view words = said.is(Tag::string) ? said.text : std::string_view("it does not hold");
  if (resource != nullptr) {
    broken_.insert(resource);
    auto& d = report(Code::schema_rule_failed, resource->origin, std::string(words),
                     fmt::format("{} `{}`: {}", text(resource->schema->name), text(resource->name), words));
    d.at(program_.span(expression), "the rule");
    show_parts(expression, env, d, 0);
    return;
  }
  auto& d =
      report(Code::assertion_failed, expression, "refuted",
             fmt::format("{}: {}", assume ? "an assumption is refuted" : "an assertion is refuted", words));
  show_parts(expression, env, d, 0);
}

/// Assertions among members, with the loops and conditions around them.
void Engine::assert_members(NodeRef m, Env* env, const Record* resource) {
  switch (program_[m].kind) {
    case NodeKind::Assert:
    case NodeKind::Assume:
      assert_one(m, env, resource);
      return;
    case NodeKind::For:
    case NodeKind::If:
      generate(m, env, [&](NodeRef body, Env* own) {
        for (const NodeRef x : program_.children(body)) assert_members(x, own, resource);
      });
      return;
    default:
      return;
  }
}

/// The rules of a resource's kind, once: what is computed of one that breaks a rule is not looked at any
/// more.
void Engine::check_rules(Record& r) {
  if (!ruled_.insert(&r).second) return;
  for (const Schema* s = r.schema; s != nullptr; s = s->like)
    for (const NodeRef c : program_.children(s->decl)) {
      const NodeKind k = program_[c].kind;
      if (k == NodeKind::Assert || k == NodeKind::Assume ||
          ((k == NodeKind::For || k == NodeKind::If) && only_assertions(c)))
        assert_members(c, record_env(r), &r);
    }
}

void Engine::check_assertions() {
  for (std::size_t i = 0; i < existing_.size(); ++i) check_rules(*existing_[i]);
  for (std::size_t i = 0; i < assertions_.size(); ++i)
    assert_members(assertions_[i].first, assertions_[i].second, nullptr);
}

}  // namespace lab::eval
