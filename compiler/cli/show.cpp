#include "compiler/session/show.h"

#include "compiler/cli/compile.h"

namespace lab::cli {

int run_show(const Arguments& arguments, Terminal& terminal) {
  const auto files = source::real_file_system();
  session::Snapshot* const snapshot = compile(arguments, terminal, *files);
  if (snapshot == nullptr) return usage_or_io;
  const std::size_t before = snapshot->sink.errors();
  const auto value = snapshot->evaluate(arguments.first);
  if (before != snapshot->sink.errors() || value.poisoned()) {
    show_diagnostics(*snapshot, terminal);
    return errors_found;
  }
  terminal.out(session::show(*snapshot, value));
  return success;
}

}  // namespace lab::cli
