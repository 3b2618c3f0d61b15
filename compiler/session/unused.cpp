#include "compiler/session/unused.h"

#include <unordered_set>

namespace lab::session {

using names::NodeRef;
using syntax::NodeKind;

namespace {

/// The place of the name in `let NAME = …`.
source::Span name_of(const names::Program& program, NodeRef let, std::string_view name) {
  const source::Span whole = program.span(let);
  const auto at = program.sources().slice(whole).find(name, std::string_view("let").size());
  if (at == std::string_view::npos) return whole;
  const std::uint32_t begin = whole.begin + static_cast<std::uint32_t>(at);
  return {whole.file, begin, begin + static_cast<std::uint32_t>(name.size())};
}

}  // namespace

std::vector<checks::Unused> unused(eval::Evaluation& evaluation, const source::Symbols& symbols) {
  const names::Program& program = evaluation.program();
  std::unordered_set<std::uint32_t> read;
  std::vector<NodeRef> lets;
  for (const names::Unit& unit : program.units()) {
    if (unit.home != names::Home::lab || unit.base == 0) continue;
    const NodeRef end = unit.base + program[unit.base].size;
    for (NodeRef n = unit.base; n < end; ++n)
      if (program[n].kind == NodeKind::Name) read.insert(static_cast<std::uint32_t>(program[n].text));
    for (const NodeRef c : program.children(unit.base))
      if (program[c].kind == NodeKind::Let) lets.push_back(c);
  }
  std::vector<checks::Unused> out;
  for (const NodeRef let : lets) {
    if (read.contains(static_cast<std::uint32_t>(program[let].text))) continue;
    const NodeRef value = program.child(let, 0);
    const std::string_view tag = program[value].kind == NodeKind::Tagged
                                     ? symbols.text(program[program.child(value, 0)].text)
                                     : std::string_view{};
    const bool is_template = !tag.empty() && evaluation.kind_named(tag) != nullptr;
    const std::string_view name = symbols.text(program[let].text);
    out.push_back({is_template ? checks::Unused::What::template_ : checks::Unused::What::let, tag, name,
                   name_of(program, let, name), program.span(let)});
  }
  return out;
}

}  // namespace lab::session
