#include <fmt/format.h>

#include "compiler/cli/commands.h"
#include "compiler/session/manual.h"
#include "compiler/source/file_system.h"

namespace lab::cli {

namespace {

std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

/// The commands, from the table that the parser is made of.
std::string commands_page() {
  std::string out = "# commands\n";
  for (const Command& command : commands()) {
    out += fmt::format("\n## labc {}\n\n{}\n\n| argument | meaning |\n|---|---|\n", command.name,
                       command.summary);
    const auto row = [&](const Option& o) {
      out += fmt::format("| `{}{}{}` | {} |\n", o.name, o.value.empty() ? "" : " ", cell(o.value),
                         cell(o.summary));
    };
    for (const Option& o : command.options) row(o);
    for (const Option& o : common_options()) row(o);
  }
  return out;
}

}  // namespace

int run_docs(const Arguments& arguments, Terminal& terminal) {
  auto pages = session::manual();
  pages.insert(pages.begin(), {"commands", commands_page()});
  if (arguments.output.empty()) {
    for (const session::Page& page : pages) terminal.out(page.text + "\n");
    return success;
  }
  const auto files = source::real_file_system();
  for (const session::Page& page : pages) {
    const std::string path = fmt::format("{}/{}.md", arguments.output, page.name);
    std::string there;
    if (files->read(path, there).ok() && there == page.text) continue;
    if (const source::IoStatus status = files->write(path, page.text); !status.ok()) {
      terminal.complain(fmt::format("{}: {}", path, status.error));
      return usage_or_io;
    }
  }
  return success;
}

}  // namespace lab::cli
