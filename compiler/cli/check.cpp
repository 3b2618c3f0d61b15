#include "compiler/cli/compile.h"
#include "compiler/diagnostics/render.h"

namespace lab::cli {

int run_check(const Arguments& arguments, Terminal& terminal) {
  const auto files = source::real_file_system();
  const auto snapshot = compile(arguments, terminal, *files);
  if (snapshot == nullptr) return usage_or_io;
  if (arguments.format == "text") {
    show_diagnostics(*snapshot, terminal);
  } else {
    snapshot->sink.sort();
    if (arguments.format == "sarif")
      terminal.out(diagnostics::render_sarif(snapshot->sink.all(), snapshot->sources));
    else
      for (const diagnostics::Diagnostic& d : snapshot->sink.all())
        terminal.out(diagnostics::render_json(d, snapshot->sources) + "\n");
  }
  return snapshot->sink.has_errors() ? errors_found : success;
}

}  // namespace lab::cli
