// The engine, killed with SIGKILL at every boundary of its journal and resumed, ends in the same world as one
// that was not killed, makes nothing twice, and then has nothing more to do.
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>

#include "tests/unit/engine_support.h"

using namespace lab;
using namespace lab::engine;
using namespace std::chrono_literals;

namespace {

// Objects that take time to make, in a file that outlives the process: {"objects": {id: {digest, ready}},
// "made": {id: n}}.
nlohmann::json servers;

class SlowDriver : public Driver {
 public:
  Task<Outcome<Probe>> probe(Context& context, const plan::Step& step) override {
    co_await context.sleep(10ms);
    Probe probe;
    if (servers["objects"].contains(step.id)) {
      const nlohmann::json& object = servers["objects"][step.id];
      probe.fingerprint = object["digest"];
      probe.found = !object["ready"].get<bool>()                  ? Found::in_progress
                    : probe.fingerprint == test::version_of(step) ? Found::same
                                                                  : Found::different;
    }
    co_return probe;
  }
  Task<Outcome<Outputs>> act(Context& context, const plan::Step& step, const Probe& probe) override {
    if (probe.found != Found::in_progress) {
      servers["objects"][step.id] = {{"digest", test::version_of(step)}, {"ready", false}};
      servers["made"][step.id] = servers["made"].value(step.id, 0) + 1;
      if (const auto kept = context.observed({{"task", step.id}}); !kept.ok()) co_return kept.error();
    }
    co_await context.sleep(2s);
    servers["objects"][step.id]["ready"] = true;
    co_return Outputs{};
  }
  Task<Outcome<Nothing>> destroy(Context&, const plan::Step& step, const Probe&) override {
    servers["objects"].erase(step.id);
    co_return Nothing{};
  }
};

std::unique_ptr<Driver> make_slow() {
  return std::make_unique<SlowDriver>();
}
constexpr std::array<DriverEntry, 1> slow_drivers = {DriverEntry{"exec/1", make_slow}};

// One process: 0 when the plan is true, 137 when it was killed at that boundary; `boundaries` gets how many
// there were.
int run_process(const std::string& journal, const std::string& world, unsigned crash_at,
                unsigned* boundaries = nullptr) {
  const pid_t child = fork();
  if (child == 0) {
    std::ifstream(world) >> servers;
    const auto save = [&] { std::ofstream(world) << servers.dump(); };
    unsigned passed = 0;
    auto opened = Journal::open(journal);
    if (!opened.journal) _exit(9);
    opened.journal->on_boundary = [&] {
      if (++passed != crash_at) return;
      save();
      kill(getpid(), SIGKILL);
    };
    const plan::Plan plan = test::plan_of("a; b: a; c: a; d: b c");
    Loop loop(Loop::Time::simulated);
    Transport transport(loop, nullptr);
    test::NoVault vault;
    test::Watcher watcher;
    watcher.plan = &plan;
    OutputStore outputs;
    if (!opened.journal->begin_run(loop.wall(), plan.id, "apply")) _exit(8);
    Run run({plan,
             loop,
             transport,
             nullptr,
             opened.journal.get(),
             slow_drivers,
             vault,
             [](const std::string&) { return std::nullopt; },
             "",
             watcher,
             {},
             outputs,
             1},
            {});
    const int status = run.execute();
    save();
    std::ofstream(world + ".boundaries") << passed;
    _exit(status);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (boundaries != nullptr) std::ifstream(world + ".boundaries") >> *boundaries;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

nlohmann::json read_world(const std::string& path) {
  nlohmann::json out;
  std::ifstream(path) >> out;
  return out;
}

const nlohmann::json empty = {{"objects", nlohmann::json::object()}, {"made", nlohmann::json::object()}};

}  // namespace

TEST_CASE(
    "Killed at any boundary of the journal and resumed, the world is the same and nothing was made twice") {
  test::Folder folder;
  unsigned boundaries = 0;
  std::ofstream(folder / "whole") << empty.dump();
  REQUIRE(run_process(folder / "whole.db", folder / "whole", 0, &boundaries) == 0);
  const nlohmann::json expected = read_world(folder / "whole");
  REQUIRE(expected["made"].size() == 4);
  REQUIRE(boundaries > 15);
  for (unsigned at = 1; at <= boundaries; ++at) {
    CAPTURE(at);
    const std::string world = folder / fmt::format("world-{}", at);
    const std::string journal = folder / fmt::format("journal-{}.db", at);
    std::ofstream(world) << empty.dump();
    REQUIRE(run_process(journal, world, at) == 128 + SIGKILL);
    REQUIRE(run_process(journal, world, 0) == 0);
    const nlohmann::json after = read_world(world);
    CHECK(after == expected);
    CHECK(run_process(journal, world, 0) == 0);
    CHECK(read_world(world) == after);
  }
}
