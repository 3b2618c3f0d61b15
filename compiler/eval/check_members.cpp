// Elaboration of `object.member`: what a name means behind a value of some type.
#include <fmt/format.h>

#include "compiler/diagnostics/nearest.h"
#include "compiler/eval/builtins.h"
#include "compiler/eval/engine.h"

namespace lab::eval {

using syntax::Node;

TypeRef Engine::check_member(NodeRef n, const Scope* scope, Info& out) {
  const Symbol name = program_[n].text;
  const NodeRef object = program_.child(n, 0);
  // `host.pve1`: a resource by its kind, even where a bare `host` means something nearer.
  const TypeRef whole = check(object, nullptr, scope);
  const TypeRef t = types::bare(whole);
  const bool secret = whole->kind == TypeKind::secret;
  switch (t->kind) {
    case TypeKind::poison:
      return fail(out);
    case TypeKind::kind:
      if (Record* r = find_resource(t->schema, name, n, nullptr, true);
          r != nullptr || (r = find_removed(t->schema, name)) != nullptr) {
        out.res = Res::resource;
        out.object = r;
        return types_.reference(r->schema);
      } else {
        std::vector<std::string_view> names;
        for (const Record* other : existing_)
          if (other->schema->is_a(t->schema)) names.push_back(text(other->name));
        source::Span at = program_.span(n);
        at.begin = at.end - static_cast<std::uint32_t>(text(name).size());
        auto& d = sink_.report(
            diagnostics::make(Code::unknown_name, at, fmt::format("no such {}", text(t->schema->name)),
                              "there is no {} called `{}`", text(t->schema->name), text(name)));
        if (const auto best = diagnostics::nearest(text(name), names))
          d.replace(at, std::string(*best), fmt::format("did you mean `{}`?", *best),
                    diagnostics::Applicability::maybe);
        return fail(out);
      }
    case TypeKind::record:
    case TypeKind::reference:
    case TypeKind::template_: {
      out.res = Res::member_entry;
      if (name == word_.name && t->schema->find(name) == nullptr) {
        out.res = Res::field;
        const TypeRef string = types_.simple(TypeKind::string);
        return t->schema->label == types::Label::optional ? types_.optional(string) : string;
      }
      if (const Field* f = t->schema->find(name)) {
        out.res = Res::field;
        out.index = static_cast<std::uint16_t>(f->index);
        out.object = t->schema;
        return secret ? types_.secret(f->type) : f->type;
      }
      // Entries of its map fields, what lives in it, a component's parts, a secret's keys.
      TypeRef element = nullptr;
      bool several = false;
      for (const Field& f : t->schema->fields) {
        const TypeRef map =
            types::find_alternative(f.type, [](TypeRef a) { return a->kind == TypeKind::map; });
        if (map == nullptr) continue;
        several = element != nullptr;
        element = map->element;
      }
      if (t->schema->name == word_.secret) return types_.secret(types_.simple(TypeKind::string));
      if (t->schema->kind == SchemaKind::component && t->kind == TypeKind::reference) {
        for (const NodeRef c : program_.children(t->schema->decl)) {
          const Node& part = program_[c];
          if (part.kind == NodeKind::Entry && part.has(syntax::has_label) && program_[c + 1].text == name &&
              program_[c + 1].kind == NodeKind::Name)
            if (const Schema* k = kind(part.text)) return types_.reference(k);
        }
      }
      if (element != nullptr && !several) return element;
      if (element != nullptr || text(t->schema->name) == "namespace" ||
          t->schema->kind == SchemaKind::component || t->kind == TypeKind::reference)
        return types_.simple(TypeKind::any);
      if (text(t->schema->name).empty() && t->schema->fields.empty()) return types_.simple(TypeKind::any);
      unknown_field(n, *t->schema, name);
      return fail(out);
    }
    case TypeKind::map:
      return t->element;
    case TypeKind::union_: {
      // The field of whichever alternative has it, when they agree on its type.
      TypeRef found = nullptr;
      bool agree = true;
      types::find_alternative(t, [&](TypeRef a) {
        const Field* f =
            a->kind == TypeKind::record || a->kind == TypeKind::reference ? a->schema->find(name) : nullptr;
        if (f != nullptr) {
          agree = agree && (found == nullptr || found == f->type);
          found = f->type;
        }
        return false;
      });
      return found != nullptr && agree && !secret ? found : types_.simple(TypeKind::any);
    }
    case TypeKind::any:
    case TypeKind::dependent:
      return types_.simple(TypeKind::any);
    case TypeKind::list: {
      const NodeRef at = n;
      auto& d = report(Code::unknown_field, at, "a list has no fields",
                       fmt::format("a list has no field `{}`", text(name)));
      if (find_builtin(text(name)) == nullptr)
        d.note("name an element: `x[0]`, or go over it: `[for e in x: e.field]`");
      [[fallthrough]];
    }
    default:
      // `x.first` without parentheses is the function on x.
      if (const Builtin* b = find_builtin(text(name)); b != nullptr && b->least <= 1) {
        out.res = Res::function;
        out.object = b;
        return types_.simple(TypeKind::any);
      }
      if (t->kind != TypeKind::list) {
        report(Code::unknown_field, n, fmt::format("a value of type {}", types_.describe(t)),
               fmt::format("a value of type {} has no field `{}`", types_.describe(t), text(name)));
      }
      return fail(out);
  }
}

}  // namespace lab::eval
