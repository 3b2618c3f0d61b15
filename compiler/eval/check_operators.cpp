// Elaboration of operators with two sides.
#include <fmt/format.h>

#include "compiler/eval/engine.h"

namespace lab::eval {

using syntax::Op;

TypeRef Engine::check_binary(NodeRef n, const Scope* scope, TypeRef expected, Info& out) {
  const Op op = static_cast<Op>(program_[n].op);
  const NodeRef left = program_.child(n, 0), right = program_.child(n, 1);
  const TypeRef boolean = types_.simple(TypeKind::boolean);
  switch (op) {
    case Op::and_:
    case Op::or_: {
      for (const NodeRef side : {left, right}) {
        const TypeRef t = check(side, nullptr, scope);
        if (!fits(t, boolean)) {
          mismatch(side, boolean, t);
          return fail(out);
        }
      }
      return boolean;
    }
    case Op::coalesce: {
      const TypeRef a = check(left, nullptr, scope);
      const TypeRef b = check(right, expected != nullptr ? expected : types::bare(a), scope);
      if (expected != nullptr) return expected;
      const TypeRef stripped = a->kind == TypeKind::optional ? a->element : a;
      return join(stripped, b);
    }
    case Op::eq:
    case Op::ne:
    case Op::in:
    case Op::lt:
    case Op::le:
    case Op::gt:
    case Op::ge: {
      // The side that says what it is helps the other: `h != pve1`, `kind == dir`, `dir in kinds`.
      const bool left_name = program_[left].kind == NodeKind::Name;
      NodeRef first = left, second = right;
      if (op == Op::in && left_name) std::swap(first, second);
      const TypeRef a = check(first, nullptr, scope);
      const auto compared = [&] {
        refuse_secret(n, "a secret is compared here",
                      "a secret cannot decide anything: it cannot be compared");
        return fail(out);
      };
      if (a->kind == TypeKind::secret) return compared();
      TypeRef hint = is_secret(a) ? nullptr : a;
      if (op == Op::in && hint != nullptr) {
        hint = first == right ? element_type(a, types::bare(a)->kind == TypeKind::map) : types_.list(a);
        if (types::bare(a)->kind == TypeKind::ip_range || types::bare(a)->kind == TypeKind::cidr ||
            types::bare(a)->kind == TypeKind::string)
          hint = nullptr;
      }
      // A kind on the left, elements in a list on the right: `h.name in ["a"]`.
      const NodeKind k = program_[second].kind;
      const bool needs_hint =
          k == NodeKind::Name || k == NodeKind::List || k == NodeKind::HostPart || k == NodeKind::Paren;
      TypeRef b = nullptr;
      if (needs_hint && hint != nullptr && types::bare(hint)->kind != TypeKind::any) {
        // Only a hint: what does not fit is compared all the same, and said there.
        Info second_info;
        b = check_new(second, hint, scope, second_info);
        if (info_.size() < program_.size()) info_.resize(program_.size());
        second_info.type = b;
        info_[second] = second_info;
      } else {
        b = check(second, nullptr, scope);
      }
      // Two references to secrets are judged when it is known whether they have keys.
      const auto decides = [&](TypeRef one, TypeRef other) {
        return is_secret(one) && !is_secret(other) && other->kind != TypeKind::any &&
               other->kind != TypeKind::none && other->kind != TypeKind::poison && !fits(other, one);
      };
      if (b->kind == TypeKind::secret || decides(a, b) || decides(b, a)) return compared();
      if ((op == Op::eq || op == Op::ne) && !fits(a, b) && !fits(b, a)) {
        report(Code::bad_operands, n, "never equal",
               fmt::format("a value of type {} is never equal to one of type {}", types_.describe(a),
                           types_.describe(b)));
        return fail(out);
      }
      return boolean;
    }
    case Op::range: {
      const TypeRef wanted =
          types::find_alternative(expected, [](TypeRef t) { return t->kind == TypeKind::range; });
      const TypeRef a = check(left, wanted != nullptr ? wanted->element : nullptr, scope);
      check(right, wanted != nullptr ? wanted->element : nullptr, scope);
      return wanted != nullptr ? wanted : types_.range(a);
    }
    default: {
      // Lists that are joined are lists of what is expected.
      const TypeRef wanted =
          op == Op::add
              ? types::find_alternative(expected, [](TypeRef t) { return t->kind == TypeKind::list; })
              : nullptr;
      const TypeRef a = types::bare(check(left, wanted, scope));
      const TypeRef b = types::bare(check(right, wanted, scope));
      if (is_secret(info_[left].type) || is_secret(info_[right].type)) {
        if (op == Op::add) return types_.secret(types_.simple(TypeKind::string));
        refuse_secret(n, "a secret goes in here", "nothing can be computed from a secret but a longer text");
        return fail(out);
      }
      const auto is = [](TypeRef t, TypeKind k) { return t->kind == k; };
      if (is(a, TypeKind::poison) || is(b, TypeKind::poison)) return fail(out);
      if (is(a, TypeKind::any) || is(b, TypeKind::any) || is(a, TypeKind::union_) || is(b, TypeKind::union_))
        return op == Op::add && is(b, TypeKind::list)            ? b
               : is(a, TypeKind::any) || is(a, TypeKind::union_) ? types_.simple(TypeKind::any)
                                                                 : a;
      if (is(a, TypeKind::list) && is(b, TypeKind::list)) return types_.list(join(a->element, b->element));
      if (is(a, TypeKind::real) || is(b, TypeKind::real))
        return is(a, TypeKind::integer) || is(a, TypeKind::real) ? b : a;
      if (op == Op::div && a->kind == b->kind && !is(a, TypeKind::integer))
        return types_.simple(TypeKind::real);
      if (op == Op::sub && is(a, TypeKind::ip) && is(b, TypeKind::ip))
        return types_.simple(TypeKind::integer);
      if (op == Op::mul && is(a, TypeKind::integer)) return b;
      return a;
    }
  }
}

}  // namespace lab::eval
