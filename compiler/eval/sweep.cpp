// Elaborates what no evaluation touched, so that mistakes in templates nobody is like, functions nobody
// calls and branches nobody takes are found all the same.
#include "compiler/eval/engine.h"

namespace lab::eval {

using syntax::Node;

void Engine::sweep_value(NodeRef v, TypeRef type, const Scope* scope) {
  NodeRef e = v;
  while (program_[e].kind == NodeKind::Paren) e = program_.child(e, 0);
  const Node node = program_[e];
  if (node.kind == NodeKind::Body) {
    const TypeRef record = types::only_record(type);
    sweep_body(e, record != nullptr ? record->schema : nullptr, body_scope(e, scope, nullptr));
    return;
  }
  check(e, type, scope);
  const Info info = info_[e];
  if (node.kind == NodeKind::Tagged && info.res == Res::tag) {
    const NodeRef body = program_.child(e, 1);
    sweep_body(body, static_cast<const Schema*>(info.object), body_scope(body, scope, nullptr));
  }
  if (node.kind == NodeKind::Tagged && info.res == Res::kind) {
    const Schema* s = static_cast<const Schema*>(info.object);
    const NodeRef body = program_.child(e, 1);
    sweep_body(body, s, body_scope(body, scope, s));
  }
  if (node.kind == NodeKind::Call && (info.res == Res::tag || info.res == Res::constructor))
    check_arguments(e, 1, *static_cast<const Schema*>(info.object), scope);
}

void Engine::sweep_body(NodeRef body, const Schema* schema, const Scope* scope) {
  for (const NodeRef m : program_.children(body)) sweep_member(m, schema, scope);
}

void Engine::sweep_member(NodeRef m, const Schema* schema, const Scope* scope) {
  const Node node = program_[m];
  switch (node.kind) {
    case NodeKind::Let:
      sweep_value(program_.child(m, 0), nullptr, scope);
      return;
    case NodeKind::For: {
      const NodeRef list = program_.child(m, 0);
      const TypeRef t = check(list, nullptr, scope);
      const Scope* own = loop_scope(m, scope, t);
      NodeRef body = program_.child(m, 1);
      if (program_[body].kind != NodeKind::Body) {
        check(body, types_.simple(TypeKind::boolean), own);
        body = program_.child(m, 2);
      }
      sweep_body(body, schema, body_scope(body, own, nullptr));
      return;
    }
    case NodeKind::If:
      check(program_.child(m, 0), types_.simple(TypeKind::boolean), scope);
      for (unsigned i = 1; i <= 2; ++i) {
        const NodeRef c = program_.child(m, i);
        if (c == 0) continue;
        if (program_[c].kind == NodeKind::If)
          sweep_member(c, schema, scope);
        else
          sweep_body(c, schema, body_scope(c, scope, nullptr));
      }
      return;
    case NodeKind::Assert:
      check(program_.child(m, 0), types_.simple(TypeKind::boolean), scope);
      return;
    case NodeKind::Override: {
      const NodeRef body = program_.last_child(m);
      if (const Schema* s = kind(node.text)) sweep_body(body, s, body_scope(body, scope, s));
      return;
    }
    case NodeKind::Entry:
      break;
    default:
      return;
  }
  if (node.has(syntax::damaged) || node.text == word_.like) return;
  const names::EntryParts p = entry_parts(m);
  if (schema == nullptr) {  // free-form data, or a declaration
    const Schema* k = p.value == 0 ? kind(node.text) : nullptr;
    if (k != nullptr && scope->component != 0) {
      if (p.body != 0) sweep_body(p.body, k, body_scope(p.body, scope, k));
      return;
    }
    if (p.value != 0) sweep_value(p.value, types_.simple(TypeKind::any), scope);
    if (p.body != 0) sweep_body(p.body, nullptr, body_scope(p.body, scope, nullptr));
    return;
  }
  const Field* f = schema->find(node.text);
  if (f == nullptr) {
    if (const Field* rest = schema->find(word_.rest)) {
      const TypeRef map = types::bare(rest->type);
      if (p.value != 0) sweep_value(p.value, map->element, scope);
      return;
    }
    unknown_field(m, *schema, node.text);
    return;
  }
  note(m, f->decl);
  const TypeRef t = types::bare(f->type);
  // `= none` takes a labelled block, or all of a list or map away, whatever its elements are.
  const auto takes_away = [&](const names::EntryParts& entry) {
    return entry.value != 0 && program_[entry.value].kind == NodeKind::None &&
           (t->kind == TypeKind::map || (t->kind == TypeKind::list && entry.label == 0));
  };
  if (takes_away(p)) return;
  TypeRef element = f->type;
  if (t->kind == TypeKind::map && (p.label != 0 || p.value == 0)) element = t->element;
  if (t->kind == TypeKind::list && p.value == 0) element = t->element;
  if (t->kind == TypeKind::map && p.label == 0 && p.body != 0) {
    for (const NodeRef c : program_.children(p.body)) {
      if (program_[c].kind != NodeKind::Entry) continue;
      const names::EntryParts q = entry_parts(c);
      const TypeRef record = types::only_record(t->element);
      if (q.value != 0 && !takes_away(q)) sweep_value(q.value, t->element, scope);
      if (q.body != 0)
        sweep_body(q.body, record == nullptr ? nullptr : record->schema, body_scope(q.body, scope, nullptr));
    }
    return;
  }
  if (p.value != 0) sweep_value(p.value, element, scope);
  if (p.body != 0) {
    const TypeRef record = types::only_record(element);
    if (record != nullptr)
      sweep_body(p.body, record->schema, body_scope(p.body, scope, nullptr, record->schema));
  }
}

void Engine::sweep() {
  for (const auto& unit : program_.units()) {
    if (unit.home == names::Home::standard || unit.base == 0) continue;
    for (const NodeRef c : program_.children(unit.base)) {
      const Node node = program_[c];
      switch (node.kind) {
        case NodeKind::Let: {
          const NodeRef v = program_.child(c, 0);
          const bool deferred =
              (program_[v].kind == NodeKind::Tagged || program_[v].kind == NodeKind::Call) &&
              program_[program_.child(v, 0)].kind == NodeKind::Name &&
              kind(program_[program_.child(v, 0)].text) == nullptr && read_lets_.count(c) != 0;
          if (deferred) break;
          sweep_value(v, nullptr, global_scope_);
          // What nothing reads is evaluated all the same; a template has no value.
          if (read_lets_.count(c) == 0 && info_[v].res != Res::kind) eval(v, global_, nullptr, {});
          break;
        }
        case NodeKind::Environment:
          sweep_environment(c, c);
          break;
        case NodeKind::Fn: {
          // As a call would see it.
          const Callable function = callable(c);
          check_function_body(c, function, function_scope(c, function));
          break;
        }
        case NodeKind::Param: {
          const NodeRef type = program_.child(c, 0);
          const TypeRef t = type_of(type, global_scope_);
          if (node.has(syntax::has_value)) check(type + program_[type].size, t, global_scope_);
          break;
        }
        case NodeKind::TypeDecl: {
          type_of(program_.child(c, 0), global_scope_, true);
          break;
        }
        case NodeKind::Schema:
        case NodeKind::Component: {
          const Schema* s = schema_of(c);
          const Scope* scope = fields_scope(s);
          for (const Field& f : s->fields)
            if (f.initial != 0 && program_.unit(f.initial).home != names::Home::standard)
              sweep_value(f.initial, f.type, scope);
          for (const NodeRef m : program_.children(c))
            if (program_[m].kind != NodeKind::FieldDecl && program_[m].kind != NodeKind::Path)
              sweep_member(m, nullptr, scope);
          break;
        }
        default:
          break;
      }
    }
  }
}

}  // namespace lab::eval
