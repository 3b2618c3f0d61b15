// What each phase of the compiler costs, in one process and without the disk (Google Benchmark).
//
//   build/release/bench/bench_phases [LAB…] [--benchmark_…]     without LAB: examples/talos-media
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "compiler/session/build.h"
#include "compiler/session/load.h"
#include "compiler/syntax/format.h"
#include "compiler/syntax/parse.h"

namespace {

using namespace lab;

/// A lab's files in memory.
struct Lab {
  source::MemoryFileSystem files;
  std::vector<session::LabFile> texts;
  session::Request request;
  std::int64_t bytes = 0;
};

/// Copies a folder, with what its `.lab` files read.
void copy(const source::FileSystem& from, const std::string& folder, const std::string& to,
          source::MemoryFileSystem& into) {
  std::vector<source::DirectoryEntry> entries;
  if (!from.list(folder, entries).ok() || from.exists(folder + "/.lab-manifest")) return;
  for (const source::DirectoryEntry& entry : entries) {
    const std::string path = folder + "/" + entry.name, name = to + "/" + entry.name;
    std::string bytes;
    if (entry.directory)
      copy(from, path, name, into);
    else if (from.read(path, bytes).ok())
      into.files[name] = std::move(bytes);
  }
}

void run_parse(benchmark::State& state, const Lab& lab) {
  for (auto _ : state)
    for (const session::LabFile& file : lab.texts) {
      source::Sources sources;
      source::Symbols symbols;
      diagnostics::Sink sink;
      benchmark::DoNotOptimize(syntax::parse(sources, sources.add_view(file.path, file.text), symbols, sink));
    }
  state.SetBytesProcessed(state.iterations() * lab.bytes);
}

void run_format(benchmark::State& state, const Lab& lab) {
  for (auto _ : state)
    for (const session::LabFile& file : lab.texts) benchmark::DoNotOptimize(syntax::format(file.text));
  state.SetBytesProcessed(state.iterations() * lab.bytes);
}

/// Parsing, evaluation, model and checks.
void run_compile(benchmark::State& state, const Lab& lab) {
  for (auto _ : state) benchmark::DoNotOptimize(session::compile(lab.files, lab.request));
}

void run_lower(benchmark::State& state, const Lab& lab) {
  const auto snapshot = session::compile(lab.files, lab.request);
  for (auto _ : state) {
    document::Bundle bundle;
    if (!session::lower_lab(*snapshot, bundle)) return state.SkipWithError("a backend cannot write it");
    benchmark::DoNotOptimize(bundle);
  }
}

/// Lowering, rendering, plan, source map and report.
void run_build(benchmark::State& state, const Lab& lab) {
  const auto snapshot = session::compile(lab.files, lab.request);
  std::size_t files = 0;
  for (auto _ : state) {
    session::Built built;
    if (!session::build(*snapshot, built)) return state.SkipWithError("a backend cannot write it");
    files = built.rendered.files.size();
  }
  state.counters["files"] = static_cast<double>(files);
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  std::vector<std::string> folders(argv + 1, argv + argc);
  if (folders.empty()) folders.emplace_back("examples/talos-media");
  const auto disk = source::real_file_system();
  std::vector<std::unique_ptr<Lab>> labs;
  for (const std::string& folder : folders) {
    Lab& lab = *labs.emplace_back(std::make_unique<Lab>());
    copy(*disk, folder, "lab", lab.files);
    lab.request.folder = "lab";
    if (!session::load(lab.files, "lab", lab.texts).ok() || lab.texts.empty()) {
      fmt::print(stderr, "{} is no lab\n", folder);
      return 2;
    }
    for (const session::LabFile& file : lab.texts) lab.bytes += static_cast<std::int64_t>(file.text.size());
    const auto add = [&](const char* phase, void (*run)(benchmark::State&, const Lab&)) {
      benchmark::RegisterBenchmark(fmt::format("{} {}", phase, folder).c_str(), run, std::cref(lab))
          ->Unit(benchmark::kMicrosecond);
    };
    add("parse", run_parse);
    add("format", run_format);
    add("compile", run_compile);
    add("lower", run_lower);
    add("build", run_build);
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
