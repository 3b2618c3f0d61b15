#include "compiler/cli/compile.h"

namespace lab::cli {

int run_eval(const Arguments& arguments, Terminal& terminal) {
  const auto files = source::real_file_system();
  session::Snapshot* const snapshot = compile(arguments, terminal, *files);
  if (snapshot == nullptr) return usage_or_io;
  const std::size_t before = snapshot->sink.errors();
  const auto value = snapshot->evaluate(arguments.first);
  show_diagnostics(*snapshot, terminal);
  if (before != snapshot->sink.errors() || value.poisoned()) return errors_found;
  terminal.out(snapshot->evaluation->display(value) + "\n");
  return success;
}

}  // namespace lab::cli
