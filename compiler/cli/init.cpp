#include <fmt/format.h>

#include <algorithm>

#include "compiler/cli/commands.h"
#include "compiler/session/starter.h"

namespace lab::cli {

int run_init(const Arguments& arguments, Terminal& terminal) {
  const auto starters = session::starters();
  const bool named = !arguments.second.empty();
  const std::string folder = named ? arguments.second : arguments.first;
  const std::string name = named ? arguments.first : std::string(starters.front().name);
  if (std::ranges::find(starters, name, &session::Starter::name) == starters.end()) {
    terminal.complain(fmt::format("there is no starter `{}`; there are:", name));
    for (const session::Starter& s : starters) terminal.err(fmt::format("  {:<16}{}\n", s.name, s.summary));
    return usage_or_io;
  }
  const auto files = source::real_file_system();
  std::vector<std::string> written;
  const source::IoStatus status = session::write_starter(*files, name, folder, written);
  if (!status.ok()) {
    terminal.complain(status.error);
    return usage_or_io;
  }
  if (terminal.quiet()) return success;
  for (const std::string& path : written) terminal.out(path + "\n");
  terminal.out(fmt::format("next: `labc check {}`\n", folder));
  return success;
}

}  // namespace lab::cli
