#include <fmt/format.h>

#include "compiler/cli/compile.h"
#include "compiler/session/build.h"
#include "compiler/session/fix.h"

namespace lab::cli {

namespace {

/// Writes what the fixes change; false, with words said, when a file does not take it.
bool apply_fixes(const Arguments& arguments, Terminal& terminal, source::FileSystem& files) {
  session::Request request;
  if (!make_request(arguments, terminal, request)) return false;
  const session::Fixed fixed = session::fix(files, request);
  for (const auto& [path, text] : fixed.files) {
    const std::string whole = fmt::format("{}/{}", request.folder, path);
    if (const source::IoStatus status = files.write(whole, text); !status.ok()) {
      terminal.complain(fmt::format("{}: {}", whole, status.error));
      return false;
    }
    if (!terminal.quiet() && arguments.format == "text") terminal.out(fmt::format("fixed {}\n", whole));
  }
  return true;
}

}  // namespace

int run_check(const Arguments& arguments, Terminal& terminal) {
  const auto files = source::real_file_system();
  if (arguments.fix && !apply_fixes(arguments, terminal, *files)) return usage_or_io;
  session::Snapshot* const snapshot = compile(arguments, terminal, *files, Fetch::yes);
  if (snapshot == nullptr) return usage_or_io;
  document::Bundle bundle;
  (void)session::lower_lab(*snapshot, bundle);  // finds mistakes of its own: the sink has them
  show_diagnostics(*snapshot, terminal, arguments.format);
  return snapshot->sink.has_errors() ? errors_found : success;
}

}  // namespace lab::cli
