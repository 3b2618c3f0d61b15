// Static scopes and the environments that stand for them at run time. Each scope has one environment,
// so a hop through scopes is a hop through environments.
#include "compiler/eval/engine.h"

namespace lab::eval {

Scope* Engine::new_scope(const Scope* parent) {
  Scope& s = scopes_.emplace_back();
  s.parent = parent;
  if (parent != nullptr) {
    s.self = parent->self;
    s.self_type = parent->self_type;
  }
  return &s;
}

Env* Engine::make_env(const Scope* scope, Env* parent) {
  Env* env = arena_.make<Env>();
  env->scope = scope;
  env->parent = parent;
  if (parent != nullptr) {
    env->self = parent->self;
    env->instance = parent->instance;
  }
  const std::size_t count = scope->variables.size() + scope->lets.size();
  if (count > 0) env->variables = arena_.array<Value>(count);
  return env;
}

/// The scope of a body: the parent itself, unless the body has constants of its own or another `self`.
const Scope* Engine::body_scope(NodeRef body, const Scope* parent, const Schema* self, const Schema* record) {
  const Scope*& slot = scope_of_[body];
  if (slot != nullptr) return slot;
  Scope* own = nullptr;
  for (const NodeRef c : program_.children(body)) {
    if (program_[c].kind != NodeKind::Let) continue;
    if (own == nullptr) own = new_scope(parent);
    own->lets.emplace_back(program_[c].text, c);
  }
  if (self != nullptr && self != parent->self) {
    if (own == nullptr) own = new_scope(parent);
    own->self = self;
    own->self_type = nullptr;
  }
  if (record != nullptr && record->self != nullptr && parent->self_type != record->self) {
    if (own == nullptr) own = new_scope(parent);
    own->self_type = record->self;
  }
  return slot = own == nullptr ? parent : own;
}

Env* Engine::body_env(NodeRef body, Env* parent, Record* self, const Schema* record) {
  const Scope* scope = body_scope(body, parent->scope, self == nullptr ? nullptr : self->schema, record);
  if (scope == parent->scope && (self == nullptr || parent->self == self)) return parent;
  if (scope == parent->scope) {  // the same kind, another resource
    Env* env = arena_.make<Env>(*parent);
    env->self = self;
    return env;
  }
  Env* env = make_env(scope, parent);
  if (self != nullptr) env->self = self;
  return env;
}

const Scope* Engine::loop_scope(NodeRef loop, const Scope* parent, TypeRef list) {
  const Scope*& slot = scope_of_[loop];
  if (slot != nullptr) return slot;
  const syntax::Node node = program_[loop];
  Scope* s = new_scope(parent);
  if (node.op == 2) {
    s->variables.emplace_back(node.text, element_type(list, true));
    s->variables.emplace_back(node.text2, element_type(list, false));
  } else {
    s->variables.emplace_back(node.text, element_type(list, false));
  }
  return slot = s;
}

Env* Engine::loop_env(NodeRef loop, Env* parent) {
  return make_env(scope_of_.at(loop), parent);
}

/// Where the defaults, computed fields and rules of a record's declaration are evaluated.
Env* Engine::record_env(Record& record) {
  if (record.env != nullptr) return record.env;
  const Scope* scope = fields_scope(record.schema);
  Env* parent = global_;
  // A record type written inside another declaration sees that one's fields: the owner's.
  for (Record* up = record.owner; scope->parent != global_scope_ && up != nullptr; up = up->owner) {
    if (fields_scope(up->schema) == scope->parent) {
      parent = record_env(*up);
      break;
    }
  }
  Env* env = make_env(scope, parent);
  env->self = record.resource;
  env->record = &record;
  if (record.schema->kind == SchemaKind::component) env->instance = &record;
  return record.env = env;
}

}  // namespace lab::eval
