#include "compiler/session/diff.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/cli/compile.h"

namespace lab::cli {

int run_diff(const Arguments& arguments, Terminal& terminal) {
  const auto files = source::real_file_system();
  session::Snapshot* const snapshot = compile(arguments, terminal, *files, Fetch::no, Disclose::yes);
  if (snapshot == nullptr) return usage_or_io;
  const std::string out = arguments.against.empty() ? snapshot->request.folder + "/out" : arguments.against;
  session::Built built;
  session::SealRequest secrets;
  secrets.files = files.get();
  secrets.out = out;
  if (!session::build(*snapshot, built, &secrets)) {
    show_diagnostics(*snapshot, terminal);
    return errors_found;
  }
  if (!files->is_directory(out)) {
    terminal.complain(fmt::format("{} is not there: nothing was built yet to compare with", out));
    return usage_or_io;
  }
  const session::DiffResult result = session::diff(built, out, *files);
  if (!result.error.empty()) {
    terminal.complain(result.error);
    return usage_or_io;
  }
  terminal.out(session::render_diff(result, terminal.colour_out()));
  if (terminal.quiet()) return success;
  const auto count = [&](char mark) {
    return std::ranges::count(result.files, mark, &session::ChangedFile::mark);
  };
  if (result.files.empty())
    terminal.out("nothing would change\n");
  else
    terminal.out(
        fmt::format("{} files created, {} changed, {} deleted\n", count('+'), count('~'), count('-')));
  return success;
}

}  // namespace lab::cli
