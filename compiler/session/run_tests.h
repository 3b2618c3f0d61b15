// `labc test`: the lab compiled once for each of its test blocks.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "compiler/session/session.h"

namespace lab::session {

struct TestResult {
  std::string title;
  source::Span place;                  // of the block, in `snapshot`
  std::vector<std::string> problems;   // empty: it passed
  std::unique_ptr<Snapshot> snapshot;  // the compilation, whose unexpected errors stand in its sink
  [[nodiscard]] bool passed() const { return problems.empty(); }
};

/// Runs the tests of a lab that was compiled without errors, in order of declaration. A test passes when
/// every code it names by `fails` is reported and no error but those is.
[[nodiscard]] std::vector<TestResult> run_tests(const source::FileSystem& files, const Snapshot& lab);

}  // namespace lab::session
