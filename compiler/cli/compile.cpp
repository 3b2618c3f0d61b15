#include "compiler/cli/compile.h"

#include <fmt/format.h>

#include "compiler/diagnostics/render.h"

namespace lab::cli {

bool make_request(const Arguments& arguments, Terminal& terminal, session::Request& into) {
  into.folder = arguments.lab.empty() ? "." : arguments.lab;
  while (into.folder.size() > 1 && into.folder.back() == '/') into.folder.pop_back();
  into.environment = arguments.environment;
  for (const std::string& pair : arguments.set) {
    const std::size_t sign = pair.find('=');
    if (sign == std::string::npos || sign == 0) {
      terminal.complain(fmt::format("`--set {}`: write `--set NAME=VALUE`", pair));
      return false;
    }
    into.parameters[pair.substr(0, sign)] = pair.substr(sign + 1);
  }
  for (const std::string& word : arguments.deny) {
    const auto code = diagnostics::parse_code(word);
    if (word == "warnings") {
      into.deny_warnings = true;
    } else if (code) {
      into.deny.push_back(*code);
    } else {
      terminal.complain(
          fmt::format("`--deny {}`: there is no such code; write one like LAB0408, or `warnings`", word));
      return false;
    }
  }
  return true;
}

std::unique_ptr<session::Snapshot> compile(const Arguments& arguments, Terminal& terminal,
                                           const source::FileSystem& files) {
  session::Request request;
  if (!make_request(arguments, terminal, request)) return nullptr;
  if (!files.is_directory(request.folder)) {
    terminal.complain(
        fmt::format("{} {}", request.folder,
                    files.exists(request.folder) ? "is a file; a lab is a folder" : "is not there"));
    return nullptr;
  }
  return session::compile(files, request);
}

void show_diagnostics(session::Snapshot& snapshot, Terminal& terminal) {
  snapshot.sink.sort();
  const diagnostics::TextOptions options{terminal.colour_err(), terminal.width()};
  std::string text;
  for (const diagnostics::Diagnostic& d : snapshot.sink.all())
    text += diagnostics::render_text(d, snapshot.sources, options);
  if (const std::string summary = diagnostics::summary(snapshot.sink.all()); !summary.empty())
    text += summary + "\n";
  terminal.err(text);
}

}  // namespace lab::cli
