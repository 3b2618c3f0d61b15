#include "runtime/cli/binding.h"

#include <nlohmann/json.hpp>

namespace lab::labrun {

namespace {

constexpr std::string_view format = "lab.binding/1";
constexpr std::string_view unknown = "unknown";

std::optional<engine::Found> found_of(std::string_view word) {
  using engine::Found;
  for (const Found each :
       {Found::absent, Found::same, Found::different, Found::in_progress, Found::partial, Found::foreign}) {
    if (engine::name(each) == word) return each;
  }
  return std::nullopt;
}

}  // namespace

std::string render(const Binding& binding) {
  nlohmann::json steps = nlohmann::json::object();
  for (const auto& [id, bound] : binding.steps) {
    if (!bound.known) {
      steps[id] = {{"found", unknown}};
    } else {
      steps[id] = {{"found", engine::name(bound.found)}, {"fingerprint", bound.fingerprint}};
    }
  }
  const nlohmann::json whole{
      {"format", format}, {"plan_id", binding.plan}, {"sealed", binding.sealed}, {"steps", std::move(steps)}};
  return whole.dump(2) + "\n";
}

std::optional<Binding> parse_binding(std::string_view text, std::string& problem) {
  const nlohmann::json whole = nlohmann::json::parse(text, nullptr, false);
  problem = "it is not a binding that `labrun preview` wrote";
  const auto text_at = [&](const char* name) { return whole.contains(name) && whole[name].is_string(); };
  if (!whole.is_object() || !text_at("format") || whole["format"] != format || !text_at("plan_id") ||
      !text_at("sealed") || !whole.contains("steps") || !whole["steps"].is_object()) {
    return std::nullopt;
  }
  Binding binding;
  binding.plan = whole["plan_id"];
  binding.sealed = whole["sealed"];
  for (const auto& [id, step] : whole["steps"].items()) {
    if (!step.is_object() || !step.contains("found") || !step["found"].is_string()) return std::nullopt;
    engine::Bound bound;
    bound.known = step["found"] != unknown;
    if (bound.known) {
      const auto found = found_of(step["found"].get_ref<const std::string&>());
      if (!found || !step.contains("fingerprint") || !step["fingerprint"].is_string()) return std::nullopt;
      bound.found = *found;
      bound.fingerprint = step["fingerprint"];
    }
    binding.steps.emplace(id, std::move(bound));
  }
  problem.clear();
  return binding;
}

}  // namespace lab::labrun
