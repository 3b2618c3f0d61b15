#include "compiler/session/plan_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "compiler/lower/plan/plan.h"

namespace lab::session {

namespace {

std::string_view text(const document::Node& step, std::string_view key) {
  const document::Node* value = step.find(key);
  return value != nullptr && value->kind == document::Kind::string ? value->text() : std::string_view{};
}

/// `image, vm 2, power 2`.
std::string spelled(const std::map<std::string_view, unsigned>& kinds) {
  std::string out;
  for (const auto& [kind, count] : kinds) {
    if (!out.empty()) out += ", ";
    out += count == 1 ? std::string(kind) : fmt::format("{} {}", kind, count);
  }
  return out;
}

}  // namespace

std::string plan_summary(const document::Bundle& bundle) {
  const auto plan = std::ranges::find(bundle.artifacts, lower::plan::path, &document::Artifact::path);
  if (plan == bundle.artifacts.end()) return {};
  std::map<std::string_view, std::map<std::string_view, unsigned>> groups;
  std::string approvals;
  unsigned steps = 0;
  std::size_t widest = 0;
  for (const document::Node* step = plan->documents.front()->find("steps")->child(); step != nullptr;
       step = step->next) {
    const std::string_view kind = text(*step, "kind"), group = text(*step, "group");
    ++groups[group][kind.substr(0, kind.find('/'))];
    ++steps;
    widest = std::max(widest, group.size());
    if (const std::string_view approve = text(*step, "approve"); !approve.empty())
      approvals += fmt::format("  asks: {}\n", approve);
  }
  if (steps == 0) return {};
  std::string out = fmt::format("plan: {} steps\n", steps);
  for (const auto& [group, kinds] : groups)
    out += fmt::format("  {:<{}}  {}\n", group, widest, spelled(kinds));
  return out + approvals;
}

}  // namespace lab::session
