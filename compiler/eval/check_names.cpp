// Elaboration of names: the lookup order of docs/language.md, "Names".
#include <fmt/format.h>

#include <algorithm>

#include "compiler/diagnostics/article.h"
#include "compiler/diagnostics/nearest.h"
#include "compiler/eval/builtins.h"
#include "compiler/eval/engine.h"
#include "compiler/eval/limits.h"

namespace lab::eval {

using syntax::Node;

namespace {

/// Kinds that a type refers to, in the order a union names them.
void referred(TypeRef t, std::vector<const Schema*>& out) {
  if (t == nullptr) return;
  if (t->kind == TypeKind::reference) {
    out.push_back(t->schema);
    return;
  }
  if (t->kind == TypeKind::optional || t->kind == TypeKind::refined || t->kind == TypeKind::secret)
    return referred(t->element, out);
  // A record is filled through its first field: `tls = letsencrypt`.
  if (t->kind == TypeKind::record && !t->schema->fields.empty() && t->schema->kind != SchemaKind::tag)
    return referred(t->schema->fields[0].type, out);
  for (const TypeRef a : t->alternatives) referred(a, out);
}

/// The type itself and, for records, what their first field takes.
template <class Test>
TypeRef through_principal(TypeRef t, const Test& test) {
  return types::find_alternative(t, [&](TypeRef a) {
    if (test(a)) return true;
    return a->kind == TypeKind::record && a->schema->kind != SchemaKind::tag && !a->schema->fields.empty() &&
           types::find_alternative(a->schema->fields[0].type, test) != nullptr;
  });
}

}  // namespace

Record* Engine::find_resource(const Schema* schema, Symbol name, NodeRef at, const Record* near,
                              bool report_it) {
  const auto it = by_name_.find(static_cast<std::uint32_t>(name));
  if (it == by_name_.end()) return nullptr;
  Record* found = nullptr;
  for (Record* r : it->second) {
    if (!r->schema->is_a(schema)) continue;
    if (found != nullptr) {
      // Of several with one name the one beside the reader wins.
      if (near != nullptr) {
        const Resource* a = resource_of(*found);
        const Resource* b = resource_of(*r);
        const Resource* n = resource_of(*near);
        if (n != nullptr && a != nullptr && b != nullptr && a->instance != b->instance) {
          if (b->instance == n->instance) found = r;
          continue;
        }
      }
      if (report_it) {
        report(Code::ambiguous_name, at, "which one?",
               fmt::format("there are several {} called `{}`", text(schema->name), text(name)))
            .at(span(found->origin), "this one")
            .at(span(r->origin), "and this one")
            .note("write what it lives in before it: `immich.redis`");
      }
      return found;
    }
    found = r;
  }
  return found;
}

Record* Engine::find_any_resource(Symbol name) {
  const auto it = by_name_.find(static_cast<std::uint32_t>(name));
  return it == by_name_.end() || it->second.size() != 1 ? nullptr : it->second.front();
}

/// What an environment removed is still a name in the text that it replaces; reading it is an error.
Record* Engine::find_removed(const Schema* schema, Symbol name) {
  const auto it = removed_.find(static_cast<std::uint32_t>(name));
  if (it == removed_.end()) return nullptr;
  for (Record* r : it->second)
    if (schema == nullptr || r->schema->is_a(schema)) return r;
  return nullptr;
}

/// Reports a resource that the environment removed where it is read.
bool Engine::is_removed(const Record& record, NodeRef at) {
  const Resource* r = resource_of(record);
  if (r == nullptr || r->removal == 0) return false;
  report(Code::unknown_name, at, "removed",
         fmt::format("the {} `{}` is removed here", text(record.schema->name), text(record.name)))
      .at(program_.span(r->removal), "by this");
  return true;
}

TypeRef Engine::check_name(NodeRef n, TypeRef expected, const Scope* scope, Info& out) {
  const Symbol name = program_[n].text;
  const auto is_word = [name](TypeRef t) {
    return (t->kind == TypeKind::word && t->name == name) ||
           (t->kind == TypeKind::record && t->schema->kind == SchemaKind::tag && t->schema->name == name);
  };
  const bool word_wins =
      expected != nullptr &&
      through_principal(expected, is_word) != nullptr;  // over parts of a component, which are resources
  // 1. what is bound around it
  unsigned depth = 0;
  for (const Scope* s = scope; s != nullptr; s = s->parent, ++depth) {
    out.depth = static_cast<std::uint8_t>(depth);
    for (std::size_t i = 0; i < s->variables.size(); ++i) {
      if (s->variables[i].first != name) continue;
      out.res = Res::variable;
      out.index = static_cast<std::uint16_t>(i);
      return s->variables[i].second;
    }
    for (std::size_t i = 0; i < s->lets.size(); ++i) {
      if (s->lets[i].first != name) continue;
      out.res = Res::local_let;
      out.index = static_cast<std::uint16_t>(s->variables.size() + i);
      out.node = program_.child(s->lets[i].second, 0);
      if (info_[out.node].type != nullptr) return info_[out.node].type;
      if (!evaluating_.insert(out.node).second) {
        report(Code::evaluation_cycle, n, "leads back to itself",
               fmt::format("the constant `{}` is made of itself", text(name)));
        return fail(out);
      }
      const NodeRef value = out.node;
      const TypeRef t = check(value, nullptr, s);
      evaluating_.erase(value);
      return t;
    }
    if (s->fields != nullptr) {
      if (const Field* f = s->fields->find(name)) {
        out.res = Res::own_field;
        out.object = s->fields;
        out.index = static_cast<std::uint16_t>(f->index);
        return f->type;
      }
    }
    if (s->component != 0 && !word_wins) {
      for (const NodeRef c : program_.children(s->component)) {
        const Node& node = program_[c];
        if (node.kind != NodeKind::Entry || !node.has(syntax::has_label)) continue;
        const NodeRef label = c + 1;
        if (program_[label].kind != NodeKind::Name || program_[label].text != name) continue;
        if (const Schema* k = kind(node.text)) {
          out.res = Res::child;
          out.node = c;
          out.object = k;
          return types_.reference(k);
        }
      }
    }
  }
  out.depth = 0;
  // 2. what the expected type has
  if (expected != nullptr) {
    if (word_wins) {
      out.res = Res::word;
      if (const TypeRef t = types::tagged(expected, name)) return t;
      return types_.word(name);
    }
    const TypeRef dep = through_principal(expected, [](TypeRef t) { return t->kind == TypeKind::dependent; });
    if (dep != nullptr && text(dep->name) != "ip" && text(dep->name) != "ip-range") {
      out.res = Res::dependent;
      out.object = dep;
      return dep;
    }
    std::vector<const Schema*> kinds;
    referred(expected, kinds);
    for (const Schema* k : kinds) {
      if (Record* r = find_resource(k, name, n, nullptr, true)) {
        out.res = Res::resource;
        out.object = r;
        return types_.reference(r->schema);
      }
    }
  }
  // 3. constants and parameters
  if (const NodeRef let = names::lookup(declarations_.lets, name)) {
    read_lets_.insert(let);
    const NodeRef value = program_.child(let, 0);
    NodeRef inner = value;
    while (program_[inner].kind == NodeKind::Paren) inner = program_.child(inner, 0);
    // A tag says what it is only where something expects it: the constant is elaborated there.
    const NodeKind k = program_[inner].kind;
    if ((k == NodeKind::Tagged || k == NodeKind::Call) && expected != nullptr) {
      const NodeRef callee = program_.child(inner, 0);
      if (program_[callee].kind == NodeKind::Name) {
        const Symbol c = program_[callee].text;
        if (types::tagged(expected, c) != nullptr || through_principal(expected, [&](TypeRef t) {
                                                       return types::tagged(t, c) != nullptr;
                                                     }) != nullptr) {
          const std::uint64_t key = (static_cast<std::uint64_t>(value) << 32) ^
                                    (reinterpret_cast<std::uintptr_t>(expected) * 0x9E3779B1u & 0xffffffffu);
          NodeRef& copy = copies_[key];
          if (copy == 0) copy = program_.instantiate(value);
          if (info_.size() < program_.size()) info_.resize(program_.size());
          out.res = Res::copy;
          out.node = copy;
          out.object = expected;
          return check(copy, expected, global_scope_);
        }
      }
    }
    out.res = Res::let;
    out.node = value;
    if (info_[value].type == nullptr) {
      if (!evaluating_.insert(value).second) {
        report(Code::evaluation_cycle, n, "leads back to itself",
               fmt::format("the constant `{}` is made of itself", text(name)));
        return fail(out);
      }
      const TypeRef t = check(value, nullptr, global_scope_);
      evaluating_.erase(value);
      return t;
    }
    return info_[value].type;
  }
  if (const NodeRef param = names::lookup(declarations_.params, name)) {
    out.res = Res::param;
    out.node = param;
    return type_of(program_.child(param, 0), global_scope_);
  }
  // 4. a kind, as the map of its resources; there is one lab
  if (const Schema* k = kind(name)) {
    if (name == word_.lab && !resources("lab").empty()) {
      out.res = Res::resource;
      out.object = resources("lab").front();
      return types_.reference(k);
    }
    out.res = Res::kind;
    out.object = k;
    return types_.kind(k);
  }
  // 5. the resources of all kinds
  if (Record* r = find_any_resource(name)) {
    out.res = Res::resource;
    out.object = r;
    return types_.reference(r->schema);
  }
  std::vector<const Schema*> kinds{nullptr};
  if (expected != nullptr) kinds.clear(), referred(expected, kinds);
  for (const Schema* k : kinds) {
    if (Record* r = find_removed(k, name)) {
      out.res = Res::resource;
      out.object = r;
      return types_.reference(r->schema);
    }
  }
  if (const auto it = by_name_.find(static_cast<std::uint32_t>(name)); it != by_name_.end()) {
    // As an endpoint a bare name is a workload if there is one of that name.
    auto& d = report(Code::ambiguous_name, n, "which one?",
                     fmt::format("`{}` could be several things", text(name)));
    for (const Record* r : it->second) {
      d.at(span(r->origin), diagnostics::with_article(text(r->schema->name)));
      d.replace(program_.span(n), fmt::format("{}.{}", text(r->schema->name), text(name)),
                fmt::format("write `{}.{}`", text(r->schema->name), text(name)),
                diagnostics::Applicability::maybe);
    }
    return fail(out);
  }
  unknown_name(n, expected, scope);
  return fail(out);
}

void Engine::unknown_name(NodeRef n, TypeRef expected, const Scope* scope) {
  const std::string_view name = text(program_[n].text);
  std::vector<std::string_view> near, all;
  std::vector<const Schema*> kinds;
  referred(expected, kinds);
  std::string what;
  for (const Schema* k : kinds) {
    if (!what.empty()) what += " or ";
    if (kinds.size() <= 3) what += text(k->name);
    for (const Record* r : existing_)
      if (r->schema->is_a(k)) near.push_back(text(r->name));
  }
  std::vector<std::string_view> words;
  if (expected != nullptr) {
    types::find_alternative(expected, [&](TypeRef t) {
      if (t->kind == TypeKind::word) words.push_back(text(t->name));
      if (t->kind == TypeKind::record && t->schema->kind == SchemaKind::tag)
        words.push_back(text(t->schema->name));
      return false;
    });
  }
  near.insert(near.end(), words.begin(), words.end());
  for (const Scope* s = scope; s != nullptr; s = s->parent) {
    for (const auto& v : s->variables) all.push_back(text(v.first));
    for (const auto& l : s->lets) all.push_back(text(l.first));
    if (s->fields != nullptr)
      for (const Field& f : s->fields->fields) all.push_back(text(f.name));
  }
  for (const auto& [k, v] : declarations_.lets) all.push_back(text(static_cast<Symbol>(k)));
  for (const auto& [k, v] : declarations_.params) all.push_back(text(static_cast<Symbol>(k)));
  std::sort(all.begin(), all.end());
  std::vector<std::string_view> others;
  for (const Record* r : existing_) others.push_back(text(r->name));
  auto& d =
      report(Code::unknown_name, n,
             kinds.empty() || kinds.size() > 3 ? "nothing has this name" : fmt::format("no such {}", what),
             kinds.empty() || kinds.size() > 3 ? fmt::format("nothing is called `{}`", name)
                                               : fmt::format("there is no {} called `{}`", what, name));
  for (const auto* candidates : {&near, &all, &others}) {
    if (const auto best = diagnostics::nearest(name, *candidates)) {
      d.replace(program_.span(n), std::string(*best), fmt::format("did you mean `{}`?", *best),
                diagnostics::Applicability::maybe);
      return;
    }
  }
  if (const std::size_t dash = name.find('-'); dash != std::string_view::npos) {
    const Symbol left = symbols_.find(name.substr(0, dash));
    const std::string_view right = name.substr(dash + 1);
    const bool number = !right.empty() &&
                        std::all_of(right.begin(), right.end(), [](char c) { return c >= '0' && c <= '9'; });
    bool bound = false;
    for (const Scope* s = scope; s != nullptr; s = s->parent)
      for (const auto& v : s->variables) bound = bound || v.first == left;
    if (left != Symbol::empty && (number || bound)) {
      const std::string spaced = fmt::format("{} - {}", name.substr(0, dash), right);
      d.note("a dash is part of a name: subtraction needs a space before the minus")
          .replace(program_.span(n), spaced, fmt::format("write `{}`", spaced));
      return;
    }
  }
  if (!words.empty() && words.size() <= 8)
    d.note(fmt::format("the words here are {}", fmt::join(words, ", ")));
}

void Engine::unknown_field(NodeRef n, const Schema& schema, Symbol name) {
  std::vector<std::string_view> candidates;
  for (const Field& f : schema.fields) candidates.push_back(text(f.name));
  const std::string owner =
      schema.name == Symbol::empty ? "this record" : fmt::format("`{}`", text(schema.name));
  source::Span at = program_.span(n);
  const syntax::Node& node = program_[n];
  if (node.kind == NodeKind::Entry || node.kind == NodeKind::Arg)
    at.end =
        at.begin + static_cast<std::uint32_t>(text(name).size()) + (node.has(syntax::string_key) ? 2 : 0);
  if (node.kind == NodeKind::Member) at.begin = at.end - static_cast<std::uint32_t>(text(name).size());
  auto& d = sink_.report(diagnostics::make(Code::unknown_field, at, fmt::format("not a field of {}", owner),
                                           "{} has no field `{}`", owner, text(name)));
  std::vector<std::string> inside;  // `resources` for `cpu`
  for (const Field& f : schema.fields)
    if (const TypeRef t = types::only_record(f.type); t != nullptr && t->schema->find(name) != nullptr)
      inside.push_back(fmt::format("`{}`", text(f.name)));
  if (!inside.empty() && inside.size() <= most_named) {
    d.note(fmt::format("`{}` is a field of {}", text(name), fmt::join(inside, ", ")));
  } else if (const auto best = diagnostics::nearest(text(name), candidates)) {
    d.replace(at, std::string(*best), fmt::format("did you mean `{}`?", *best),
              diagnostics::Applicability::maybe);
  } else if (candidates.size() <= most_named && !candidates.empty()) {
    d.note(fmt::format("its fields are {}", fmt::join(candidates, ", ")));
  }
}

}  // namespace lab::eval
