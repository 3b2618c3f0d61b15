#include "runtime/cli/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace lab::labrun {

using engine::Action;
using engine::StepIndex;

namespace {

struct Look {
  Action action;
  std::string_view sign;
  std::string_view colour;
  std::string_view counted;  // "3 to create"
};
constexpr std::array<Look, 8> looks = {{
    {Action::create, "+", "32", "to create"},
    {Action::update, "~", "33", "to update"},
    {Action::replace, "-/+", "31", "to replace"},
    {Action::finish, ">", "33", "to finish"},
    {Action::refuse, "!", "31", "that may not change as it would have to"},
    {Action::foreign, "!", "31", "not this lab's"},
    {Action::missing, "!", "31", "missing, and not this plan's to make"},
    {Action::unknown, "?", "2", "to be seen when what they stand on is there"},
}};

std::string shown(const nlohmann::json& value) {
  std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  return text.empty() ? "\"\"" : printable(clip(text, 60));
}

nlohmann::json as_json(const Session& session, StepIndex step) {
  const engine::Result& result = session.result(step);
  nlohmann::json differences = nlohmann::json::array();
  for (const engine::Difference& each : result.differences) {
    differences.push_back({{"field", each.field}, {"from", each.from}, {"to", each.to}});
  }
  nlohmann::json event{
      {"event", "finding"}, {"step", session.plan().steps[step].id}, {"action", engine::name(result.action)}};
  if (!differences.empty()) event["differences"] = std::move(differences);
  if (!result.note.empty()) event["note"] = result.note;
  return event;
}

void print_step(Session& session, StepIndex step, const Look& look) {
  Terminal& terminal = session.terminal();
  const engine::Result& result = session.result(step);
  const plan::Step& what = session.plan().steps[step];
  terminal.out(fmt::format("  {} {}\n", terminal.paint(look.colour, look.sign), printable(what.title)));
  if (look.action == Action::create || look.action == Action::unknown) return;
  for (const engine::Difference& each : result.differences) {
    terminal.out(fmt::format("      {}: {} -> {}\n", each.field, shown(each.from), shown(each.to)));
  }
  if (result.differences.empty() && !result.note.empty())
    terminal.out(fmt::format("      {}\n", printable(result.note)));
}

}  // namespace

void print_findings(Session& session) {
  const auto count = static_cast<StepIndex>(session.plan().steps.size());
  if (session.options().json) {
    for (StepIndex i = 0; i < count; ++i) session.terminal().out(as_json(session, i).dump() + "\n");
    return;
  }
  std::string counts;
  unsigned listed = 0;
  for (const Look& look : looks) {
    unsigned number = 0;
    for (StepIndex i = 0; i < count; ++i) {
      const engine::Result& result = session.result(i);
      if (result.action != look.action || result.state == engine::State::failed) continue;
      print_step(session, i, look);
      ++number;
    }
    if (number != 0) counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", number, look.counted);
    listed += number;
  }
  for (StepIndex i = 0; i < count; ++i) {
    if (session.result(i).state == engine::State::failed) ++listed;
  }
  if (count > listed)
    counts += fmt::format("{}{} as they should be", counts.empty() ? "" : ", ", count - listed);
  session.terminal().out(counts + "\n");
}

void print_drift(Session& session) {
  if (session.options().json) {
    print_findings(session);
    return;
  }
  Terminal& terminal = session.terminal();
  const auto list = [&](std::string_view title, std::initializer_list<Action> actions) {
    bool any = false;
    for (StepIndex i = 0; i < session.plan().steps.size(); ++i) {
      const engine::Result& result = session.result(i);
      if (std::ranges::find(actions, result.action) == actions.end()) continue;
      if (!std::exchange(any, true)) terminal.out(fmt::format("{}\n", terminal.paint("1", title)));
      const auto look = std::ranges::find(looks, result.action, &Look::action);
      print_step(session, i, *look);
    }
  };
  list("changed", {Action::update, Action::replace, Action::refuse, Action::finish});
  list("missing", {Action::create, Action::missing});
  list("not to be told", {Action::unknown, Action::foreign});
}

unsigned pending(const Session& session) {
  unsigned number = 0;
  for (StepIndex i = 0; i < session.plan().steps.size(); ++i) {
    if (session.result(i).action != Action::none) ++number;
  }
  return number;
}

Binding binding_of(const Session& session) {
  Binding binding;
  binding.plan = session.plan().id;
  binding.sealed = plan::identify_sealed(session.plan());
  for (StepIndex i = 0; i < session.plan().steps.size(); ++i) {
    binding.steps.emplace(session.plan().steps[i].id, session.result(i).bound);
  }
  return binding;
}

std::vector<std::string> stale_steps(const Session& session, const Binding& binding) {
  std::vector<std::string> out;
  for (StepIndex i = 0; i < session.plan().steps.size(); ++i) {
    const std::string& id = session.plan().steps[i].id;
    const engine::Bound& now = session.result(i).bound;
    const auto then = binding.steps.find(id);
    if (then == binding.steps.end()) {
      out.push_back(id);
    } else if (then->second.known && (!now.known || now.found != then->second.found ||
                                      now.fingerprint != then->second.fingerprint)) {
      out.push_back(id);
    }
  }
  return out;
}

}  // namespace lab::labrun
