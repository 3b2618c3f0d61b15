// Elaboration of expressions: types, once a node. Runtime values are checked again where a type
// depends on them (`storage of on`), so this pass is sure of what it refuses and lenient elsewhere.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/diagnostics/nearest.h"
#include "compiler/eval/builtins.h"
#include "compiler/eval/engine.h"
#include "compiler/eval/limits.h"

namespace lab::eval {

using syntax::Node;
using syntax::Op;
using types::Flavour;

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
      return check_comprehension(n, expected, scope, out);
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

const Field* Engine::argument_field(NodeRef argument, const Schema& schema, std::size_t& position) {
  const Symbol name = program_[argument].text;
  if (name != Symbol::empty) {
    const Field* f = schema.find(name);
    if (f == nullptr)
      unknown_field(argument, schema, name);
    else
      note(argument, f->decl);
    return f;
  }
  while (position < schema.fields.size() && schema.fields[position].computed) ++position;
  if (position < schema.fields.size()) return &schema.fields[position++];
  report(Code::wrong_arguments, argument, "one too many",
         fmt::format("`{}` takes at most {} values", text(schema.name), schema.fields.size()));
  return nullptr;
}

void Engine::check_arguments(NodeRef call, unsigned first, const Schema& schema, const Scope* scope) {
  std::size_t position = 0;
  unsigned i = 0;
  for (const NodeRef c : program_.children(call)) {
    if (i++ < first) continue;
    const Field* f = argument_field(c, schema, position);
    if (f == nullptr) continue;
    sweep_value(program_.child(c, 0), f->type, scope);
  }
}

/// The record type declared under a name; null when there is none.
TypeRef Engine::record_type(Symbol name) {
  const NodeRef declared = names::lookup(declarations_.types, name);
  if (declared == 0) return nullptr;
  const TypeRef t = declared_type(declared);
  return t->kind == TypeKind::record ? t : nullptr;
}

TypeRef Engine::check_call(NodeRef n, TypeRef expected, const Scope* scope, Info& out) {
  const NodeRef callee = program_.child(n, 0);
  const Node called = program_[callee];
  unsigned given = 0;
  for (const NodeRef c : program_.children(n)) given += c != callee ? 1 : 0;
  Symbol name = called.text;
  NodeRef receiver = 0;
  if (called.kind == NodeKind::Member) {
    receiver = program_.child(callee, 0);
    ++given;
  } else if (called.kind != NodeKind::Name) {
    report(Code::wrong_arguments, callee, "not a function", "this cannot be called");
    return fail(out);
  }
  // tags and record types: arguments fill the fields in order
  if (receiver == 0) {
    TypeRef tag = expected == nullptr ? nullptr : types::tagged(expected, name);
    if (tag == nullptr && expected != nullptr) {
      const TypeRef outer = types::find_alternative(expected, [&](TypeRef t) {
        return t->kind == TypeKind::record && t->schema->kind != SchemaKind::tag &&
               !t->schema->fields.empty() && types::tagged(t->schema->fields[0].type, name) != nullptr;
      });
      if (outer != nullptr) tag = types::tagged(outer->schema->fields[0].type, name);
    }
    if (tag != nullptr) {
      out.res = Res::tag;
      out.object = tag->schema;
      return tag;
    }
    if (expected != nullptr && types::has_word(expected, name) && find_builtin(text(name)) == nullptr) {
      report(Code::wrong_arguments, n, "takes no values",
             fmt::format("`{}` is a word without values", text(name)));
      return fail(out);
    }
    if (const TypeRef t = record_type(name)) {
      out.res = Res::constructor;
      out.object = t->schema;
      return t;
    }
  }
  if (const NodeRef fn = names::lookup(declarations_.functions, name)) {
    out.res = Res::function;
    out.node = fn;
    std::vector<NodeRef> parameters;
    NodeRef result = 0, body = 0;
    for (const NodeRef c : program_.children(fn)) {
      if (program_[c].kind == NodeKind::Parameter)
        parameters.push_back(c);
      else if (result == 0)
        result = c;
      else
        body = c;
    }
    const Scope*& slot = scope_of_[fn];
    if (slot == nullptr) {
      Scope* s = new_scope(global_scope_);
      for (const NodeRef p : parameters)
        s->variables.emplace_back(program_[p].text, type_of(program_.child(p, 0), global_scope_));
      slot = s;
    }
    const Scope* own = slot;
    std::size_t position = 0;
    if (receiver != 0 && !parameters.empty()) check(receiver, own->variables[position++].second, scope);
    for (const NodeRef c : program_.children(n)) {
      if (c == callee) continue;
      std::size_t at = position;
      if (program_[c].text != Symbol::empty) {
        at = 0;
        while (at < parameters.size() && program_[parameters[at]].text != program_[c].text) ++at;
      } else {
        ++position;
      }
      if (at >= parameters.size()) {
        report(Code::wrong_arguments, c, "not a parameter",
               fmt::format("the function `{}` has {} parameters", text(name), parameters.size()))
            .at(program_.span(fn), "declared here");
        return fail(out);
      }
      check(program_.child(c, 0), own->variables[at].second, scope);
    }
    std::size_t required = 0;
    for (const NodeRef p : parameters) required += program_[p].has(syntax::has_value) ? 0 : 1;
    if (given < required) {
      report(Code::wrong_arguments, n, fmt::format("{} of {} values", given, required),
             fmt::format("the function `{}` needs {} values", text(name), required))
          .at(program_.span(fn), "declared here");
      return fail(out);
    }
    if (std::count(stack_.begin(), stack_.end(), fn) > 0) {
      report(Code::evaluation_cycle, n, "called again here",
             fmt::format("the function `{}` calls itself", text(name)))
          .at(program_.span(fn), "declared here");
      return fail(out);
    }
    const TypeRef yields = type_of(result, global_scope_);
    if (body != 0 && info_[body].type == nullptr) {
      stack_.push_back(fn);
      check(body, yields, own);
      stack_.pop_back();
    }
    return yields;
  }
  if (const Builtin* b = find_builtin(text(name))) {
    out.res = Res::builtin;
    out.object = b;
    TypeRef first_type = receiver != 0 ? check(receiver, nullptr, scope) : nullptr;
    const TypeRef endpoint = b->deferred ? [&]() -> TypeRef {
      const NodeRef declared = names::lookup(declarations_.types, sym("endpoint"));
      return declared == 0 ? nullptr : declared_type(declared);
    }()
        : nullptr;
    // A text that is made of secrets, or a list of them.
    const auto with_secret = [&](TypeRef t) {
      const TypeRef inner = types::bare(t);
      return is_secret(t) ||
             (b->carries_secrets() && (inner->kind == TypeKind::list || inner->kind == TypeKind::map) &&
              is_secret(inner->element));
    };
    bool secret = first_type != nullptr && with_secret(first_type);
    for (const NodeRef c : program_.children(n)) {
      if (c == callee) continue;
      const NodeRef value = program_.child(c, 0);
      const bool names = program_[value].kind == NodeKind::Name || program_[value].kind == NodeKind::Call;
      const TypeRef t = check(value, names ? endpoint : nullptr, scope);
      secret = secret || with_secret(t);
      if (first_type == nullptr) first_type = t;
    }
    if (given < b->least || given > b->most) {
      report(
          Code::wrong_arguments, n, fmt::format("{} given", given),
          fmt::format("the function `{}` takes {} value{}", b->name,
                      b->least == b->most ? fmt::format("{}", b->least) : fmt::format("{} or more", b->least),
                      b->least == 1 && b->most == 1 ? "" : "s"));
      return fail(out);
    }
    TypeRef result = types_.simple(b->fixed);
    const TypeRef arg = first_type == nullptr ? types_.simple(TypeKind::any) : types::bare(first_type);
    switch (b->result) {
      case Result::fixed:
        break;
      case Result::same:
        result = first_type == nullptr ? types_.simple(TypeKind::any) : first_type;
        break;
      case Result::element:
        result = element_type(arg, false);
        break;
      case Result::list_of_keys:
        result = types_.list(element_type(arg, true));
        break;
      case Result::list_of_elements:
        result = types_.list(element_type(arg, false));
        break;
      case Result::strings:
        result = types_.list(types_.simple(TypeKind::string));
        break;
      case Result::text:
        result = types_.simple(TypeKind::string);
        break;
      case Result::unknown:
        result = types_.simple(TypeKind::any);
        break;
    }
    // Whatever is computed from a secret is secret, but for the few that say otherwise.
    if (b->discloses()) return check_disclosure(n, *b, first_type) ? result : fail(out);
    if (secret && !b->deferred) {
      if (!b->carries_secrets()) {
        refuse_secret(n, "a secret goes in here", fmt::format("`{}` cannot look at a secret", b->name));
        return fail(out);
      }
      return types_.secret(types_.simple(TypeKind::string));
    }
    return result;
  }
  std::vector<std::string_view> candidates = builtin_names();
  for (const auto& [k, v] : declarations_.functions) candidates.push_back(text(static_cast<Symbol>(k)));
  if (expected != nullptr)
    types::find_alternative(expected, [&](TypeRef t) {
      if (t->kind == TypeKind::record && t->schema->kind == SchemaKind::tag)
        candidates.push_back(text(t->schema->name));
      return false;
    });
  source::Span at = program_.span(callee);
  if (receiver != 0) at.begin = at.end - static_cast<std::uint32_t>(text(name).size());
  auto& d = sink_.report(
      diagnostics::make(Code::unknown_name, at, "not a function", "there is no function `{}`", text(name)));
  if (const auto best = diagnostics::nearest(text(name), candidates))
    d.replace(at, std::string(*best), fmt::format("did you mean `{}`?", *best),
              diagnostics::Applicability::maybe);
  return fail(out);
}

TypeRef Engine::check_tagged(NodeRef n, TypeRef expected, const Scope* scope, Info& out) {
  const NodeRef callee = program_.child(n, 0);
  const Node called = program_[callee];
  if (called.kind == NodeKind::Name && expected != nullptr) {
    TypeRef tag = types::tagged(expected, called.text);
    if (tag == nullptr) {
      const TypeRef outer = types::find_alternative(expected, [&](TypeRef t) {
        return t->kind == TypeKind::record && t->schema->kind != SchemaKind::tag &&
               !t->schema->fields.empty() && types::tagged(t->schema->fields[0].type, called.text) != nullptr;
      });
      if (outer != nullptr) tag = types::tagged(outer->schema->fields[0].type, called.text);
    }
    if (tag != nullptr) {
      out.res = Res::tag;
      out.object = tag->schema;
      return tag;
    }
    if (types::has_word(expected, called.text)) {
      report(Code::bad_form, n, "takes no members",
             fmt::format("`{}` is a word without members", text(called.text)));
      return fail(out);
    }
  }
  if (called.kind == NodeKind::Name) {
    if (const Schema* k = kind(called.text); k != nullptr) {
      out.res = Res::kind;
      out.object = k;
      return types_.template_of(k);
    }
  }
  if (called.kind == NodeKind::Name) {
    if (const TypeRef t = record_type(called.text);
        t != nullptr && (expected == nullptr || fits(t, expected))) {
      out.res = Res::tag;
      out.object = t->schema;
      return t;
    }
  }
  // `letsencrypt { secret-name = … }`: a record whose first field takes what stands in front.
  const TypeRef record = types::only_record(expected);
  if (record != nullptr && !record->schema->fields.empty()) {
    check(callee, record->schema->fields[0].type, scope);
    out.res = Res::constructor;
    out.object = record->schema;
    return record;
  }
  if (called.kind == NodeKind::Name) {
    unknown_name(callee, expected, scope);
  } else {
    report(Code::bad_form, n, "takes no members", "braces follow a kind or a tag");
  }
  return fail(out);
}

TypeRef Engine::check_comprehension(NodeRef n, TypeRef expected, const Scope* scope, Info& out) {
  (void)out;
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
    report(Code::secret_flow, n, "a secret",
           fmt::format("a secret cannot go where a {} is public", types_.describe(e)))
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
  if (e->kind == TypeKind::list && fits(found, e->element))
    d.replace(program_.span(n), fmt::format("[{}]", spelled), fmt::format("write a list: `[{}]`", spelled));
  if (found->kind == TypeKind::template_)
    d.note("a template is no resource: it yields nothing until something is like it");
}

}  // namespace lab::eval
