// What environments and tests change: parameters, declarations, `override` and `remove`.
#include <fmt/format.h>

#include "compiler/diagnostics/nearest.h"
#include "compiler/eval/engine.h"

namespace lab::eval {

using syntax::Node;

namespace {

void suggest(diagnostics::Diagnostic& d, source::Span at, std::string_view wrong,
             const std::vector<std::string_view>& right) {
  if (const auto best = diagnostics::nearest(wrong, right))
    d.replace(at, std::string(*best), fmt::format("did you mean `{}`?", *best),
              diagnostics::Applicability::maybe);
}

}  // namespace

/// The environment that one is `like`; 0 when it is like none, or like one that does not exist.
NodeRef Engine::environment_before(NodeRef environment) const {
  const NodeRef path = program_.child(environment, 0);
  if (program_[path].kind != NodeKind::Path) return 0;
  return names::lookup(declarations_.environments, program_[program_.child(path, 0)].text);
}

/// The bodies of the environment that was asked for and of those it is like, outermost first.
std::vector<NodeRef> Engine::chosen_environments() {
  std::vector<NodeRef> bodies;
  if (options_.environment.empty()) return bodies;
  NodeRef at = names::lookup(declarations_.environments, symbols_.find(options_.environment));
  if (at == 0) {
    std::vector<std::string_view> names;
    for (const auto& [name, node] : declarations_.environments)
      names.push_back(text(static_cast<Symbol>(name)));
    std::ranges::sort(names);
    auto d = diagnostics::make(Code::unknown_environment, {}, "", "the lab has no environment `{}`",
                               options_.environment);
    if (const auto best = diagnostics::nearest(options_.environment, names))
      d.note(fmt::format("did you mean `{}`?", *best));
    sink_.report(d);
  }
  for (; at != 0; at = environment_before(at)) {
    const NodeRef body = program_.last_child(at);
    if (std::ranges::count(bodies, body) > 0) break;  // a circle, reported by the sweep
    bodies.insert(bodies.begin(), body);
  }
  return bodies;
}

/// The parameter that `NAME = value` in an environment sets; 0 for anything else.
NodeRef Engine::parameter_set_by(NodeRef member) {
  if (program_[member].kind != NodeKind::Entry || entry_parts(member).value == 0) return 0;
  return names::lookup(declarations_.params, program_[member].text);
}

/// The statements of an environment or a test. First its declarations, then what it changes.
void Engine::apply_changes(NodeRef body, Env* env, bool declarations) {
  for (const NodeRef m : program_.children(body)) {
    const Node node = program_[m];
    switch (node.kind) {
      case NodeKind::Entry: {
        if (!declarations || parameter_set_by(m) != 0) break;
        const names::EntryParts p = entry_parts(m);
        if (p.value == 0 || p.label != 0 || p.clauses != 0 || kind(node.text) != nullptr)
          register_resource(m, env, nullptr);
        else
          sweep_environment(m, 0);
        break;
      }
      case NodeKind::Override:
      case NodeKind::Remove: {
        if (declarations) break;
        const auto change = change_at(m, env);
        if (!change) break;
        if (Record* r = find_resource(change->schema, change->name, m, nullptr, true))
          apply(*change, *resource_of(*r));
        else
          waiting_changes_.push_back(*change);
        break;
      }
      case NodeKind::Fails:
        if (declarations) fails_.push_back(text(node.text));
        break;
      case NodeKind::Assert:
      case NodeKind::Assume:
        if (declarations) assertions_.emplace_back(m, env);
        break;
      case NodeKind::For:
      case NodeKind::If:
        if (!only_assertions(m))
          generate(m, env, [&](NodeRef inner, Env* own) { apply_changes(inner, own, declarations); });
        else if (declarations)
          assertions_.emplace_back(m, env);
        break;
      default:
        break;
    }
  }
}

/// What an `override` or `remove` is about; nothing, and reported, when there is no such kind.
std::optional<Engine::Change> Engine::change_at(NodeRef node, Env* env) {
  const Schema* schema = kind(program_[node].text);
  if (schema == nullptr) {
    report(Code::unknown_kind, node, "no such kind",
           fmt::format("there is no kind `{}`", text(program_[node].text)));
    return std::nullopt;
  }
  const NodeRef label = program_.child(node, 0);
  const bool labelled = label != 0 && program_[label].kind != NodeKind::Body;
  const Symbol name = labelled ? name_from(label, env) : schema->name;
  if (name == Symbol::empty) return std::nullopt;
  return Change{node, env, schema, name};
}

void Engine::apply(const Change& change, Resource& to) {
  if (program_[change.node].kind == NodeKind::Override) {
    if (to.layered) add_likes_of(to, program_.last_child(change.node), change.env);
    to.layers.emplace_back(change.node, change.env);
    to.expanded = false;  // what decided structure may have read it already
    to.record.slots = nullptr;
    return;
  }
  take_away(to.record);
  to.removal = change.node;
  removed_[static_cast<std::uint32_t>(to.record.name)].push_back(&to.record);
}

/// Changes of what a component or a package declares, as soon as it is there.
void Engine::apply_waiting_changes(Resource& to) {
  for (std::size_t i = 0; i < waiting_changes_.size() && !to.removed;) {
    const Change change = waiting_changes_[i];
    if (change.name != to.record.name || !to.record.schema->is_a(change.schema)) {
      ++i;
      continue;
    }
    waiting_changes_.erase(waiting_changes_.begin() + static_cast<std::ptrdiff_t>(i));
    apply(change, to);
  }
}

void Engine::report_waiting_changes() {
  for (const Change& change : waiting_changes_) report_nothing(change);
}

void Engine::report_nothing(const Change& change) {
  const NodeRef label = program_.child(change.node, 0);
  const bool labelled = label != 0 && program_[label].kind != NodeKind::Body;
  std::vector<std::string_view> names;
  for (const Record* r : existing_)
    if (r->schema->is_a(change.schema)) names.push_back(text(r->name));
  const bool removes = program_[change.node].kind == NodeKind::Remove;
  auto& d = report(Code::override_of_nothing, labelled ? label : change.node, "not there",
                   fmt::format("there is no {} `{}` to {}", text(change.schema->name), text(change.name),
                               removes ? "remove" : "override"));
  if (labelled) suggest(d, program_.span(label), text(change.name), names);
}

/// Whether what a change names is in the lab, or in the environment that changes it or one before that.
bool Engine::is_there(const Change& change, NodeRef environment) {
  if (find_resource(change.schema, change.name, change.node, nullptr, false) != nullptr) return true;
  if (find_removed(change.schema, change.name) != nullptr) return true;
  for (std::size_t n = 0; environment != 0 && n <= declarations_.environments.size(); ++n) {
    for (NodeRef i = environment; i < environment + program_[environment].size; ++i) {
      if (program_[i].kind != NodeKind::Entry) continue;
      const Schema* schema = kind(program_[i].text);
      const NodeRef label = entry_parts(i).label;
      if (schema == nullptr || label == 0 || !schema->is_a(change.schema)) continue;
      if (program_[label].kind == NodeKind::Interpolation || program_[label].text == change.name) return true;
    }
    environment = environment_before(environment);
  }
  return false;
}

/// Registers what an environment and those before it declare, so that its members may name it; what was not
/// there before, for the caller to take away again.
std::vector<Record*> Engine::lend_declarations(NodeRef environment) {
  std::vector<Record*> lent;
  for (std::size_t n = 0; environment != 0 && n <= declarations_.environments.size(); ++n) {
    const NodeRef body = program_.last_child(environment);
    environment = environment_before(environment);
    if (std::ranges::count(applied_, body) > 0) continue;
    for (const NodeRef m : program_.children(body)) {
      if (program_[m].kind != NodeKind::Entry || kind(program_[m].text) == nullptr) continue;
      const std::size_t before = existing_.size();
      register_resource(m, global_, nullptr);
      if (existing_.size() > before) lent.push_back(existing_.back());
    }
  }
  return lent;
}

/// Finds the mistakes of an environment, or of one member of it, whether it is chosen or not.
void Engine::sweep_environment(NodeRef n, NodeRef environment) {
  const Node node = program_[n];
  switch (node.kind) {
    case NodeKind::Environment: {
      const NodeRef path = program_.child(n, 0);
      if (program_[path].kind == NodeKind::Path) {
        const NodeRef before = environment_before(n);
        NodeRef at = before, first = n;  // a circle is reported at its first environment
        for (std::size_t i = 0; at != 0 && at != n && i < declarations_.environments.size(); ++i) {
          first = std::min(first, at);
          at = environment_before(at);
        }
        if (before == 0) {
          std::vector<std::string_view> names;
          for (const auto& [name, other] : declarations_.environments)
            if (other != n) names.push_back(text(static_cast<Symbol>(name)));
          std::ranges::sort(names);
          const std::string_view wrong = text(program_[program_.child(path, 0)].text);
          suggest(report(Code::unknown_environment, path, "no such environment",
                         fmt::format("the lab has no environment `{}`", wrong)),
                  program_.span(path), wrong, names);
        } else if (at == n && first == n) {
          report(Code::like_cycle, path, "leads back here",
                 fmt::format("the environment `{}` is like itself", text(node.text)));
        }
      }
      const std::vector<Record*> lent = lend_declarations(n);
      for (const NodeRef m : program_.children(program_.last_child(n))) sweep_environment(m, n);
      for (Record* r : lent) take_away(*r);
      return;
    }
    case NodeKind::Entry: {
      const names::EntryParts p = entry_parts(n);
      if (node.has(syntax::damaged)) return;
      if (const NodeRef param = parameter_set_by(n)) {
        check(p.value, type_of(program_.child(param, 0), global_scope_), global_scope_);
      } else if (const Schema* schema = kind(node.text)) {
        if (p.body != 0) sweep_body(p.body, schema, body_scope(p.body, global_scope_, schema));
      } else if (p.value != 0 && p.label == 0 && p.clauses == 0) {
        std::vector<std::string_view> names;
        for (const auto& [name, other] : declarations_.params)
          names.push_back(text(static_cast<Symbol>(name)));
        std::ranges::sort(names);
        source::Span at = program_.span(n);
        at.end = at.begin + static_cast<std::uint32_t>(text(node.text).size());
        suggest(sink_.report(diagnostics::make(Code::unknown_parameter, at, "no such parameter",
                                               "the lab has no parameter `{}`", text(node.text))),
                at, text(node.text), names);
      }
      return;
    }
    case NodeKind::Override:
    case NodeKind::Remove: {
      const NodeRef label = program_.child(n, 0);
      const bool known = label == 0 || program_[label].kind != NodeKind::Interpolation;
      const auto change = known ? change_at(n, global_) : std::nullopt;
      if (change && !is_there(*change, environment)) report_nothing(*change);
      if (node.kind == NodeKind::Override) sweep_member(n, nullptr, global_scope_);
      return;
    }
    default:
      return;
  }
}

}  // namespace lab::eval
