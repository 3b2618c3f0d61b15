#include "compiler/session/oracle.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/flows/survival.h"
#include "compiler/model/bind.h"
#include "compiler/session/session.h"

namespace lab::session {

using eval::Finding;

namespace {

/// The resource of the evaluation that a reference of the model names.
eval::Record* record_of(const eval::Evaluation& evaluation, const source::Symbols& symbols,
                        const model::AnyRef& ref) {
  for (eval::Record* r : evaluation.all())
    if (r->model_index == ref.index && symbols.text(r->schema->name) == ref.kind) return r;
  return nullptr;
}

}  // namespace

const flows::World& FlowOracle::world() {
  if (world_ == nullptr) world_ = std::make_unique<flows::World>(snapshot_.lab);
  return *world_;
}

Finding FlowOracle::finding(flows::Answer answer, bool wanted) {
  last_ = std::move(answer);
  Finding out;
  const bool yes = last_.verdict == flows::Answer::Verdict::yes;
  out.said = last_.said;
  if (last_.verdict == flows::Answer::Verdict::unknown)
    out.verdict = Finding::Verdict::unknown;
  else
    out.verdict = yes == wanted ? Finding::Verdict::yes : Finding::Verdict::no;
  for (const flows::Hop& hop : last_.hops) {
    const source::Span place = snapshot_.span(hop.at);
    if (hop.at != 0 && place.valid())
      out.places.emplace_back(place, hop.text);
    else
      out.notes.push_back(hop.text);
  }
  return out;
}

Finding FlowOracle::exposed(const std::vector<model::Endpoint>& from) {
  Finding out;
  out.verdict = Finding::Verdict::yes;
  for (const flows::Passage& passage : flows::passages(world(), from)) {
    if (!passage.open) continue;
    const model::DoorOf& door = passage.door;
    const model::AnyRef owner = door.expose != nullptr ? door.expose->to.ref : door.owner;
    const model::AnyRef resource =
        owner.is_block() ? model::AnyRef{owner.owner_kind, owner.index, {}, {}, {}} : owner;
    eval::Record* record = record_of(*snapshot_.evaluation, snapshot_.symbols, resource);
    if (record == nullptr) continue;
    if (std::find(out.resources.begin(), out.resources.end(), record) == out.resources.end())
      out.resources.push_back(record);
    for (const flows::Hop& hop : passage.hops)
      if (const source::Span place = snapshot_.span(hop.at); hop.at != 0 && place.valid())
        out.places.emplace_back(place, hop.text);
  }
  out.said =
      fmt::format("{} thing{} exposed", out.resources.size(), out.resources.size() == 1 ? " is" : "s are");
  return out;
}

Finding FlowOracle::ask(std::string_view function, std::span<const eval::Value> arguments) {
  const auto endpoints = [&](const eval::Value& v) {
    return model::read_endpoints(*snapshot_.evaluation, snapshot_.arena, snapshot_.symbols, v);
  };
  const std::vector<model::Endpoint> first = endpoints(arguments[0]);
  if (function == "exposed") return exposed(first);
  const std::vector<model::Endpoint> second = endpoints(arguments[1]);
  if (function == "survives") return finding(flows::survives(snapshot_.lab, first, second), true);
  std::optional<types::PortSpec> port;
  if (arguments.size() > 2)
    port = model::read_port(*snapshot_.evaluation, snapshot_.arena, snapshot_.symbols, arguments[2]);
  return finding(flows::reach(world(), first, second, port), function == "reachable");
}

}  // namespace lab::session
