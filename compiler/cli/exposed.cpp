#include "compiler/cli/compile.h"
#include "compiler/session/reach.h"

namespace lab::cli {

int run_exposed(const Arguments& arguments, Terminal& terminal) {
  const auto files = source::real_file_system();
  const auto snapshot = compile(arguments, terminal, *files);
  if (snapshot == nullptr) return usage_or_io;
  if (snapshot->oracle != nullptr) {
    if (const auto told = session::exposed(*snapshot, arguments.from, arguments.format == "json")) {
      terminal.out(told->text);
      return success;
    }
  }
  show_diagnostics(*snapshot, terminal);
  return errors_found;
}

}  // namespace lab::cli
