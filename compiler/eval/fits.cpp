// Which types fit where others are wanted, and what is said when one does not.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/diagnostics/article.h"
#include "compiler/eval/engine.h"
#include "compiler/types/quantity.h"

namespace lab::eval {

TypeRef Engine::join(TypeRef a, TypeRef b) {
  if (a == b || b->kind == TypeKind::empty || b->kind == TypeKind::poison) return a;
  if (a->kind == TypeKind::empty || a->kind == TypeKind::poison) return b;
  if (b->kind == TypeKind::none) return types_.optional(a);
  if (a->kind == TypeKind::none) return types_.optional(b);
  if (a->kind == TypeKind::list && b->kind == TypeKind::list)
    return types_.list(join(a->element, b->element));
  if (a->kind == TypeKind::secret || b->kind == TypeKind::secret)
    return types_.secret(types_.simple(TypeKind::string));
  if (fits(a, b)) return b;
  if (fits(b, a)) return a;
  return types_.simple(TypeKind::any);
}

bool Engine::fits(TypeRef from, TypeRef to) {
  if (from == to) return true;
  const auto is = [](TypeRef t, TypeKind k) { return t->kind == k; };
  if (is(from, TypeKind::poison) || is(to, TypeKind::poison) || is(from, TypeKind::empty)) return true;
  if (is(to, TypeKind::refined)) return fits(from, to->element);
  if (is(from, TypeKind::refined)) return fits(from->element, to);
  if (is(to, TypeKind::optional)) return is(from, TypeKind::none) || fits(from, to->element);
  if (is(from, TypeKind::optional)) return fits(from->element, to);
  if (is(to, TypeKind::union_))
    return std::any_of(to->alternatives.begin(), to->alternatives.end(),
                       [&](TypeRef a) { return fits(from, a); });
  if (is(to, TypeKind::secret)) {
    if (is(from, TypeKind::secret)) return fits(from->element, to->element);
    return is(from, TypeKind::any) || (is(from, TypeKind::reference) && from->schema->name == word_.secret) ||
           is(from, TypeKind::dependent);
  }
  if (is(from, TypeKind::secret))
    return is(to, TypeKind::record) && !to->schema->fields.empty() && fits(from, to->schema->fields[0].type);
  if (is(to, TypeKind::any) || is(from, TypeKind::any))
    return !(is(from, TypeKind::reference) && is(to, TypeKind::any) && false);
  if (is(from, TypeKind::union_))
    return std::any_of(from->alternatives.begin(), from->alternatives.end(),
                       [&](TypeRef a) { return fits(a, to); });
  if (is(from, TypeKind::none)) return types::accepts_none(to);
  if (is(to, TypeKind::dependent)) {
    const std::string_view what = text(to->name);
    if (what == "ip")
      return is(from, TypeKind::ip) || is(from, TypeKind::host_part) || is(from, TypeKind::dependent);
    if (what == "ip-range")
      return is(from, TypeKind::ip_range) || is(from, TypeKind::host_range) || is(from, TypeKind::dependent);
    return is(from, TypeKind::record) || is(from, TypeKind::reference) || is(from, TypeKind::dependent) ||
           is(from, TypeKind::word) || is(from, TypeKind::string);
  }
  if (is(from, TypeKind::dependent)) {
    const std::string_view what = text(from->name);
    if (what == "ip")
      return is(to, TypeKind::ip) || (is(to, TypeKind::record) && !to->schema->fields.empty() &&
                                      fits(from, to->schema->fields[0].type));
    if (what == "ip-range") return is(to, TypeKind::ip_range);
    return true;
  }
  // A record is filled through its first field, and stands for it.
  if (is(to, TypeKind::record) && to->schema->kind != SchemaKind::tag) {
    if (is(from, TypeKind::record) && from->schema == to->schema) return true;
    if (is(from, TypeKind::map)) return true;
    if (!to->schema->fields.empty() && fits(from, to->schema->fields[0].type)) return true;
  }
  if (is(to, TypeKind::record))
    return is(from, TypeKind::record) ? from->schema == to->schema
                                      : is(from, TypeKind::word) && from->name == to->schema->name;
  if (is(from, TypeKind::record)) {
    if (from->schema->kind == SchemaKind::tag)
      return is(to, TypeKind::word) && to->name == from->schema->name;
    return !from->schema->fields.empty() && !is(to, TypeKind::reference) && !is(to, TypeKind::map) &&
           !is(to, TypeKind::list) && fits(from->schema->fields[0].type, to);
  }
  switch (to->kind) {
    case TypeKind::reference:
      return is(from, TypeKind::reference) &&
             (from->schema->is_a(to->schema) || to->schema->is_a(from->schema));
    case TypeKind::list:
      return is(from, TypeKind::list) && fits(from->element, to->element);
    case TypeKind::map:
      return (is(from, TypeKind::map) && fits(from->element, to->element)) || is(from, TypeKind::kind);
    case TypeKind::range:
      return is(from, TypeKind::range) ? fits(from->element, to->element) : fits(from, to->element);
    case TypeKind::string:
      return is(from, TypeKind::string);
    case TypeKind::word:
      return is(from, TypeKind::word)
                 ? from->name == to->name
                 : is(from, TypeKind::boolean) && (text(to->name) == "true" || text(to->name) == "false");
    case TypeKind::real:
      return is(from, TypeKind::integer) || is(from, TypeKind::real);
    case TypeKind::cores:
      return is(from, TypeKind::integer) || is(from, TypeKind::real) || is(from, TypeKind::cores);
    case TypeKind::version:
      return is(from, TypeKind::version) || is(from, TypeKind::real) || is(from, TypeKind::integer) ||
             is(from, TypeKind::string);
    case TypeKind::ip_range:
      return is(from, TypeKind::ip_range);
    case TypeKind::boolean:
      return is(from, TypeKind::boolean) ||
             (is(from, TypeKind::word) && (text(from->name) == "true" || text(from->name) == "false"));
    case TypeKind::kind:
    case TypeKind::template_:
      return from->schema == to->schema && from->kind == to->kind;
    default:
      return from->kind == to->kind;
  }
}

void Engine::mismatch(NodeRef n, TypeRef expected, TypeRef found) {
  const TypeRef e = types::bare(expected);
  if (is_secret(found)) {
    report(
        Code::secret_flow, n, "a secret",
        fmt::format("a secret cannot go where {} is public", diagnostics::with_article(types_.describe(e))))
        .note("secrets reach Kubernetes Secrets, encrypted files and secret inputs of steps alone");
    return;
  }
  if (e->kind == TypeKind::string && expected->kind == TypeKind::secret) {
    report(Code::secret_flow, n, "written in the source", "a secret is never written in the source")
        .note(
            "declare `secret NAME = given` and write `secret.NAME`; `labc secret set NAME` stores its value");
    return;
  }
  auto& d = report(Code::type_mismatch, n, fmt::format("a value of type {}", types_.describe(found)),
                   fmt::format("expected {}, found {}", types_.describe(expected), types_.describe(found)));
  const NodeKind k = program_[n].kind;
  const std::string spelled(program_.sources().slice(program_.span(n)));
  const bool wants_text =
      types::find_alternative(expected, [](TypeRef t) { return t->kind == TypeKind::string; }) != nullptr;
  if (wants_text && k != NodeKind::List && k != NodeKind::Body && k != NodeKind::Tagged &&
      k != NodeKind::None) {
    const bool literal = k == NodeKind::Int || k == NodeKind::Decimal || k == NodeKind::Quantity ||
                         k == NodeKind::Ip || k == NodeKind::Version;
    const std::string quoted = literal ? fmt::format("\"{}\"", spelled) : fmt::format("\"${{{}}}\"", spelled);
    if (spelled.find_first_of("\"\n{}") == std::string::npos)
      d.replace(program_.span(n), quoted, fmt::format("write `{}`", quoted));
  }
  if (k == NodeKind::Int && e->kind == TypeKind::size)
    d.replace(program_.span(n), spelled + "GiB", fmt::format("give it a unit: `{}GiB`", spelled),
              diagnostics::Applicability::maybe);
  if (k == NodeKind::Int && e->kind == TypeKind::duration)
    d.replace(program_.span(n), spelled + "s", fmt::format("give it a unit: `{}s`", spelled),
              diagnostics::Applicability::maybe);
  if (k == NodeKind::Int && e->kind == TypeKind::port)
    d.replace(program_.span(n), "tcp/" + spelled, fmt::format("say of which protocol: `tcp/{}`", spelled),
              diagnostics::Applicability::maybe);
  const bool wants_cores =
      types::find_alternative(expected, [](TypeRef t) { return t->kind == TypeKind::cores; }) != nullptr;
  if (k == NodeKind::Quantity && wants_cores)  // `200m`, as Kubernetes has it
    if (const auto cores = types::Cores::parse(spelled); !cores && !cores.problem().suggestion.empty())
      d.replace(program_.span(n), cores.problem().suggestion,
                fmt::format("write `{}`", cores.problem().suggestion));
  if (e->kind == TypeKind::list && fits(found, e->element))
    d.replace(program_.span(n), fmt::format("[{}]", spelled), fmt::format("write a list: `[{}]`", spelled));
  if (found->kind == TypeKind::template_)
    d.note("a template is no resource: it yields nothing until something is like it");
}

}  // namespace lab::eval
