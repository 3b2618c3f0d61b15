// Elaboration of expressions: types, once a node. Runtime values are checked again where a type
// depends on them (`storage of on`), so this pass is sure of what it refuses and lenient elsewhere.
#include <fmt/format.h>

#include "compiler/eval/engine.h"
#include "compiler/eval/limits.h"

namespace lab::eval {

using syntax::Node;
using syntax::Op;

diagnostics::Diagnostic& Engine::report(Code code, NodeRef at, std::string label, std::string message) {
  // What goes wrong inside the standard library is shown where the lab brought it about.
  if (at != 0 && program_.standard(at)) {
    for (auto it = reading_.rbegin(); it != reading_.rend(); ++it) {
      const Record* cause = it->first->resource != nullptr ? it->first->resource : it->first;
      if (cause->origin == 0 || program_.standard(cause->origin)) continue;
      auto d = diagnostics::make(
          code, program_.header(cause->origin),
          fmt::format("by `{}` of this", text(it->first->schema->fields[it->second].name)), "{}", message);
      d.at(program_.header(at), std::move(label));
      return sink_.report(std::move(d));
    }
  }
  return sink_.report(diagnostics::make(code, program_.header(at), std::move(label), "{}", message));
}

TypeRef Engine::check(NodeRef n, TypeRef expected, const Scope* scope) {
  if (info_[n].type != nullptr) return info_[n].type;
  Info out;
  if (depth_ >= max_check_depth) {
    report(Code::limit_exceeded, n, "nested too deeply here",
           fmt::format("what this is made of is nested more than {} levels deep", max_check_depth));
    out.type = types_.simple(TypeKind::poison);
    info_[n] = out;
    return out.type;
  }
  ++depth_;
  TypeRef found = check_new(n, expected, scope, out);
  --depth_;
  if (info_.size() < program_.size()) info_.resize(program_.size());
  if (expected != nullptr && !fits(found, expected)) {
    mismatch(n, expected, found);
    found = types_.simple(TypeKind::poison);
  }
  out.type = found;
  info_[n] = out;
  return found;
}

TypeRef Engine::check_new(NodeRef n, TypeRef expected, const Scope* scope, Info& out) {
  const Node node = program_[n];
  switch (node.kind) {
    case NodeKind::Name:
      return check_name(n, expected, scope, out);
    case NodeKind::Self: {
      if (scope->self_type != nullptr) return scope->self_type;
      if (scope->self != nullptr) return types_.reference(scope->self);
      return types_.simple(TypeKind::any);
    }
    case NodeKind::Paren:
      return check(program_.child(n, 0), expected, scope);
    case NodeKind::Member:
      return check_member(n, scope, out);
    case NodeKind::Index: {
      const TypeRef object = check(program_.child(n, 0), nullptr, scope);
      const NodeRef index = program_.child(n, 1);
      const TypeRef o = types::bare(object);
      TypeRef key = nullptr;
      TypeRef result = types_.simple(TypeKind::any);
      if (o->kind == TypeKind::map) {
        key = o->key->kind == TypeKind::any ? nullptr : o->key;
        result = o->element;
      }
      if (o->kind == TypeKind::list) result = o->element;
      if (o->kind == TypeKind::kind) result = types_.reference(o->schema);
      if (o->kind == TypeKind::cidr || o->kind == TypeKind::ip_range || o->kind == TypeKind::dependent)
        result = types_.simple(TypeKind::ip);
      if (o->kind == TypeKind::reference && program_[index].kind == NodeKind::HostPart)
        result = types_.simple(TypeKind::ip);
      check(index, key, scope);
      return result;
    }
    case NodeKind::Call:
      return check_call(n, expected, scope, out);
    case NodeKind::Tagged:
      return check_tagged(n, expected, scope, out);
    case NodeKind::Unary: {
      if (static_cast<Op>(node.op) == Op::not_)
        return check(program_.child(n, 0), types_.simple(TypeKind::boolean), scope);
      const TypeRef t = check(program_.child(n, 0), nullptr, scope);
      if (!is_secret(t)) return t;
      refuse_secret(n, "a secret goes in here", "nothing can be computed from a secret but a longer text");
      return fail(out);
    }
    case NodeKind::Binary:
      return check_binary(n, scope, expected, out);
    case NodeKind::Conditional: {
      check(program_.child(n, 0), types_.simple(TypeKind::boolean), scope);
      const TypeRef a = check(program_.child(n, 1), expected, scope);
      const TypeRef b = check(program_.child(n, 2), expected, scope);
      return expected != nullptr ? expected : join(a, b);
    }
    case NodeKind::List: {
      const TypeRef list =
          types::find_alternative(expected, [](TypeRef t) { return t->kind == TypeKind::list; });
      TypeRef element = nullptr;
      for (const NodeRef c : program_.children(n)) {
        const TypeRef t = check(c, list != nullptr ? list->element : nullptr, scope);
        element = element == nullptr ? t : join(element, t);
      }
      if (list != nullptr) return list;
      return types_.list(element == nullptr ? types_.simple(TypeKind::empty) : element);
    }
    case NodeKind::Comprehension:
      return check_comprehension(n, expected, scope);
    case NodeKind::Body: {
      // Elaborated member by member when it becomes a record; without an expected type it is free-form data.
      const TypeRef record = types::only_record(expected);
      if (record != nullptr) return record;
      if (const TypeRef map = types::find_alternative(
              expected, [](TypeRef t) { return t->kind == TypeKind::map || t->kind == TypeKind::any; }))
        return map;
      if (expected != nullptr && types::bare(expected)->kind == TypeKind::secret) return expected;
      return types_.map(types_.simple(TypeKind::string), types_.simple(TypeKind::any));
    }
    case NodeKind::Interpolation: {
      bool secret = false;
      for (const NodeRef c : program_.children(n)) {
        const TypeRef t = check(c, nullptr, scope);
        secret = secret || is_secret(t);
      }
      if (secret) return types_.secret(types_.simple(TypeKind::string));
      return types_.simple(TypeKind::string);
    }
    case NodeKind::Error:
      return types_.simple(TypeKind::poison);
    case NodeKind::String:
      // A word that is no name is written as a string: `"os:admin"`.
      if (types::has_word(expected, node.text)) {
        Value v(Tag::word, n);
        v.word = node.text;
        out.res = Res::constant;
        out.node = static_cast<std::uint32_t>(constants_.size());
        constants_.push_back(v);
        return types_.word(node.text);
      }
      [[fallthrough]];
    default:
      return check_literal(n, expected, out);
  }
}

TypeRef Engine::element_type(TypeRef list, bool key) {
  const TypeRef t = types::bare(list);
  if (t == nullptr) return types_.simple(TypeKind::any);
  switch (t->kind) {
    case TypeKind::list:
      return key ? types_.simple(TypeKind::integer) : t->element;
    case TypeKind::map:
      return key ? t->key : t->element;
    case TypeKind::kind:
      return key ? types_.simple(TypeKind::string) : types_.reference(t->schema);
    case TypeKind::range:
      return key ? types_.simple(TypeKind::integer) : t->element;
    default:
      return types_.simple(TypeKind::any);
  }
}

TypeRef Engine::check_comprehension(NodeRef n, TypeRef expected, const Scope* scope) {
  const NodeRef list = program_.child(n, 0);
  const TypeRef t = check(list, nullptr, scope);
  const Scope* own = loop_scope(n, scope, t);
  unsigned i = 1;
  if (program_[n].has(syntax::has_value))
    check(program_.child(n, i++), types_.simple(TypeKind::boolean), own);
  const TypeRef wanted =
      types::find_alternative(expected, [](TypeRef a) { return a->kind == TypeKind::list; });
  const NodeRef element = program_.child(n, i);
  const TypeRef e = check(element, wanted == nullptr ? nullptr : wanted->element, own);
  return wanted != nullptr ? wanted : types_.list(e);
}

}  // namespace lab::eval
