// Declarations to types: schemas of kinds, record types, unions, refinements (docs/language.md, "Types").
#include <fmt/format.h>

#include "compiler/diagnostics/nearest.h"
#include "compiler/eval/engine.h"

namespace lab::eval {

using syntax::Node;
using types::Flavour;
using types::Label;

namespace {

struct BuiltinType {
  std::string_view name;
  TypeKind kind;
  Flavour flavour = Flavour::plain;
};

constexpr BuiltinType builtin_types[] = {
    {"bool", TypeKind::boolean},
    {"int", TypeKind::integer},
    {"float", TypeKind::real},
    {"string", TypeKind::string},
    {"size", TypeKind::size},
    {"duration", TypeKind::duration},
    {"rate", TypeKind::rate},
    {"cores", TypeKind::cores},
    {"cpu", TypeKind::cores},
    {"percent", TypeKind::percent},
    {"version", TypeKind::version},
    {"ip", TypeKind::ip},
    {"cidr", TypeKind::cidr},
    {"ip-range", TypeKind::ip_range},
    {"mac", TypeKind::mac},
    {"port-literal", TypeKind::port},
    {"port", TypeKind::port},
    {"any", TypeKind::any},
    {"none", TypeKind::none},
    {"url", TypeKind::string, Flavour::url},
    {"image", TypeKind::string, Flavour::image},
    {"hostname", TypeKind::string, Flavour::hostname},
    {"path", TypeKind::string, Flavour::path},
    {"mode", TypeKind::string, Flavour::mode},
    {"time", TypeKind::string, Flavour::time},
    {"cron", TypeKind::string, Flavour::cron},
    {"regex", TypeKind::string, Flavour::regex},
    {"name", TypeKind::string},
};

}  // namespace

TypeRef Engine::builtin_type(std::string_view name) const {
  for (const BuiltinType& b : builtin_types)
    if (b.name == name)
      return b.kind == TypeKind::string ? types_.flavoured(b.flavour) : types_.simple(b.kind);
  return nullptr;
}

const Schema* Engine::kind(Symbol name) {
  const NodeRef n = names::lookup(declarations_.kinds, name);
  return n == 0 ? nullptr : schema_of(n);
}

const Schema* Engine::schema_of(NodeRef declaration) {
  if (const auto it = schemas_.find(declaration); it != schemas_.end()) return it->second;
  Schema& schema = types_.new_schema();
  schemas_[declaration] = &schema;
  const Node node = program_[declaration];
  schema.kind = node.kind == NodeKind::Component ? SchemaKind::component : SchemaKind::schema;
  schema.name = node.text;
  schema.decl = declaration;
  const NodeRef first = program_.child(declaration, 0);
  if (first != 0 && program_[first].kind == NodeKind::Path) {
    const Symbol base = program_[program_.child(first, 0)].text;
    schema.like = kind(base);
    if (schema.like == nullptr) {
      report(Code::unknown_kind, first, "no such kind", fmt::format("there is no kind `{}`", text(base)));
    } else if (schema.like == &schema || schema.like->is_a(&schema)) {
      report(Code::like_cycle, first, "leads back here",
             fmt::format("the kind `{}` extends itself", text(node.text)));
      schema.like = nullptr;
    } else {
      if (schema.like->label == Label::optional) schema.label = Label::optional;
      for (const Field& f : schema.like->fields) {
        schema.by_name.emplace(static_cast<std::uint32_t>(f.name),
                               static_cast<std::uint32_t>(schema.fields.size()));
        schema.fields.push_back(f);
      }
    }
  }
  if (first == 0 || program_[first].kind != NodeKind::Path)
    if (const Schema* common = kind(word_.resource); common != &schema) schema.like = common;
  declare_fields(schema, declaration, fields_scope(&schema));
  return &schema;
}

const Scope* Engine::fields_scope(const Schema* schema) {
  const Scope*& slot = scope_of_fields_[schema];
  if (slot == nullptr) {
    Scope* s = new_scope(global_scope_);
    s->fields = schema;
    s->self = schema->kind == SchemaKind::schema || schema->kind == SchemaKind::component ? schema : nullptr;
    if (schema->kind == SchemaKind::component) s->component = schema->decl;
    slot = s;
  }
  return slot;
}

/// `name: name?` and `name: none` in a kind are no fields: they say what becomes of the names of its
/// resources.
types::Label Engine::label_of(const Schema& schema, NodeRef field) const {
  if (schema.kind != SchemaKind::schema || program_[field].text != word_.name) return Label::wanted;
  const NodeRef type = program_.child(field, 0);
  const auto is = [&](NodeRef n, std::string_view name) {
    return program_[n].kind == NodeKind::TypeName && text(program_[n].text) == name;
  };
  if (is(type, "none")) return Label::no_resources;
  const bool optional = program_[type].kind == NodeKind::TypeOptional;
  return optional && is(program_.child(type, 0), "name") ? Label::optional : Label::wanted;
}

void Engine::declare_fields(Schema& schema, NodeRef parent, const Scope* scope) {
  // Names first, so that a field's type may mention the kind it belongs to.
  for (const NodeRef c : program_.children(parent)) {
    const Node node = program_[c];
    if (node.kind != NodeKind::FieldDecl || node.text == word_.self) continue;
    if (const Label label = label_of(schema, c); label != Label::wanted) {
      schema.label = label;
      continue;
    }
    const auto [it, fresh] = schema.by_name.emplace(static_cast<std::uint32_t>(node.text),
                                                    static_cast<std::uint32_t>(schema.fields.size()));
    if (fresh) {
      schema.fields.emplace_back();
    } else if (schema.fields[it->second].decl != 0 &&
               program_.unit(schema.fields[it->second].decl).base == program_.unit(c).base &&
               (schema.like == nullptr || schema.like->name == word_.resource)) {
      report(Code::duplicate_declaration, c, "declared again here",
             fmt::format("the field `{}` is declared twice", text(node.text)))
          .at(program_.span(schema.fields[it->second].decl), "first declared here");
    }
    Field& f = schema.fields[it->second];
    f.name = node.text;
    f.index = it->second;
    f.decl = c;
    f.computed = node.has(syntax::computed);
    f.type = types_.simple(TypeKind::any);
    const NodeRef type = program_.child(c, 0);
    f.initial = node.has(syntax::has_value) || f.computed ? c + 1 + program_[type].size : 0;
  }
  // Behind its own, what every resource has.
  if (schema.like != nullptr && schema.like->name == word_.resource)
    for (const Field& f : schema.like->fields)
      if (schema.by_name
              .emplace(static_cast<std::uint32_t>(f.name), static_cast<std::uint32_t>(schema.fields.size()))
              .second) {
        schema.fields.push_back(f);
        schema.fields.back().index = static_cast<std::uint32_t>(schema.fields.size() - 1);
      }
  // The types of fields wait until no type is being made: kinds and types may mention each other.
  pending_types_.push_back({&schema, parent, scope});
  settle_types();
}

void Engine::settle_types() {
  if (making_types_) return;
  making_types_ = true;
  for (std::size_t i = 0; i < pending_types_.size(); ++i) {
    const PendingTypes p = pending_types_[i];
    if (p.schema->like != nullptr)
      for (const Field& inherited : p.schema->like->fields)
        p.schema->fields[p.schema->by_name.at(static_cast<std::uint32_t>(inherited.name))].type =
            inherited.type;
    for (const NodeRef c : program_.children(p.parent)) {
      if (program_[c].kind != NodeKind::FieldDecl || label_of(*p.schema, c) != Label::wanted) continue;
      const TypeRef type = type_of(program_.child(c, 0), p.scope);
      if (program_[c].text == word_.self)
        p.schema->self = type;
      else
        p.schema->fields[p.schema->by_name.at(static_cast<std::uint32_t>(program_[c].text))].type = type;
    }
  }
  pending_types_.clear();
  making_types_ = false;
}

TypeRef Engine::type_of(NodeRef n, const Scope* scope, bool in_union) {
  const Node node = program_[n];
  TypeRef out = nullptr;
  switch (node.kind) {
    case NodeKind::TypeOptional:
      out = types_.optional(type_of(program_.child(n, 0), scope));
      break;
    case NodeKind::TypeWord:
      out = types_.word(node.text);
      break;
    case NodeKind::TypeWhere: {
      Type t;
      t.kind = TypeKind::refined;
      t.element = type_of(program_.child(n, 0), scope);
      t.predicate = program_.child(n, 1);
      t.where = n;
      out = types_.make(t);
      const Scope*& slot = scope_of_[t.predicate];
      if (slot == nullptr) {
        Scope* s = new_scope(scope);
        s->self = scope->self;
        s->variables.emplace_back(word_.it, t.element);
        slot = s;
      }
      break;
    }
    case NodeKind::TypeUnion: {
      Type t;
      t.kind = TypeKind::union_;
      t.where = n;
      for (const NodeRef c : program_.children(n)) t.alternatives.push_back(type_of(c, scope, true));
      out = types_.make(t);
      break;
    }
    case NodeKind::TypeRecord:
    case NodeKind::TypeTagged: {
      Schema& schema = types_.new_schema();
      schema.kind = node.kind == NodeKind::TypeTagged ? SchemaKind::tag : SchemaKind::record;
      schema.name = node.text;
      schema.decl = n;
      Scope* s = new_scope(scope);
      s->self = scope->self;
      s->fields = &schema;
      scope_of_fields_[&schema] = s;
      declare_fields(schema, node.kind == NodeKind::TypeTagged ? program_.child(n, 0) : n, s);
      out = types_.record(&schema);
      break;
    }
    case NodeKind::TypeName: {
      const std::string_view name = text(node.text);
      if (node.has(syntax::has_value)) {  // T of FIELD
        Type t;
        t.kind = TypeKind::dependent;
        t.name = node.text;
        t.where = n;
        for (const NodeRef c : program_.children(program_.last_child(n))) t.path.push_back(program_[c].text);
        out = types_.make(t);
        break;
      }
      const NodeRef first = program_.child(n, 0);
      if (name == "list" && first != 0) {
        out = types_.list(type_of(first, scope));
        break;
      }
      if (name == "range" && first != 0) {
        out = types_.range(type_of(first, scope));
        break;
      }
      if (name == "map" && first != 0) {
        const NodeRef second = program_.child(n, 1);
        out = types_.map(type_of(first, scope),
                         second == 0 ? types_.simple(TypeKind::any) : type_of(second, scope));
        break;
      }
      if (name == "secret") {
        out = types_.secret(first == 0 ? types_.simple(TypeKind::string) : type_of(first, scope));
        break;
      }
      if (name == "secret-set") {
        if (const Schema* s = kind(word_.secret)) {
          out = types_.reference(s);
          break;
        }
      }
      if (const NodeRef declared = names::lookup(declarations_.types, node.text)) {
        out = declared_type(declared);
        if (out == nullptr) {
          report(Code::evaluation_cycle, n, "leads back to itself",
                 fmt::format("the type `{}` is made of itself", name));
          out = types_.simple(TypeKind::poison);
        }
        break;
      }
      if (const TypeRef t = builtin_type(name)) {
        out = t;
        break;
      }
      if (const Schema* s = kind(node.text)) {
        out = types_.reference(s);
        break;
      }
      if (in_union) {
        out = types_.word(node.text);
        break;
      }
      std::vector<std::string_view> candidates;
      for (const auto& b : builtin_types) candidates.push_back(b.name);
      for (const auto& [k, v] : declarations_.types) candidates.push_back(text(static_cast<Symbol>(k)));
      for (const auto& [k, v] : declarations_.kinds) candidates.push_back(text(static_cast<Symbol>(k)));
      auto& d = report(Code::unknown_type, n, "no such type", fmt::format("there is no type `{}`", name));
      if (const auto best = diagnostics::nearest(name, candidates)) {
        source::Span at = program_.span(n);
        at.end = at.begin + static_cast<std::uint32_t>(name.size());
        d.replace(at, std::string(*best), fmt::format("did you mean `{}`?", *best),
                  diagnostics::Applicability::maybe);
      }
      out = types_.simple(TypeKind::poison);
      break;
    }
    default:
      out = types_.simple(TypeKind::poison);
  }
  if (node.has(syntax::has_reason)) {
    Type t = *out;
    t.wants_reason = true;
    out = types_.make(t);
  }
  return out;
}

/// The type a `type NAME = …` declares; null while it is being made.
TypeRef Engine::declared_type(NodeRef declared) {
  if (const auto it = declared_types_.find(declared); it != declared_types_.end()) return it->second;
  const Symbol name = program_[declared].text;
  const NodeRef body = program_.child(declared, 0);
  if (program_[body].kind == NodeKind::TypeRecord) {  // may be recursive
    Schema& schema = types_.new_schema();
    schema.name = name;
    schema.decl = declared;
    const TypeRef out = declared_types_[declared] = types_.record(&schema);
    Scope* s = new_scope(global_scope_);
    s->fields = &schema;
    scope_of_fields_[&schema] = s;
    declare_fields(schema, body, s);
    return out;
  }
  declared_types_[declared] = nullptr;
  TypeRef out = type_of(body, global_scope_, program_[body].kind == NodeKind::TypeTagged);
  if (out->name == Symbol::empty && (out->kind == TypeKind::refined || out->kind == TypeKind::union_)) {
    Type named = *out;
    named.name = name;
    out = types_.make(named);
  }
  return declared_types_[declared] = out;
}

}  // namespace lab::eval
