#include <sys/resource.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>

#include "tests/unit/engine_support.h"

using namespace lab;
using namespace lab::engine;
using namespace std::chrono_literals;

namespace {

// No file grows beyond `size` while this lives, as on a full disk.
class FullDisk {
 public:
  explicit FullDisk(std::uintmax_t size) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit now{size, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &now);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  void (*handler_)(int);
  rlimit before_{};
};

}  // namespace

TEST_CASE("A plan comes true in simulated time, and applied again does nothing") {
  test::Folder folder;
  auto opened = Journal::open(folder / "journal.db");
  REQUIRE(opened.journal);
  test::Bench bench(test::plan_of("a; b: a; c: a; d: b c"));
  bench.journal = opened.journal.get();
  REQUIRE(bench.journal->begin_run(bench.loop.wall(), bench.plan.id, "apply"));
  CHECK(bench.run() == 0);
  CHECK(bench.objects.calls == std::vector<std::string>{"act a", "act b", "act c", "act d"});
  CHECK(bench.loop.now().time_since_epoch() == 3s);
  CHECK(bench.outputs.at("d").open.at("id") == "d");
  const auto rows = bench.journal->entries().size();
  CHECK(bench.run() == 0);
  CHECK(bench.objects.calls.size() == 4);
  CHECK(bench.journal->entries().size() == rows);
}

TEST_CASE("A lost answer makes no second object") {
  test::Folder folder;
  auto opened = Journal::open(folder / "journal.db");
  test::Bench bench(test::plan_of("a"));
  bench.journal = opened.journal.get();
  bench.objects.trouble["a"] = {FailureClass::not_sent, FailureClass::retryable_server, FailureClass::sent};
  CHECK(bench.run() == 0);
  CHECK(bench.objects.calls == std::vector<std::string>(3, "act a"));
  CHECK(bench.journal->past("a")->last == "done");
}

TEST_CASE("An interrupt leaves what sleeps to the next run, which goes on") {
  test::Folder folder;
  auto opened = Journal::open(folder / "journal.db");
  test::Bench bench(test::plan_of("a; b: a"));
  bench.journal = opened.journal.get();
  bench.watcher.on_state = [&](StepIndex, State state) {
    if (state == State::acting) bench.loop.post([&] { bench.pass->interrupt(); });
  };
  CHECK(bench.run() == 130);
  CHECK(bench.objects.objects.empty());
  CHECK(bench.journal->past("a")->intent.has_value());
  CHECK(bench.journal->past("a")->fact == nlohmann::json{{"task", "a"}});
  bench.watcher.on_state = nullptr;
  CHECK(bench.run() == 0);
  CHECK(bench.objects.objects.size() == 2);
}

TEST_CASE("Without a journal on the disk nothing is begun") {
  test::Folder folder;
  auto opened = Journal::open(folder / "journal.db");
  test::Bench bench(test::plan_of("a; b"));
  bench.journal = opened.journal.get();
  REQUIRE(bench.journal->begin_run(bench.loop.wall(), bench.plan.id, "apply"));
  {
    const FullDisk full(std::filesystem::file_size(folder / "journal.db-wal"));
    CHECK(bench.run() == 1);
  }
  CHECK(bench.objects.calls.empty());
  CHECK_FALSE(bench.pass->journal_problem().empty());
  CHECK(bench.run() == 0);  // with room again
}

TEST_CASE("The journal remembers intents, facts and ends over openings") {
  test::Folder folder;
  const std::string path = folder / "journal.db";
  const auto row = [](std::string step, std::string kind, nlohmann::json body) {
    Entry entry;
    entry.step = std::move(step);
    entry.kind = std::move(kind);
    entry.body = std::move(body);
    entry.at = WallTime(5s);
    return entry;
  };
  {
    auto opened = Journal::open(path);
    REQUIRE(opened.journal->begin_run(WallTime(1s), "sha256:x", "apply"));
    REQUIRE(
        opened.journal->add({row("a", "intent", {{"digest", "1"}}), row("b", "intent", {{"digest", "1"}})}));
    REQUIRE(opened.journal->add({row("a", "observed", {{"digest", "1"}, {"fact", 7}})}));
    REQUIRE(opened.journal->add({row("b", "done", {{"digest", "1"}})}));
  }
  auto opened = Journal::open(path);
  REQUIRE(opened.journal);
  CHECK(opened.journal->run() == 1);
  CHECK(opened.journal->past("a")->intent == WallTime(5s));
  CHECK(opened.journal->past("a")->fact == 7);
  CHECK_FALSE(opened.journal->past("b")->intent);
  CHECK(opened.journal->entries().size() == 5);
  SECTION("a step that changed in the plan has no facts") {
    REQUIRE(opened.journal->add({row("a", "intent", {{"digest", "2"}})}));
    CHECK(opened.journal->past("a")->fact.is_null());
  }
}

TEST_CASE("A damaged journal is set aside and not changed") {
  test::Folder folder;
  const std::string path = folder / "journal.db";
  {
    auto opened = Journal::open(path);
    REQUIRE(opened.journal->begin_run(WallTime(1s), "sha256:needle", "apply"));
  }
  std::string bytes;
  {
    std::ifstream in(path, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(in), {});
  }
  SECTION("a row says something else") {
    const auto at = bytes.find("needle");
    REQUIRE(at != std::string::npos);
    bytes.replace(at, 6, "beetle");
  }
  SECTION("it is no database") {
    bytes.assign(5000, 'x');
  }
  SECTION("it was cut short") {
    bytes.resize(bytes.size() / 2);
  }
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  auto opened = Journal::open(path);
  CHECK_FALSE(opened.journal);
  CHECK(opened.set_aside == path + ".damaged-1");
  CHECK_FALSE(std::filesystem::exists(path));
  std::ifstream in(opened.set_aside, std::ios::binary);
  CHECK(std::string(std::istreambuf_iterator<char>(in), {}) == bytes);
}
