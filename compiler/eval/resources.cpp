// Structure: which resources exist, from literals, parameters and constants, before any value is read.
#include <fmt/format.h>

#include "compiler/diagnostics/article.h"
#include "compiler/diagnostics/nearest.h"
#include "compiler/eval/engine.h"
#include "compiler/eval/limits.h"

namespace lab::eval {

using syntax::Clause;
using syntax::Node;

namespace {
constexpr unsigned max_component_depth = 64;
}

Resource* Engine::resource_of(const Record& record) const {
  const auto it = by_record_.find(&record);
  return it == by_record_.end() ? nullptr : it->second;
}

std::span<Record* const> Engine::resources(std::string_view kind) const {
  const Symbol s = symbols_.find(kind);
  const auto it = by_kind_.find(static_cast<std::uint32_t>(s));
  if (s == Symbol::empty || it == by_kind_.end()) return {};
  return it->second;
}

Symbol Engine::name_from(NodeRef label, Env* env) {
  const Node node = program_[label];
  if (node.kind == NodeKind::Interpolation) {
    const Value v = eval(label, env, types_.simple(TypeKind::string), {});
    return v.is(Tag::string) ? symbols_.intern(v.text) : Symbol::empty;
  }
  return node.text;
}

/// Whether a loop holds assertions alone: it may then look at everything, and waits.
bool Engine::only_assertions(NodeRef member) const {
  const Node& node = program_[member];
  switch (node.kind) {
    case NodeKind::Assert:
    case NodeKind::Assume:
      return true;
    case NodeKind::For:
    case NodeKind::If:
      for (const NodeRef c : program_.children(member)) {
        const NodeKind k = program_[c].kind;
        if (k != NodeKind::Body && k != NodeKind::If) continue;
        if (k == NodeKind::If) {
          if (!only_assertions(c)) return false;
          continue;
        }
        for (const NodeRef m : program_.children(c))
          if (!only_assertions(m) && program_[m].kind != NodeKind::Let) return false;
      }
      return true;
    default:
      return false;
  }
}

void Engine::register_members(const std::vector<NodeRef>& members, Env* env, Record* instance) {
  // Plain declarations first, so that loops may name any of them.
  for (const bool loops : {false, true})
    for (const NodeRef m : members) register_member(m, env, instance, loops);
}

void Engine::register_member(NodeRef m, Env* env, Record* instance, bool loops) {
  const Node node = program_[m];
  switch (node.kind) {
    case NodeKind::Entry:
      if (!loops) register_resource(m, env, instance);
      return;
    case NodeKind::Assert:
    case NodeKind::Assume:
      if (!loops) assertions_.emplace_back(m, env);
      return;
    case NodeKind::For:
    case NodeKind::If:
      if (!loops) return;
      if (only_assertions(m)) {
        assertions_.emplace_back(m, env);
        return;
      }
      generate(m, env, [&](NodeRef body, Env* own) {
        std::vector<NodeRef> inner;
        for (const NodeRef x : program_.children(body)) inner.push_back(x);
        register_members(inner, own, instance);
      });
      return;
    case NodeKind::Override:
    case NodeKind::Remove:
    case NodeKind::Fails:
      if (!loops)
        report(Code::misplaced_statement, m, "belongs in an environment or a test",
               "this changes a lab, and stands in environments and tests alone");
      return;
    default:
      return;
  }
}

void Engine::report_nameless(NodeRef entry) {
  const std::string_view word = text(program_[entry].text);
  source::Span at = program_.span(entry);
  at.end = at.begin + static_cast<std::uint32_t>(word.size());
  sink_
      .report(diagnostics::make(Code::missing_name, at, "a name belongs behind this", "this {} has no name",
                                word))
      .replace({at.file, at.end, at.end}, " NAME", fmt::format("give it one: `{} NAME`", word),
               diagnostics::Applicability::placeholders);
}

/// A resource of a kind that says only what others have in common.
void Engine::report_common_kind(NodeRef entry, const Schema& common) {
  std::vector<std::string> kinds;
  for (const auto& [name, declaration] : declarations_.kinds)
    if (const Schema* s = schema_of(declaration); s->is_a(&common) && s->label != types::Label::no_resources)
      kinds.push_back(fmt::format("`{}`", text(s->name)));
  std::ranges::sort(kinds);
  constexpr std::size_t most = 8;
  source::Span at = program_.span(entry);
  at.end = at.begin + static_cast<std::uint32_t>(text(common.name).size());
  auto& d = sink_.report(diagnostics::make(Code::unknown_kind, at, "what other kinds have in common",
                                           "nothing is a `{}` alone", text(common.name)));
  if (kinds.size() <= most) d.note(fmt::format("kinds that are like it: {}", fmt::join(kinds, ", ")));
}

void Engine::register_resource(NodeRef entry, Env* env, Record* instance) {
  const Node node = program_[entry];
  if (node.has(syntax::damaged)) return;
  const names::EntryParts p = entry_parts(entry);
  if (node.has(syntax::string_key) ||
      (p.label == 0 && p.clauses == 0 && p.body == 0 && p.value != 0 && kind(node.text) == nullptr)) {
    auto& d = report(Code::misplaced_statement, entry, "a field outside of a declaration",
                     fmt::format("`{} = …` stands outside of a declaration", text(node.text)));
    if (!node.has(syntax::string_key)) {
      const source::Span at = program_.span(entry);
      d.replace({at.file, at.begin, at.begin}, "let ", "a constant begins with `let`",
                diagnostics::Applicability::maybe);
    }
    return;
  }
  const Schema* schema = kind(node.text);
  if (schema == nullptr) {
    std::vector<std::string_view> candidates;
    for (const auto& [k, v] : declarations_.kinds) candidates.push_back(text(static_cast<Symbol>(k)));
    std::sort(candidates.begin(), candidates.end());
    source::Span at = program_.span(entry);
    at.end = at.begin + static_cast<std::uint32_t>(text(node.text).size());
    auto& d = sink_.report(
        diagnostics::make(Code::unknown_kind, at, "no such kind", "there is no kind `{}`", text(node.text)));
    if (const auto best = diagnostics::nearest(text(node.text), candidates))
      d.replace(at, std::string(*best), fmt::format("did you mean `{}`?", *best),
                diagnostics::Applicability::maybe);
    return;
  }
  if (schema->label == types::Label::no_resources) {
    report_common_kind(entry, *schema);
    return;
  }
  Symbol label{};
  if (p.label != 0) {
    label = name_from(p.label, env);
    if (label == Symbol::empty) return;
  } else if (schema->kind == SchemaKind::component) {
    label = schema->name;
  } else if (schema->label == types::Label::wanted) {
    report_nameless(entry);  // it is there all the same
  }
  unsigned nested = 0;
  for (const Resource* i = instance == nullptr ? nullptr : resource_of(*instance); i != nullptr;
       i = i->instance == nullptr ? nullptr : resource_of(*i->instance))
    ++nested;
  if (nested > max_component_depth) {
    report(Code::limit_exceeded, entry, "one too deep",
           fmt::format("components are nested more than {} deep", max_component_depth));
    return;
  }
  Symbol name = label;
  if (instance != nullptr && label != Symbol::empty) {
    // Named after the instance, except that a component used under its own name keeps the names it declares.
    if (instance->name != instance->schema->name) {
      const std::string_view prefix = text(instance->name);
      const std::string_view own = text(label);
      if (own != prefix && !(own.size() > prefix.size() && own.substr(0, prefix.size()) == prefix &&
                             own[prefix.size()] == '-'))
        name = symbols_.intern(fmt::format("{}-{}", prefix, own));
    }
  }
  if (store_.size() >= max_resources) {
    report(Code::limit_exceeded, entry, "one too many",
           fmt::format("a lab of more than {} resources is not read", max_resources));
    return;
  }
  Resource& r = store_.emplace_back();
  r.header = entry;
  r.instance = instance;
  r.label = label;
  r.record.schema = schema;
  r.record.name = name;
  r.record.named = true;
  r.record.origin = entry;
  r.record.resource = &r.record;
  r.record.key = make_string(text(name), entry);
  r.layers.emplace_back(entry, env);
  by_record_[&r.record] = &r;
  if (instance != nullptr) by_instance_[instance].push_back(&r);
  existing_.push_back(&r.record);
  by_kind_[static_cast<std::uint32_t>(schema->name)].push_back(&r.record);
  if (name != Symbol::empty) by_name_[static_cast<std::uint32_t>(name)].push_back(&r.record);
}

void Engine::set_up_layers(Resource& resource) {
  if (resource.layered) return;
  resource.layered = true;
  const std::vector<std::pair<NodeRef, Env*>> own = resource.layers;
  resource.layers.clear();
  for (const auto& [node, env] : own) {
    const Node n = program_[node];
    if (n.kind == NodeKind::Entry) {
      const names::EntryParts p = entry_parts(node);
      NodeRef c = p.first_clause;
      for (unsigned i = 0; i < p.clauses; ++i, c += program_[c].size)
        if (static_cast<Clause>(program_[c].op) == Clause::like) add_like(resource, c + 1, env, node);
      if (p.body != 0) add_likes_of(resource, p.body, env);
    } else {
      const NodeRef body = program_.last_child(node);
      add_likes_of(resource, body, env);
    }
    resource.layers.emplace_back(node, env);
  }
}

/// `like = EXPR` among the members of a body.
void Engine::add_likes_of(Resource& into, NodeRef body, Env* env) {
  for (const NodeRef m : program_.children(body)) {
    const Node& node = program_[m];
    if (node.kind == NodeKind::Entry && node.text == word_.like && !node.has(syntax::string_key)) {
      const names::EntryParts p = entry_parts(m);
      if (p.value != 0) add_like(into, p.value, env, m);
    }
  }
}

void Engine::add_like(Resource& into, NodeRef e, Env* env, NodeRef from) {
  while (program_[e].kind == NodeKind::Paren) e = program_.child(e, 0);
  const Node node = program_[e];
  const auto is_kind = [&](const Schema* schema, NodeRef at) {
    if (schema == into.record.schema || into.record.schema->is_a(schema)) return true;
    const std::string given = diagnostics::with_article(text(schema->name));
    report(Code::not_a_template, at, given,
           fmt::format("{} cannot be like {}", diagnostics::with_article(text(into.record.schema->name)),
                       given));
    return false;
  };
  if (node.kind == NodeKind::List) {
    for (const NodeRef c : program_.children(e)) add_like(into, c, env, from);
    return;
  }
  if (node.kind == NodeKind::Tagged) {
    const NodeRef callee = e + 1;
    const Schema* schema = program_[callee].kind == NodeKind::Name ? kind(program_[callee].text) : nullptr;
    if (schema == nullptr) {
      report(Code::not_a_template, e, "not a template", "`like` takes a template or a resource");
      return;
    }
    if (!is_kind(schema, e)) return;
    if (std::count(into.like_path.begin(), into.like_path.end(), e) > 0) {
      auto& d =
          report(Code::like_cycle, from, "leads back here", "templates are like each other in a circle");
      for (const NodeRef step : into.like_path) d.at(program_.span(step), "by way of this");
      return;
    }
    used_templates_.insert(e);
    into.like_path.push_back(e);
    const NodeRef body = callee + program_[callee].size;
    add_likes_of(into, body, env);
    into.like_path.pop_back();
    into.layers.emplace_back(body, env);
    return;
  }
  if (node.kind == NodeKind::Name) {
    // A template by its name: the constant's expression, evaluated where it stands.
    if (const NodeRef let = names::lookup(declarations_.lets, node.text)) {
      read_lets_.insert(let);
      NodeRef value = program_.child(let, 0);
      while (program_[value].kind == NodeKind::Paren) value = program_.child(value, 0);
      if (info_[e].type == nullptr) {
        Info i;
        i.res = Res::let;
        i.node = value;
        i.type = types_.simple(TypeKind::any);
        info_[e] = i;
      }
      if (std::count(into.like_path.begin(), into.like_path.end(), value) > 0) {
        report(Code::like_cycle, from, "leads back here",
               fmt::format("the template `{}` is like itself", text(node.text)));
        return;
      }
      add_like(into, value, global_, from);
      return;
    }
  }
  // A resource: everything that it is made of.
  Value v = poison();
  if (node.kind == NodeKind::Name) {
    if (Record* r = find_resource(into.record.schema, node.text, e, &into.record, true)) {
      v = Value(Tag::record, e);
      v.record = r;
      Info i;
      i.res = Res::resource;
      i.object = r;
      i.type = types_.reference(r->schema);
      info_[e] = i;
    }
  }
  if (v.poisoned()) v = eval(e, env, nullptr, {});
  if (v.poisoned()) return;
  if (v.is(Tag::template_)) {
    add_like(into, v.tmpl.node, v.tmpl.env, from);
    return;
  }
  Resource* other = v.is(Tag::record) ? resource_of(*v.record) : nullptr;
  if (other == nullptr) {
    report(Code::not_a_template, e, fmt::format("this is {}", display(v)),
           "`like` takes a template or a resource");
    return;
  }
  if (!is_kind(other->record.schema, e)) return;
  if (other == &into || std::count(into.like_path.begin(), into.like_path.end(), other->header) > 0) {
    report(Code::like_cycle, from, "leads back here",
           fmt::format("`{}` is like itself", text(into.record.name)));
    return;
  }
  into.like_path.push_back(other->header);
  if (!other->layered) {
    other->like_path.push_back(into.header);
    set_up_layers(*other);
    other->like_path.pop_back();
  }
  into.like_path.pop_back();
  for (const auto& layer : other->layers) into.layers.push_back(layer);
}

void Engine::expand(Resource& r) {
  if (r.expanded) return;
  r.expanded = true;
  set_up_layers(r);
  Record& record = r.record;
  record.slots = arena_.array<Slot>(record.schema->fields.size());
  for (const auto& [node, env] : r.layers) {
    const Node n = program_[node];
    if (n.kind == NodeKind::Entry) {
      const names::EntryParts p = entry_parts(node);
      Env* self = header_env(env, record);
      spread_header(record, node, self, true);
      if (p.value != 0) {
        Item item;
        item.node = node;
        item.env = self;
        item.kind = Item::Kind::entry;
        add(record, principal_of(*record.schema), item);
      }
      if (p.body != 0) spread(record, p.body, body_env(p.body, self, &record));
    } else if (n.kind == NodeKind::Override) {
      const NodeRef body = program_.last_child(node);
      spread(record, body, body_env(body, header_env(env, record), &record));
    } else {
      spread(record, node, body_env(node, env, &record));
    }
  }
}

/// The environment of what stands in a header or after its `=`: `self` is the resource there too.
Env* Engine::header_env(Env* env, Record& record) {
  if (env->self == &record) return env;
  Env* own = arena_.make<Env>(*env);
  own->self = &record;
  return own;
}

/// The principal field: the first that a clause does not set.
std::uint32_t Engine::principal_of(const Schema& schema) const {
  for (const Field& f : schema.fields) {
    const std::string_view name = text(f.name);
    if (!f.computed && name != "in" && name != "on" && name != "of" && name != "at" && name != "via" &&
        name != "from")
      return f.index;
  }
  return 0;
}

void Engine::expand_components() {
  // Parts may be components again; the store grows while it is walked.
  for (std::size_t i = 0; i < store_.size(); ++i) {
    Resource& r = store_[i];
    if (!r.removed) apply_waiting_changes(r);
    if (r.removed) continue;
    for (const Schema* s = r.record.schema; s != nullptr; s = s->like) {
      if (s->kind != SchemaKind::component) continue;
      std::vector<NodeRef> members;
      for (const NodeRef c : program_.children(s->decl)) {
        const NodeKind k = program_[c].kind;
        if (k == NodeKind::Entry || k == NodeKind::For || k == NodeKind::If) members.push_back(c);
      }
      if (!members.empty()) register_members(members, record_env(r.record), &r.record);
    }
  }
}

std::vector<Record*> Engine::parts(const Record& instance) const {
  std::vector<Record*> out;
  const auto own = by_instance_.find(&instance);
  if (own == by_instance_.end()) return out;
  for (Resource* r : own->second) {
    if (r->removed) continue;
    out.push_back(&r->record);
    const std::vector<Record*> inner = parts(r->record);
    out.insert(out.end(), inner.begin(), inner.end());
  }
  return out;
}

void Engine::take_away(Record& record) {
  resource_of(record)->removed = true;
  std::erase(existing_, &record);
  std::erase(by_kind_[static_cast<std::uint32_t>(record.schema->name)], &record);
  const auto named = by_name_.find(static_cast<std::uint32_t>(record.name));
  if (named == by_name_.end()) return;  // it has no name
  std::erase(named->second, &record);
  if (named->second.empty()) by_name_.erase(named);
}

}  // namespace lab::eval
