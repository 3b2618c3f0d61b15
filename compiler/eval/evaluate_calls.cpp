// Evaluation of calls and tagged bodies.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/eval/builtins.h"
#include "compiler/eval/engine.h"

namespace lab::eval {

Value Engine::compute_call(NodeRef n, Env* env, const Context& context) {
  const Info info = info_[n];
  if (info.res == Res::tag || info.res == Res::constructor) return construct(n, env, context);
  if (info.res == Res::function) return compute_function(n, info.node, env, context);
  if (info.res != Res::builtin) return poison();
  const NodeRef callee = n + 1;
  std::vector<Value> arguments;
  arguments.reserve(4);
  if (program_[callee].kind == NodeKind::Member) arguments.push_back(eval(callee + 1, env, nullptr, {}));
  for (const NodeRef c : program_.children(n))
    if (c != callee) arguments.push_back(eval(c + 1, env, nullptr, {}));
  for (const Value& a : arguments)
    if (a.poisoned()) return poison();
  return call_builtin(*static_cast<const Builtin*>(info.object), n, arguments);
}

Value Engine::compute_function(NodeRef n, NodeRef fn, Env* env, const Context& context) {
  const Scope* scope = scope_of_.at(fn);
  Env* own = make_env(scope, global_);
  const Call call = call_at(n);
  const Callable function = callable(fn);
  const std::vector<NodeRef>& parameters = function.parameters;
  std::vector<char> given(parameters.size(), 0);
  std::size_t position = 0;
  const auto give = [&](std::size_t at, NodeRef argument) {
    own->variables[at] = eval(argument, env, scope->variables[at].second, {});
    given[at] = 1;
  };
  if (call.receiver != 0 && !parameters.empty()) give(position++, call.receiver);
  for (const NodeRef c : call.arguments) {
    const std::size_t at = function.place(program_, c, position);
    if (at >= parameters.size()) return poison();
    give(at, program_.child(c, 0));
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (given[i]) {
      if (own->variables[i].poisoned()) return poison();
      continue;
    }
    const NodeRef type = program_.child(parameters[i], 0);
    own->variables[i] = eval(type + program_[type].size, own, scope->variables[i].second, {});
  }
  if (std::ranges::count(stack_, fn) > 0) {
    report(Code::evaluation_cycle, n, "called again here",
           fmt::format("the function `{}` calls itself", text(program_[fn].text)));
    return poison();
  }
  stack_.push_back(fn);
  const Value v = eval(function.body, own, type_of(function.result, global_scope_), context);
  stack_.pop_back();
  return v;
}

void Engine::spread_tagged(Record& record, NodeRef tagged, Env* env) {
  const NodeRef callee = tagged + 1, body = callee + program_[callee].size;
  if (info_[tagged].res == Res::constructor) {
    Item item;
    item.kind = Item::Kind::expression;
    item.node = callee;
    item.env = env;
    add(record, 0, item);
  }
  spread(record, body, body_env(body, env, nullptr));
}

Value Engine::compute_tagged(NodeRef n, Env* env, const Context& context) {
  const Info info = info_[n];
  if (info.res == Res::kind) {
    Value v(Tag::template_, n);
    v.tmpl = {n, env};
    return v;
  }
  return construct(n, env, context);
}

Value Engine::construct(NodeRef n, Env* env, const Context& context) {
  Record* r = new_record(static_cast<const Schema*>(info_[n].object),
                         context.owner != nullptr ? context.owner : env->self, 0, n);
  r->resource = context.owner != nullptr ? context.owner->resource : env->self;
  if (program_[n].kind == NodeKind::Call)
    spread_arguments(*r, n, env);
  else
    spread_tagged(*r, n, env);
  Value v(Tag::record, n);
  v.record = r;
  return v;
}

}  // namespace lab::eval
