// Plans in a line, and a driver whose world is a map in memory.
#pragma once

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "runtime/engine/run.h"

namespace lab::test {

// "a; b: a; c: a b" — steps and what each stands on.
inline plan::Plan plan_of(std::string_view text, plan::Retry retry = plan::Retry::request) {
  plan::Plan plan;
  plan.id = "sha256:test";
  std::map<std::string, std::uint32_t, std::less<>> index;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(';'), text.size());
    std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    plan::Step step;
    bool first = true;
    while (!part.empty()) {
      const std::size_t from = part.find_first_not_of(" :");
      if (from == std::string_view::npos) break;
      const std::size_t to = std::min(part.find_first_of(" :", from), part.size());
      std::string word(part.substr(from, to - from));
      part.remove_prefix(to);
      if (std::exchange(first, false)) {
        step.id = word;
      } else {
        step.after.push_back(word);
        step.after_index.push_back(index.at(word));
      }
    }
    step.kind = plan::find_kind("exec/1");
    step.group = "g";
    step.title = step.id;
    step.key = {{"name", step.id}};
    step.desired = {{"argv", {"make", step.id}}};
    step.destroy = plan::Destroy::remove;
    step.retry = retry;
    step.timeout_s = 600;
    index.emplace(step.id, static_cast<std::uint32_t>(plan.steps.size()));
    plan.steps.push_back(std::move(step));
  }
  return plan;
}

// Objects by step id; what an object holds is the digest of the step that made it.
struct World {
  std::map<std::string, std::string> objects;
  std::map<std::string, std::vector<engine::FailureClass>> trouble;  // by step: how its next acts fail
  std::vector<std::string> calls;                                    // "act a", "destroy a"
  engine::Milliseconds takes{1000};
};

inline World* world = nullptr;  // of the drivers that the table makes

// What an object of a step looks like when it is as desired.
inline std::string version_of(const plan::Step& step) {
  return plan::sha256_hex(step.desired.dump());
}

class MapDriver : public engine::Driver {
 public:
  engine::Task<engine::Outcome<engine::Probe>> probe(engine::Context&, const plan::Step& step) override {
    engine::Probe probe;
    const auto found = world->objects.find(step.id);
    if (found != world->objects.end()) {
      probe.fingerprint = found->second;
      probe.found = found->second == version_of(step) ? engine::Found::same
                    : found->second == "foreign"      ? engine::Found::foreign
                                                      : engine::Found::different;
      if (probe.found == engine::Found::different) probe.differences.push_back({"argv", "old", "new"});
      probe.outputs.open = {{"id", step.id}};
    }
    co_return probe;
  }
  engine::Task<engine::Outcome<engine::Outputs>> act(engine::Context& context, const plan::Step& step,
                                                     const engine::Probe&) override {
    world->calls.push_back("act " + step.id);
    if (const auto kept = context.observed({{"task", step.id}}); !kept.ok()) co_return kept.error();
    co_await context.sleep(world->takes);
    auto& trouble = world->trouble[step.id];
    if (!trouble.empty()) {
      const engine::FailureClass cls = trouble.front();
      trouble.erase(trouble.begin());
      if (cls == engine::FailureClass::sent)
        world->objects[step.id] = version_of(step);  // done, the answer lost
      co_return engine::Failure{cls, "trouble"};
    }
    world->objects[step.id] = version_of(step);
    co_return engine::Outputs{};
  }
  engine::Task<engine::Outcome<engine::Nothing>> destroy(engine::Context&, const plan::Step& step,
                                                         const engine::Probe&) override {
    world->calls.push_back("destroy " + step.id);
    world->objects.erase(step.id);
    co_return engine::Nothing{};
  }
};

inline std::unique_ptr<engine::Driver> make_map_driver() {
  return std::make_unique<MapDriver>();
}
inline constexpr std::array<engine::DriverEntry, 1> map_drivers = {
    engine::DriverEntry{"exec/1", make_map_driver}};

class NoVault : public engine::Vault {
 public:
  engine::Outcome<engine::Secret> named(const plan::Secret&) override { return none(); }
  engine::Outcome<engine::Secret> sealed(const std::string&) override { return none(); }

 private:
  static engine::Failure none() { return {engine::FailureClass::auth, "no secrets here"}; }
};

struct Watcher : engine::Observer {
  std::vector<std::string> lines;
  const plan::Plan* plan = nullptr;
  std::function<void(engine::StepIndex, engine::State)> on_state;
  void state(engine::StepIndex step, engine::State state, std::string_view text) override {
    lines.push_back(
        fmt::format("{} {}{}{}", plan->steps[step].id, engine::name(state), text.empty() ? "" : ": ", text));
    if (on_state) on_state(step, state);
  }
  void progress(engine::StepIndex, std::string_view) override {}
  void note(std::string_view sentence) override { lines.emplace_back(sentence); }
};

// A pass over a plan in simulated time, with the map world.
struct Bench {
  explicit Bench(plan::Plan of) : plan(std::move(of)) { watcher.plan = &plan; }
  int run(engine::Rules rules = {}) {
    world = &objects;
    pass = std::make_unique<engine::Run>(
        engine::Run::Setting{plan, loop, transport, nullptr, journal, map_drivers, vault,
                             [](const std::string&) { return std::nullopt; }, "", watcher, ask, outputs, 1},
        std::move(rules));
    return pass->execute();
  }
  plan::Plan plan;
  World objects;
  engine::Loop loop{engine::Loop::Time::simulated};
  engine::Transport transport{loop, nullptr};
  engine::Journal* journal = nullptr;
  NoVault vault;
  Watcher watcher;
  engine::OutputStore outputs;
  std::function<void(engine::StepIndex, const std::string&, std::function<void(bool)>)> ask;
  std::unique_ptr<engine::Run> pass;
};

// A folder that is removed at the end.
class Folder {
 public:
  Folder() {
    std::string pattern = "/tmp/labrun-test-XXXXXX";
    path_ = mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string operator/(std::string_view name) const { return fmt::format("{}/{}", path_, name); }

 private:
  std::string path_;
};

}  // namespace lab::test
