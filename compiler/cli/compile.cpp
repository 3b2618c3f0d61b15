#include "compiler/cli/compile.h"

#include <fmt/format.h>

#include <cstdlib>
#include <ctime>
#include <memory>
#include <vector>

#include "compiler/diagnostics/render.h"
#include "compiler/diagnostics/shown.h"
#include "compiler/session/cache_folder.h"

namespace lab::cli {

bool make_request(const Arguments& arguments, Terminal& terminal, session::Request& into) {
  into.folder = arguments.lab.empty() ? "." : arguments.lab;
  while (into.folder.size() > 1 && into.folder.back() == '/') into.folder.pop_back();
  into.environment = arguments.environment;
  into.cache = session::cache_folder("packages");
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

session::Snapshot* compile(const Arguments& arguments, Terminal& terminal, source::FileSystem& files,
                           Fetch fetch, Disclose disclose) {
  session::Request request;
  if (!make_request(arguments, terminal, request)) return nullptr;
  return compile(std::move(request), terminal, files, fetch, disclose);
}

session::Snapshot* compile(session::Request request, Terminal& terminal, source::FileSystem& files,
                           Fetch fetch, Disclose disclose) {
  static auto& kept = *new std::vector<std::unique_ptr<session::Snapshot>>();
  if (!files.is_directory(request.folder)) {
    terminal.complain(
        fmt::format("{} {}", request.folder,
                    files.exists(request.folder) ? "is a file; a lab is a folder" : "is not there"));
    return nullptr;
  }
  request.disclose = disclose == Disclose::yes;
  if (fetch == Fetch::yes) request.fetcher = session::git_fetcher();
  session::Snapshot* const snapshot = kept.emplace_back(session::compile(files, request)).get();
  if (fetch == Fetch::no || !snapshot->lock_grew) return snapshot;
  const std::string path = request.folder + "/lab.lock";
  if (const auto status = files.write(path, session::render_lock(snapshot->lock)); !status.ok()) {
    terminal.complain(fmt::format("{}: {}", path, status.error));
    return nullptr;
  }
  return snapshot;
}

std::string render_diagnostics(session::Snapshot& snapshot, const Terminal& terminal,
                               std::string_view format) {
  snapshot.sink.sort();
  const auto& all = snapshot.sink.all();
  if (format == "sarif") return diagnostics::render_sarif(all, snapshot.sources);
  std::string text;
  if (format == "json") {
    for (const diagnostics::Diagnostic& d : all) text += diagnostics::render_json(d, snapshot.sources) + "\n";
    return text;
  }
  const diagnostics::TextOptions options{terminal.colour_err(), terminal.width()};
  const diagnostics::Shown shown =
      diagnostics::shown(all, terminal.all() ? all.size() : diagnostics::shown_of_a_file);
  for (const diagnostics::Diagnostic* d : shown.kept)
    text += diagnostics::render_text(*d, snapshot.sources, options);
  for (const auto& [file, count] : shown.left_out)
    text += fmt::format("… and {} more in {}: --all shows them\n", count, snapshot.sources.path(file));
  if (const std::string summary = diagnostics::summary(all); !summary.empty()) text += summary + "\n";
  return text;
}

void show_diagnostics(std::string_view rendered, Terminal& terminal, std::string_view format) {
  if (format == "text")
    terminal.err(rendered);
  else
    terminal.out(rendered);
}

void show_diagnostics(session::Snapshot& snapshot, Terminal& terminal, std::string_view format) {
  show_diagnostics(render_diagnostics(snapshot, terminal, format), terminal, format);
}

std::string utc_now() {
  std::time_t now = std::time(nullptr);
  if (const char* given = std::getenv("SOURCE_DATE_EPOCH"); given != nullptr && *given != '\0')
    now = static_cast<std::time_t>(std::strtoll(given, nullptr, 10));
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

}  // namespace lab::cli
