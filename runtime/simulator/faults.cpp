#include "runtime/simulator/faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace lab::simulator {
namespace {

constexpr std::array<std::pair<std::string_view, Do>, 8> names = {{
    {"reset-before", Do::reset_before},
    {"reset-after", Do::reset_after},
    {"half", Do::half},
    {"status", Do::status},
    {"slow", Do::slow},
    {"task-fails", Do::task_fails},
    {"task-killed", Do::task_killed},
    {"task-vanishes", Do::task_vanishes},
}};

constexpr Milliseconds slow_by_chance{20'000};

std::optional<Do> action(const Json& name) {
  for (const auto& [text, what] : names)
    if (name == text) return what;
  return std::nullopt;
}

bool read_fault(const Json& from, Fault& fault, std::string& problem) {
  if (!from.is_object()) {
    problem = "a fault must be an object";
    return false;
  }
  for (const auto& [name, value] : from.items()) {
    const bool text = value.is_string(), number = value.is_number_unsigned();
    if (name == "host" && text)
      fault.host = value;
    else if (name == "method" && text)
      fault.method = value;
    else if (name == "path" && text)
      fault.path = value;
    else if (name == "nth" && number)
      fault.nth = value;
    else if (name == "times" && number)
      fault.times = value;
    else if (name == "status" && number)
      fault.status = value;
    else if (name == "reason" && text)
      fault.reason = value;
    else if (name == "exitstatus" && text)
      fault.exitstatus = value;
    else if (name == "retry_after" && number)
      fault.retry_after = value.get<unsigned>();
    else if (name == "delay_ms" && number)
      fault.delay = Milliseconds(value.get<std::int64_t>());
    else if (name == "do" && action(value))
      fault.what = *action(value);
    else {
      problem = fmt::format("{}: {} is not known here", name, value.dump());
      return false;
    }
  }
  if (!from.contains("do")) problem = "a fault must say what to do: \"do\"";
  return from.contains("do");
}

}  // namespace

bool matches(std::string_view pattern, std::string_view text) {
  const auto star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  if (text.substr(0, star) != pattern.substr(0, star)) return false;
  const std::string_view rest = pattern.substr(star + 1);
  for (std::size_t at = star; at <= text.size(); ++at)
    if (matches(rest, text.substr(at))) return true;
  return false;
}

std::optional<Faults> Faults::read(std::string_view text, std::string& problem) {
  const Json file = Json::parse(text, nullptr, false);
  if (!file.is_object()) {
    problem = "not a JSON object";
    return std::nullopt;
  }
  Faults out;
  for (const auto& [name, value] : file.items())
    if ((name != "faults" || !value.is_array()) && (name != "random" || !value.is_object())) {
      problem = fmt::format("{} is not known here", name);
      return std::nullopt;
    }
  for (const Json& each : file.value("faults", Json::array())) {
    Fault fault;
    if (!read_fault(each, fault, problem)) return std::nullopt;
    out.faults_.push_back(std::move(fault));
  }
  const Json random = file.value("random", Json::object());
  out.per_mille_ = random.value("per_mille", 0u);
  out.most_ = random.value("most", std::uint64_t{50});
  for (const Json& each : random.value("do", Json::array())) {
    const auto what = action(each);
    if (!what) {
      problem = fmt::format("{} is not known here", each.dump());
      return std::nullopt;
    }
    out.by_chance_.push_back(*what);
  }
  return out;
}

std::optional<Fault> Faults::meet(World& world, const std::string& host, const std::string& method,
                                  const std::string& path) const {
  Json& counts = world.part("faults");
  std::optional<Fault> met;
  for (std::size_t i = 0; i < faults_.size(); ++i) {
    const Fault& fault = faults_[i];
    const bool chosen = (fault.host.empty() || fault.host == host) &&
                        (fault.method.empty() || fault.method == method) &&
                        (fault.path.empty() || matches(fault.path, path));
    if (!chosen) continue;
    const std::string key = std::to_string(i);
    const std::uint64_t count = counts.is_object() ? counts.value(key, std::uint64_t{0}) + 1 : 1;
    counts[key] = count;
    if (!met && count >= fault.nth && count < fault.nth + fault.times) met = fault;
  }
  if (met || by_chance_.empty()) return met;
  const std::uint64_t so_far = counts.is_object() ? counts.value("chance", std::uint64_t{0}) : 0;
  const std::uint64_t draw = world.random();
  if (so_far >= most_ || draw % 1000 >= per_mille_) return std::nullopt;
  counts["chance"] = so_far + 1;
  Fault fault;
  fault.what = by_chance_[world.random() % by_chance_.size()];
  fault.delay = slow_by_chance;
  return fault;
}

}  // namespace lab::simulator
