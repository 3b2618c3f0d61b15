// Evaluation of lists, of what `for` goes over, and of resources by kind.
#include <fmt/format.h>

#include "compiler/eval/engine.h"
#include "compiler/eval/limits.h"

namespace lab::eval {

using syntax::Node;

Value Engine::compute_list(NodeRef n, Env* env, TypeRef expected, const Context& context) {
  const TypeRef list = types::find_alternative(expected, [](TypeRef t) { return t->kind == TypeKind::list; });
  std::vector<Value> items;
  for (const NodeRef c : program_.children(n)) {
    const Value v = eval(c, env, list == nullptr ? nullptr : list->element, context);
    if (v.poisoned()) return poison();
    items.push_back(v);
  }
  return make_list(items, n);
}

Value Engine::resources_as_map(const Schema* schema, Origin origin) {
  std::vector<Pair> items;
  const auto add = [&](Record* r) {
    Value v(Tag::record, origin);
    v.record = r;
    items.push_back({make_string(text(r->name), r->origin), v});
  };
  std::vector<const std::vector<Record*>*> kinds;  // a kind, and those that are like it
  for (const auto& [name, records] : by_kind_)
    if (!records.empty() && records.front()->schema->is_a(schema)) kinds.push_back(&records);
  if (kinds.size() == 1)
    for (Record* r : *kinds.front()) add(r);
  else if (!kinds.empty())
    for (Record* r : existing_)
      if (r->schema->is_a(schema)) add(r);
  return make_map(items, origin);
}

bool Engine::iterate(const Value& c, NodeRef at, const Each& each) {
  const auto number = [&](std::int64_t i) {
    Value v(Tag::integer, at);
    v.i = i;
    return v;
  };
  switch (c.tag) {
    case Tag::poison:
    case Tag::none:
      return true;
    case Tag::list: {
      std::int64_t i = 0;
      for (const Value& v : c.list) each(number(i++), v);
      return true;
    }
    case Tag::map:
      for (const Pair& p : c.map) each(p.key, p.value);
      return true;
    case Tag::kind: {
      const Value map = resources_as_map(c.schema, at);
      for (const Pair& p : map.map) each(p.key, p.value);
      return true;
    }
    case Tag::range: {
      const Value a = c.pair[0], b = c.pair[1];
      if (a.is(Tag::integer) && b.is(Tag::integer)) {
        if (b.i - a.i >= max_elements) {
          report(Code::limit_exceeded, at, "too many",
                 fmt::format("a range of more than {} elements cannot be walked", max_elements));
          return false;
        }
        for (std::int64_t i = a.i; i <= b.i; ++i) each(number(i - a.i), number(i));
        return true;
      }
      break;
    }
    default:
      break;
  }
  if (holds_secret(c)) {
    refuse_secret(at, "a secret is gone over here", "a secret cannot decide how many there are of something");
    return false;
  }
  report(Code::bad_operands, at, "not a list",
         fmt::format("`for` goes over lists, maps, ranges of numbers and kinds, not over {}", display(c)));
  return false;
}

Value Engine::compute_comprehension(NodeRef n, Env* env, TypeRef expected, const Context& context) {
  const Node node = program_[n];
  const NodeRef list = n + 1;
  const Value c = eval(list, env, nullptr, {});
  if (c.poisoned()) return c;
  NodeRef condition = 0, element = list + program_[list].size;
  if (node.has(syntax::has_value)) {
    condition = element;
    element = condition + program_[condition].size;
  }
  const TypeRef wanted =
      types::find_alternative(expected, [](TypeRef t) { return t->kind == TypeKind::list; });
  std::vector<Value> items;
  bool broken = false;
  const bool walked = iterate(c, list, [&](const Value& k, const Value& v) {
    if (broken) return;
    Env* own = loop_env(n, env);
    own->variables[0] = node.op == 2 ? k : v;
    if (node.op == 2) own->variables[1] = v;
    if (condition != 0) {
      const Value t = eval(condition, own, types_.simple(TypeKind::boolean), {});
      if (t.poisoned()) broken = true;
      if (!t.is(Tag::boolean) || !t.b) return;
    }
    const Value e = eval(element, own, wanted == nullptr ? nullptr : wanted->element, context);
    if (e.poisoned()) broken = true;
    items.push_back(e);
  });
  return broken || !walked ? poison() : make_list(items, n);
}

}  // namespace lab::eval
