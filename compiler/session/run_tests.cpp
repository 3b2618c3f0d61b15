#include "compiler/session/run_tests.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/session/build.h"

namespace lab::session {

namespace {

TestResult run(const source::FileSystem& files, const Request& lab, std::string_view title) {
  TestResult result;
  result.title = title;
  Request request = lab;
  request.test = title;
  result.snapshot = compile(files, request);
  Snapshot& s = *result.snapshot;
  Built built;
  if (s.complete) (void)build(s, built);  // what cannot be emitted is an error in the sink
  const auto expected = s.evaluation ? s.evaluation->fails() : std::vector<std::string_view>();
  std::size_t unexpected = 0;
  for (const diagnostics::Diagnostic& d : s.sink.all()) {
    if (d.severity != diagnostics::Severity::error) continue;
    if (std::ranges::find(expected, diagnostics::spelled(d.code)) == expected.end()) ++unexpected;
  }
  for (const std::string_view code : expected) {
    const bool there = std::ranges::any_of(
        s.sink.all(), [&](const auto& d) { return diagnostics::spelled(d.code) == code; });
    if (!there) result.problems.push_back(fmt::format("{} must appear and does not", code));
  }
  if (unexpected > 0) {
    result.problems.push_back(
        fmt::format("{} error{} that no `fails` names", unexpected, unexpected == 1 ? "" : "s"));
  }
  return result;
}

}  // namespace

std::vector<TestResult> run_tests(const source::FileSystem& files, const Snapshot& lab) {
  std::vector<TestResult> out;
  for (const eval::TestCase& test : lab.evaluation->tests()) {
    out.push_back(run(files, lab.request, test.title));
    out.back().place = lab.evaluation->span(test.node);
  }
  return out;
}

}  // namespace lab::session
