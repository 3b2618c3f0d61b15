// What the engine costs a step: 10,000 steps in simulated time, journal on disk, each probed, made, observed
// and probed again by a driver that takes simulated time and no effort.
//
//   build/release/bench/bench_engine [STEPS]
#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdlib>

#include "tests/unit/engine_support.h"

namespace {

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace lab;
  const unsigned long count = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 10'000;
  // Ten chains beside each other, each step on the one before and every tenth on the neighbour too.
  std::string text;
  for (unsigned long i = 0; i < count; ++i) {
    text += fmt::format("step-{}:", i);
    if (i >= 10) text += fmt::format(" step-{}", i - 10);
    if (i >= 10 && i % 10 == 0) text += fmt::format(" step-{}", i - 1);
    text += i + 1 < count ? ";" : "";
  }
  test::Folder folder;
  auto opened = engine::Journal::open(folder / "journal.db");
  if (!opened.journal) return 1;
  test::Bench bench(test::plan_of(text));
  bench.journal = opened.journal.get();
  if (!bench.journal->begin_run(bench.loop.wall(), bench.plan.id, "apply")) return 1;
  const auto pass = [&](std::string_view what) {
    const double before = cpu_seconds();
    const auto began = std::chrono::steady_clock::now();
    const auto simulated = bench.loop.now();
    if (bench.run() != 0) std::exit(1);
    const double cpu = cpu_seconds() - before;
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - began;
    fmt::print("{:<28} {} steps: {:.3f} ms CPU a step, {:.1f} s in all, {} s simulated\n", what, count,
               cpu * 1000 / static_cast<double>(count), wall.count(),
               std::chrono::duration_cast<std::chrono::seconds>(bench.loop.now() - simulated).count());
  };
  pass("everything is to be made");
  pass("nothing is to be done");
}
