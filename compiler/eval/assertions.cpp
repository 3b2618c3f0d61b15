// Assertions: of the lab, of kinds, of tests. A refuted one shows the values of its parts.
#include <fmt/format.h>

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
      if (d.notes.size() >= 8 || info_[n].res == Res::word || info_[n].res == Res::resource) return;
      const Value v = eval(n, env, nullptr, {});
      if (v.poisoned() || v.is(Tag::kind)) return;
      std::string shown = display(v);
      if (shown.size() > 160) shown = shown.substr(0, 157) + "…";
      d.note(fmt::format("`{}` is {}", program_.sources().slice(program_.span(n)), shown));
      return;
    }
    default: return;
  }
}

void Engine::assert_one(NodeRef a, Env* env, const Record* resource) {
  const NodeRef expression = a + 1, message = expression + program_[expression].size;
  const bool assume = program_[a].kind == NodeKind::Assume;
  check(expression, types_.simple(TypeKind::boolean), env->scope);
  if (const std::string_view f = deferred_function(program_, symbols_, expression); !f.empty()) {
    const Value why = assume ? eval(message, env, types_.simple(TypeKind::string), {}) : poison();
    assumptions_.push_back({a, why.is(Tag::string) ? why.text : std::string_view(), f});
    return;
  }
  const Value v = eval(expression, env, types_.simple(TypeKind::boolean), {});
  if (!v.is(Tag::boolean) || v.b) return;
  const Value said = eval(message, env, types_.simple(TypeKind::string), {});
  const std::string_view words = said.is(Tag::string) ? said.text : std::string_view("it does not hold");
  if (resource != nullptr) {
    auto& d = report(Code::schema_rule_failed, resource->origin, std::string(words), fmt::format("{} `{}`: {}", text(resource->schema->name), text(resource->name), words));
    d.at(program_.span(expression), "the rule");
    show_parts(expression, env, d, 0);
    return;
  }
  auto& d = report(Code::assertion_failed, expression, "refuted", fmt::format("{}: {}", assume ? "an assumption is refuted" : "an assertion is refuted", words));
  show_parts(expression, env, d, 0);
}

/// Assertions among members, with the loops and conditions around them.
void Engine::assert_members(NodeRef m, Env* env, const Record* resource, bool top) {
  (void)top;
  const Node node = program_[m];
  switch (node.kind) {
    case NodeKind::Assert:
    case NodeKind::Assume: assert_one(m, env, resource); return;
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
        Env* inner = body_env(body, own, nullptr);
        for (const NodeRef x : program_.children(body)) assert_members(x, inner, resource, false);
      });
      return;
    }
    case NodeKind::If: {
      const NodeRef condition = m + 1, then = condition + program_[condition].size, other = then + program_[then].size;
      const Value c = eval(condition, env, types_.simple(TypeKind::boolean), {});
      if (!c.is(Tag::boolean)) return;
      if (c.b) {
        Env* inner = body_env(then, env, nullptr);
        for (const NodeRef x : program_.children(then)) assert_members(x, inner, resource, false);
      } else if (other < m + node.size) {
        if (program_[other].kind == NodeKind::If) assert_members(other, env, resource, false);
        else for (const NodeRef x : program_.children(other)) assert_members(x, body_env(other, env, nullptr), resource, false);
      }
      return;
    }
    default: return;
  }
}

void Engine::check_assertions() {
  for (std::size_t i = 0; i < assertions_.size(); ++i) assert_members(assertions_[i].first, assertions_[i].second, nullptr, true);
  for (std::size_t i = 0; i < existing_.size(); ++i) {
    Record* r = existing_[i];
    for (const Schema* s = r->schema; s != nullptr; s = s->like)
      for (const NodeRef c : program_.children(s->decl)) {
        const NodeKind k = program_[c].kind;
        if (k == NodeKind::Assert || k == NodeKind::Assume || ((k == NodeKind::For || k == NodeKind::If) && only_assertions(c))) assert_members(c, record_env(*r), r, true);
      }
  }
}

}  // namespace lab::eval
