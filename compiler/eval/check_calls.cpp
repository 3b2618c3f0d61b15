// Elaboration of calls and tagged bodies: tags, records, functions and what is built in.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/diagnostics/nearest.h"
#include "compiler/eval/builtins.h"
#include "compiler/eval/engine.h"
#include "compiler/eval/limits.h"

namespace lab::eval {

using syntax::Node;

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

namespace {

/// The tag of that name among what is expected, or in the first field of a record that is: `mount "/x" =
/// claim(5GiB)`.
TypeRef tag_of(TypeRef expected, Symbol name) {
  if (const TypeRef tag = types::tagged(expected, name)) return tag;
  const TypeRef outer = types::find_alternative(expected, [&](TypeRef t) {
    return t->kind == TypeKind::record && t->schema->kind != SchemaKind::tag && !t->schema->fields.empty() &&
           types::tagged(t->schema->fields[0].type, name) != nullptr;
  });
  return outer == nullptr ? nullptr : types::tagged(outer->schema->fields[0].type, name);
}

}  // namespace

Engine::Callable Engine::callable(NodeRef fn) const {
  Callable out;
  for (const NodeRef c : program_.children(fn)) {
    if (program_[c].kind == NodeKind::Parameter)
      out.parameters.push_back(c);
    else if (out.result == 0)
      out.result = c;
    else
      out.body = c;
  }
  return out;
}

std::size_t Engine::Callable::place(const names::Program& program, NodeRef argument,
                                    std::size_t& position) const {
  const Symbol name = program[argument].text;
  if (name == Symbol::empty) return position++;
  const auto named = [&](NodeRef parameter) { return program[parameter].text == name; };
  return static_cast<std::size_t>(std::ranges::find_if(parameters, named) - parameters.begin());
}

Engine::Call Engine::call_at(NodeRef n) const {
  Call call;
  call.callee = program_.child(n, 0);
  call.name = program_[call.callee].text;
  if (program_[call.callee].kind == NodeKind::Member) call.receiver = program_.child(call.callee, 0);
  for (const NodeRef c : program_.children(n))
    if (c != call.callee) call.arguments.push_back(c);
  return call;
}

TypeRef Engine::check_call(NodeRef n, TypeRef expected, const Scope* scope, Info& out) {
  const Call call = call_at(n);
  if (call.receiver == 0 && program_[call.callee].kind != NodeKind::Name) {
    report(Code::wrong_arguments, call.callee, "not a function", "this cannot be called");
    return fail(out);
  }
  if (call.receiver == 0)
    if (const TypeRef made = check_construction(n, call, expected, out)) return made;
  if (const NodeRef fn = names::lookup(declarations_.functions, call.name))
    return check_function(n, call, fn, scope, out);
  if (const Builtin* b = find_builtin(text(call.name))) return check_builtin(n, call, *b, scope, out);
  unknown_function(call, expected);
  return fail(out);
}

/// Tags and record types, whose arguments fill the fields in order; null when the name is none.
TypeRef Engine::check_construction(NodeRef n, const Call& call, TypeRef expected, Info& out) {
  const TypeRef tag = expected == nullptr ? nullptr : tag_of(expected, call.name);
  if (tag != nullptr) {
    out.res = Res::tag;
    out.object = tag->schema;
    return tag;
  }
  if (expected != nullptr && types::has_word(expected, call.name) &&
      find_builtin(text(call.name)) == nullptr) {
    report(Code::wrong_arguments, n, "takes no values",
           fmt::format("`{}` is a word without values", text(call.name)));
    return fail(out);
  }
  const TypeRef record = record_type(call.name);
  if (record == nullptr) return nullptr;
  out.res = Res::constructor;
  out.object = record->schema;
  return record;
}

const Scope* Engine::function_scope(NodeRef fn, const Callable& function) {
  const Scope*& slot = scope_of_[fn];
  if (slot != nullptr) return slot;
  Scope* made = new_scope(global_scope_);
  slot = made;
  for (const NodeRef p : function.parameters)
    made->variables.emplace_back(program_[p].text, type_of(program_.child(p, 0), global_scope_));
  return made;
}

TypeRef Engine::check_function_body(NodeRef fn, const Callable& function, const Scope* own) {
  const TypeRef yields = type_of(function.result, global_scope_);
  if (function.body == 0) return yields;
  stack_.push_back(fn);
  check(function.body, yields, own);
  stack_.pop_back();
  return yields;
}

TypeRef Engine::check_function(NodeRef n, const Call& call, NodeRef fn, const Scope* scope, Info& out) {
  out.res = Res::function;
  out.node = fn;
  const Callable function = callable(fn);
  const std::vector<NodeRef>& parameters = function.parameters;
  const Scope* own = function_scope(fn, function);
  std::size_t position = 0;
  if (call.receiver != 0 && !parameters.empty())
    check(call.receiver, own->variables[position++].second, scope);
  for (const NodeRef c : call.arguments) {
    const std::size_t at = function.place(program_, c, position);
    if (at >= parameters.size()) {
      report(Code::wrong_arguments, c, "not a parameter",
             fmt::format("the function `{}` has {} parameter{}", text(call.name), parameters.size(),
                         parameters.size() == 1 ? "" : "s"))
          .at(program_.span(fn), "declared here");
      return fail(out);
    }
    check(program_.child(c, 0), own->variables[at].second, scope);
  }
  std::size_t required = 0;
  for (const NodeRef p : parameters) required += program_[p].has(syntax::has_value) ? 0 : 1;
  if (call.given() < required) {
    report(Code::wrong_arguments, n, fmt::format("{} of {} values", call.given(), required),
           fmt::format("the function `{}` needs {} values", text(call.name), required))
        .at(program_.span(fn), "declared here");
    return fail(out);
  }
  if (std::ranges::count(stack_, fn) > 0) {
    report(Code::evaluation_cycle, n, "called again here",
           fmt::format("the function `{}` calls itself", text(call.name)))
        .at(program_.span(fn), "declared here");
    return fail(out);
  }
  return check_function_body(fn, function, own);
}

TypeRef Engine::check_builtin(NodeRef n, const Call& call, const Builtin& b, const Scope* scope, Info& out) {
  out.res = Res::builtin;
  out.object = &b;
  TypeRef first_type = call.receiver != 0 ? check(call.receiver, nullptr, scope) : nullptr;
  const TypeRef endpoint = b.deferred ? [&]() -> TypeRef {
    const NodeRef declared = names::lookup(declarations_.types, sym("endpoint"));
    return declared == 0 ? nullptr : declared_type(declared);
  }()
      : nullptr;
  // A text that is made of secrets, or a list of them.
  const auto with_secret = [&](TypeRef t) {
    const TypeRef inner = types::bare(t);
    return is_secret(t) ||
           (b.carries_secrets() && (inner->kind == TypeKind::list || inner->kind == TypeKind::map) &&
            is_secret(inner->element));
  };
  bool secret = first_type != nullptr && with_secret(first_type);
  for (const NodeRef c : call.arguments) {
    const NodeRef value = program_.child(c, 0);
    const bool names = program_[value].kind == NodeKind::Name || program_[value].kind == NodeKind::Call;
    const TypeRef t = check(value, names ? endpoint : nullptr, scope);
    secret = secret || with_secret(t);
    if (first_type == nullptr) first_type = t;
  }
  if (call.given() < b.least || call.given() > b.most) {
    report(Code::wrong_arguments, n, fmt::format("{} given", call.given()),
           fmt::format("the function `{}` takes {} value{}", b.name,
                       b.least == b.most ? fmt::format("{}", b.least) : fmt::format("{} or more", b.least),
                       b.least == 1 && b.most == 1 ? "" : "s"));
    return fail(out);
  }
  TypeRef result = types_.simple(b.fixed);
  const TypeRef arg = first_type == nullptr ? types_.simple(TypeKind::any) : types::bare(first_type);
  switch (b.result) {
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
  if (b.discloses()) return check_disclosure(n, b, first_type) ? result : fail(out);
  if (secret && !b.deferred) {
    if (!b.carries_secrets()) {
      refuse_secret(n, "a secret goes in here", fmt::format("`{}` cannot look at a secret", b.name));
      return fail(out);
    }
    return types_.secret(types_.simple(TypeKind::string));
  }
  return result;
}

void Engine::unknown_function(const Call& call, TypeRef expected) {
  std::vector<std::string_view> candidates = builtin_names(), here;
  for (const auto& [k, v] : declarations_.functions) candidates.push_back(text(static_cast<Symbol>(k)));
  if (expected != nullptr)
    types::find_alternative(expected, [&](TypeRef t) {
      if (t->kind == TypeKind::record && t->schema->kind == SchemaKind::tag)
        if (std::ranges::find(here, text(t->schema->name)) == here.end())
          here.push_back(text(t->schema->name));
      return false;
    });
  candidates.insert(candidates.end(), here.begin(), here.end());
  source::Span at = program_.span(call.callee);
  if (call.receiver != 0) at.begin = at.end - static_cast<std::uint32_t>(text(call.name).size());
  auto& d = sink_.report(diagnostics::make(Code::unknown_name, at, "not a function",
                                           "there is no function `{}`", text(call.name)));
  if (const auto best = diagnostics::nearest(text(call.name), candidates))
    d.replace(at, std::string(*best), fmt::format("did you mean `{}`?", *best),
              diagnostics::Applicability::maybe);
  else if (!here.empty() && here.size() <= most_named)
    d.note(fmt::format("what can stand here with arguments: {}", fmt::join(here, ", ")));
}

TypeRef Engine::check_tagged(NodeRef n, TypeRef expected, const Scope* scope, Info& out) {
  const NodeRef callee = program_.child(n, 0);
  const Node called = program_[callee];
  if (called.kind == NodeKind::Name && expected != nullptr) {
    const TypeRef tag = tag_of(expected, called.text);
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

}  // namespace lab::eval
