#include "compiler/session/build.h"

#include <fmt/format.h>

#include "compiler/cli/compile.h"
#include "compiler/cli/watch.h"
#include "compiler/session/plan_summary.h"
#include "compiler/vault/sources.h"

namespace lab::cli {

namespace {

std::string list(char mark, const std::vector<std::string>& paths) {
  std::string out;
  for (const std::string& path : paths) {
    out += mark;
    out += ' ';
    out += path;
    out += '\n';
  }
  return out;
}

int build_once(const Arguments& arguments, Terminal& terminal) {
  const auto files = source::real_file_system();
  vault::harden_process();
  session::Snapshot* const snapshot = compile(arguments, terminal, *files, Fetch::yes, Disclose::yes);
  if (snapshot == nullptr) return usage_or_io;
  if (snapshot->complete && snapshot->discloser != nullptr)
    if (const auto saved = snapshot->discloser->save(*files, utc_now()); !saved.ok()) {
      terminal.complain(saved.error);
      return usage_or_io;
    }
  const std::string out = arguments.output.empty() ? snapshot->request.folder + "/out" : arguments.output;
  session::Built built;
  session::SealRequest secrets;
  secrets.files = files.get();
  secrets.out = out;
  secrets.create = true;
  const bool ok = session::build(*snapshot, built, &secrets, arguments.jobs);
  show_diagnostics(*snapshot, terminal, arguments.format);
  if (!ok) return errors_found;
  if (const auto saved = built.sealing->save(*files, utc_now()); !saved.ok()) {
    terminal.complain(saved.error);
    return usage_or_io;
  }
  const emit::TreeResult result = emit::write_tree(out, built.outputs(), arguments.jobs);
  if (!result.ok()) {
    terminal.complain(result.error);
    return usage_or_io;
  }
  if (terminal.quiet() || arguments.format != "text") return success;
  if (built.sealing->made() > 0) terminal.out(fmt::format("{} secrets made\n", built.sealing->made()));
  terminal.out(list('+', result.added) + list('~', result.changed) + list('-', result.removed));
  terminal.out(session::render_report(built.report, *snapshot));
  terminal.out(session::plan_summary(built.bundle));
  terminal.out(fmt::format("{}: {} added, {} changed, {} removed, {} unchanged\n", out, result.added.size(),
                           result.changed.size(), result.removed.size(), result.unchanged));
  return success;
}

}  // namespace

int run_build(const Arguments& arguments, Terminal& terminal) {
  if (!arguments.watch) return build_once(arguments, terminal);
  const std::string folder = arguments.lab.empty() ? "." : arguments.lab;
  const std::string out = arguments.output.empty() ? folder + "/out" : arguments.output;
  return watch(folder, out, [&] {
    const int status = build_once(arguments, terminal);
    terminal.err(fmt::format("watching {}\n", folder));
    return terminal.flush() ? status : usage_or_io;
  });
}

}  // namespace lab::cli
