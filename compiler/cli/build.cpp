#include "compiler/session/build.h"

#include <fmt/format.h>

#include "compiler/cli/compile.h"

namespace lab::cli {

namespace {

std::string list(char mark, const std::vector<std::string>& paths) {
  std::string out;
  for (const std::string& path : paths) out += fmt::format("{} {}\n", mark, path);
  return out;
}

}  // namespace

int run_build(const Arguments& arguments, Terminal& terminal) {
  const auto files = source::real_file_system();
  session::Snapshot* const snapshot = compile(arguments, terminal, *files, Fetch::yes);
  if (snapshot == nullptr) return usage_or_io;
  session::Built built;
  const bool ok = session::build(*snapshot, built);
  show_diagnostics(*snapshot, terminal);
  if (!ok) return errors_found;
  const std::string out = arguments.output.empty() ? snapshot->request.folder + "/out" : arguments.output;
  const emit::TreeResult result = emit::write_tree(out, built.outputs());
  if (!result.ok()) {
    terminal.complain(result.error);
    return usage_or_io;
  }
  if (terminal.quiet()) return success;
  terminal.out(list('+', result.added) + list('~', result.changed) + list('-', result.removed));
  terminal.out(session::render_report(built.report, *snapshot));
  terminal.out(fmt::format("{}: {} added, {} changed, {} removed, {} unchanged\n", out, result.added.size(),
                           result.changed.size(), result.removed.size(), result.unchanged));
  return success;
}

}  // namespace lab::cli
