#include "compiler/session/why.h"

#include <fmt/format.h>

#include <charconv>

#include "compiler/cli/compile.h"

namespace lab::cli {

namespace {

/// `FILE:LINE`.
bool split(const std::string& text, std::string& file, std::uint32_t& line) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return false;
  file = text.substr(0, colon);
  const char *begin = text.data() + colon + 1, *end = text.data() + text.size();
  const auto read = std::from_chars(begin, end, line);
  return read.ec == std::errc() && read.ptr == end && line > 0;
}

std::string described(const session::Snapshot& snapshot, const session::Why& answer) {
  std::string out;
  for (const session::Link& link : answer.links) {
    const std::string place = session::spelled(snapshot.sources, link.place);
    out += fmt::format("{:<12}{}{}{}\n", link.what, link.text, link.text.empty() || place.empty() ? "" : "  ",
                       place);
  }
  return out;
}

}  // namespace

int run_why(const Arguments& arguments, Terminal& terminal) {
  std::string file;
  std::uint32_t line = 0;
  if (!split(arguments.first, file, line)) {
    terminal.complain(fmt::format(
        "`{}`: write FILE:LINE, as in out/kubernetes/media/sonarr/deployment.yaml:31", arguments.first));
    return usage_or_io;
  }
  const auto files = source::real_file_system();
  const session::OutputPath output = session::output_path(*files, file);
  Arguments own = arguments;
  if (own.lab.empty()) own.lab = output.lab;
  session::Snapshot* const snapshot = compile(own, terminal, *files, Fetch::no, Disclose::yes);
  if (snapshot == nullptr) return usage_or_io;
  session::Built built;
  session::SealRequest secrets;
  secrets.files = files.get();
  if (!session::build(*snapshot, built, &secrets)) {
    show_diagnostics(*snapshot, terminal);
    return errors_found;
  }
  const session::Why answer = session::why(*snapshot, built, output.path, line);
  if (!answer.problem.empty()) {
    terminal.complain(answer.problem);
    return usage_or_io;
  }
  std::string there;
  const emit::File* now = built.rendered.find(output.path);
  if (files->read(file, there).ok() && there != built.rendered.text(*now)) {
    terminal.err(fmt::format(
        "note: {} is not what the lab yields now; this is about the line of the next build\n", file));
  }
  terminal.out(fmt::format("{}:{}\n  {}\n", output.path, line, answer.line));
  terminal.out(described(*snapshot, answer));
  return success;
}

}  // namespace lab::cli
