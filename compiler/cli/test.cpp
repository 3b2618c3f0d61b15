#include <fmt/format.h>

#include "compiler/cli/compile.h"
#include "compiler/session/report.h"
#include "compiler/session/run_tests.h"

namespace lab::cli {

int run_test(const Arguments& arguments, Terminal& terminal) {
  const auto files = source::real_file_system();
  const auto lab = compile(arguments, terminal, *files);
  if (lab == nullptr) return usage_or_io;
  if (lab->sink.has_errors()) {
    show_diagnostics(*lab, terminal);
    terminal.complain("the lab itself has errors: no test was run");
    return errors_found;
  }
  std::size_t failed = 0;
  const auto results = session::run_tests(*files, *lab);
  for (const session::TestResult& result : results) {
    if (result.passed()) {
      if (!terminal.quiet()) terminal.out(fmt::format("ok      {}\n", result.title));
      continue;
    }
    ++failed;
    terminal.out(
        fmt::format("FAILED  {}  [{}]\n", result.title, session::spelled(lab->sources, result.place)));
    for (const std::string& problem : result.problems) terminal.out(fmt::format("        {}\n", problem));
    terminal.flush();  // so that what follows on standard error stands below it
    show_diagnostics(*result.snapshot, terminal);
  }
  terminal.out(fmt::format("{} passed, {} failed\n", results.size() - failed, failed));
  return failed == 0 ? success : errors_found;
}

}  // namespace lab::cli
