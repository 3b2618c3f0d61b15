// `for` and `if` among members: the one place that says which bodies they stand for.
#include "compiler/eval/engine.h"
#include "compiler/eval/limits.h"

namespace lab::eval {

/// Calls `turn` with each body that a `for` or `if` yields, in order, and the environment it stands in. A
/// list or condition that is wrong was reported, and yields nothing.
void Engine::generate(NodeRef m, Env* env, const Turn& turn) {
  const TypeRef boolean = types_.simple(TypeKind::boolean);
  const NodeRef head = m + 1, end = m + program_[m].size;
  const NodeRef second = head + program_[head].size;
  if (program_[m].kind == NodeKind::If) {
    const Value condition = eval(head, env, boolean, {});
    if (!condition.is(Tag::boolean)) return;
    const NodeRef chosen = condition.b ? second : second + program_[second].size;
    if (chosen >= end) return;
    if (program_[chosen].kind == NodeKind::If)
      generate(chosen, env, turn);
    else
      turn(chosen, body_env(chosen, env, nullptr));
    return;
  }
  const Value list = eval(head, env, nullptr, {});
  loop_scope(m, env->scope, info_[head].type);
  const bool filtered = program_[second].kind != NodeKind::Body;
  const NodeRef body = filtered ? second + program_[second].size : second;
  const bool two_variables = program_[m].op == 2;
  iterate(list, head, [&](const Value& key, const Value& value) {
    steps_ += turn_steps;
    if (!enter(m)) return;
    Env* own = loop_env(m, env);
    own->variables[0] = two_variables ? key : value;
    if (two_variables) own->variables[1] = value;
    if (filtered) {
      const Value wanted = eval(second, own, boolean, {});
      if (!wanted.is(Tag::boolean) || !wanted.b) return;
    }
    turn(body, body_env(body, own, nullptr));
  });
}

}  // namespace lab::eval
