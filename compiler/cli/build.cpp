#include "compiler/session/build.h"

#include <fmt/format.h>

#include "compiler/cli/compile.h"
#include "compiler/cli/watch.h"
#include "compiler/session/build_record.h"
#include "compiler/session/cache_folder.h"
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

std::string counts(const std::string& out, const emit::TreeResult& result) {
  return fmt::format("{}: {} added, {} changed, {} removed, {} unchanged\n", out, result.added.size(),
                     result.changed.size(), result.removed.size(), result.unchanged);
}

bool tells(const Arguments& arguments, const Terminal& terminal) {
  return !terminal.quiet() && arguments.format == "text";
}

/// All that decides what `build_once` does and says, beside files and identities.
std::vector<std::string> key(const Arguments& arguments, const Terminal& terminal,
                             const session::Request& request, const std::string& out) {
  std::vector<std::string> all{request.folder, request.environment, request.cache, out, arguments.format};
  for (const unsigned number : {unsigned{terminal.colour_err()}, unsigned{terminal.quiet()},
                                unsigned{terminal.all()}, terminal.width(), unsigned{request.deny_warnings}})
    all.push_back(std::to_string(number));
  for (const diagnostics::Code code : request.deny) all.push_back(diagnostics::spelled(code));
  all.emplace_back("--set");
  for (const auto& [name, value] : request.parameters) {
    all.push_back(name);
    all.push_back(value);
  }
  return all;
}

/// Tells what that build told.
int tell_again(const session::Said& said, const std::string& out, const Arguments& arguments,
               Terminal& terminal) {
  show_diagnostics(said.diagnostics, terminal, arguments.format);
  emit::TreeResult nothing;
  nothing.unchanged = said.files;
  if (tells(arguments, terminal)) terminal.out(said.report + counts(out, nothing));
  return success;
}

int build_once(const Arguments& arguments, Terminal& terminal) {
  const auto disk = source::real_file_system();
  vault::harden_process();
  session::Request request;
  if (!make_request(arguments, terminal, request)) return usage_or_io;
  const std::string out = arguments.output.empty() ? request.folder + "/out" : arguments.output;
  session::BuildRecord record(*disk, session::cache_folder("builds"), key(arguments, terminal, request, out));
  if (const auto said = record.recall(out)) return tell_again(*said, out, arguments, terminal);

  session::TracedFiles files(*disk);
  session::Snapshot* const snapshot = compile(request, terminal, files, Fetch::yes, Disclose::yes);
  if (snapshot == nullptr) return usage_or_io;
  if (snapshot->complete && snapshot->discloser != nullptr)
    if (const auto saved = snapshot->discloser->save(files, utc_now()); !saved.ok()) {
      terminal.complain(saved.error);
      return usage_or_io;
    }
  session::Built built;
  session::SealRequest secrets;
  secrets.files = &files;
  secrets.out = out;
  secrets.create = true;
  const bool ok = session::build(*snapshot, built, &secrets, arguments.jobs);
  session::Said said;
  said.diagnostics = render_diagnostics(*snapshot, terminal, arguments.format);
  show_diagnostics(said.diagnostics, terminal, arguments.format);
  if (!ok) return errors_found;
  if (const auto saved = built.sealing->save(files, utc_now()); !saved.ok()) {
    terminal.complain(saved.error);
    return usage_or_io;
  }
  const std::vector<emit::Output> outputs = built.outputs();
  said.files = outputs.size();
  const emit::TreeResult result = emit::write_tree(out, outputs, arguments.jobs);
  if (!result.ok()) {
    terminal.complain(result.error);
    return usage_or_io;
  }
  if (tells(arguments, terminal)) {
    said.report = session::render_report(built.report, *snapshot) + session::plan_summary(built.bundle);
    if (built.sealing->made() > 0) terminal.out(fmt::format("{} secrets made\n", built.sealing->made()));
    terminal.out(list('+', result.added) + list('~', result.changed) + list('-', result.removed));
    terminal.out(said.report + counts(out, result));
  }
  record.keep(files, outputs, said);
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
