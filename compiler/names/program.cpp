#include "compiler/names/program.h"

#include <algorithm>

namespace lab::names {

using syntax::Node;
using syntax::NodeKind;

Program::Program(const source::Sources& sources) : sources_(&sources) {
  nodes_.emplace_back();      // number 0 is no node
  units_.push_back({source::FileId::none, 0, Home::standard});
}

NodeRef Program::add(std::span<const Node> nodes, std::span<const syntax::Doc> docs, source::FileId file, Home home) {
  const auto base = static_cast<NodeRef>(nodes_.size());
  nodes_.insert(nodes_.end(), nodes.begin(), nodes.end());
  units_.push_back({file, base, home});
  for (const auto& doc : docs) docs_.emplace(base + doc.node, doc.text);
  return base;
}

NodeRef Program::instantiate(NodeRef node) {
  const Unit from = unit(node);
  const auto at = static_cast<NodeRef>(nodes_.size());
  const std::uint32_t count = nodes_[node].size;
  nodes_.resize(at + count);
  std::copy_n(nodes_.begin() + node, count, nodes_.begin() + at);
  if (units_.back().file != from.file || units_.back().home != from.home) units_.push_back({from.file, at, from.home});
  return at;
}

NodeRef Program::child(NodeRef n, unsigned i) const {
  for (const NodeRef c : children(n))
    if (i-- == 0) return c;
  return 0;
}

NodeRef Program::last_child(NodeRef n) const {
  NodeRef last = 0;
  for (const NodeRef c : children(n)) last = c;
  return last;
}

const Unit& Program::unit(NodeRef n) const {
  const auto after = std::upper_bound(units_.begin(), units_.end(), n, [](NodeRef a, const Unit& u) { return a < u.base; });
  return *std::prev(after);
}

Span Program::span(NodeRef n) const {
  if (n == 0) return {};
  return {unit(n).file, nodes_[n].begin, nodes_[n].end};
}

Span Program::header(NodeRef n) const {
  Span out = span(n);
  const Node& node = nodes_[n];
  if (n == 0 || node.kind != NodeKind::Entry || !node.has(syntax::has_body)) return out;
  out.end = nodes_[last_child(n)].begin;
  const std::string_view text = sources_->text(out.file);
  while (out.end > out.begin + 1 && (text[out.end - 1] == ' ' || text[out.end - 1] == '\n' || text[out.end - 1] == '\t')) --out.end;
  return out;
}

Symbol Program::doc(NodeRef n) const {
  const auto it = docs_.find(n);
  return it == docs_.end() ? Symbol::empty : it->second;
}

EntryParts parts(const Program& program, NodeRef entry) {
  const Node& node = program[entry];
  EntryParts out;
  unsigned left = node.clauses;
  bool label = node.has(syntax::has_label), value = node.has(syntax::has_value), reason = node.has(syntax::has_reason);
  for (const NodeRef c : program.children(entry)) {
    if (label) { out.label = c; label = false; }
    else if (left > 0) { if (out.first_clause == 0) out.first_clause = c; ++out.clauses; --left; }
    else if (value) { out.value = c; value = false; }
    else if (reason) { out.reason = c; reason = false; }
    else out.body = c;
  }
  return out;
}

namespace {

void declare(Declarations::Table& table, const Program& program, NodeRef n, std::string_view what, const source::Symbols& symbols,
             diagnostics::Sink& sink) {
  const auto [it, fresh] = table.emplace(static_cast<std::uint32_t>(program[n].text), n);
  if (fresh) return;
  const NodeRef other = it->second;
  sink.report(diagnostics::make(diagnostics::Code::duplicate_declaration, program.span(n), "declared again here", "the {} `{}` is declared twice", what,
                                symbols.text(program[n].text)))
      .at(program.span(other), "first declared here");
}

}  // namespace

Declarations collect(const Program& program, const source::Symbols& symbols, diagnostics::Sink& sink) {
  Declarations out;
  // The lab's members first: what the standard library derives from them comes after.
  for (const Home wanted : {Home::lab, Home::package, Home::standard}) {
    for (std::size_t u = 1; u < program.units().size(); ++u) {
      const Unit& unit = program.units()[u];
      if (unit.home != wanted) continue;
      for (const NodeRef c : program.children(unit.base)) {
        switch (program[c].kind) {
          case NodeKind::Import: out.imports.push_back(c); break;
          case NodeKind::Param: declare(out.params, program, c, "parameter", symbols, sink); break;
          case NodeKind::Fn: declare(out.functions, program, c, "function", symbols, sink); break;
          case NodeKind::TypeDecl: declare(out.types, program, c, "type", symbols, sink); break;
          case NodeKind::Schema:
          case NodeKind::Component: declare(out.kinds, program, c, "kind", symbols, sink); break;
          case NodeKind::Environment: declare(out.environments, program, c, "environment", symbols, sink); break;
          case NodeKind::Test: out.tests.push_back(c); break;
          case NodeKind::Let: declare(out.lets, program, c, "constant", symbols, sink); break;
          case NodeKind::Error: break;
          default: out.members.push_back(c);
        }
      }
    }
  }
  return out;
}

}  // namespace lab::names
