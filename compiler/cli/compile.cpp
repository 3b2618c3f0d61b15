#include "compiler/cli/compile.h"

#include <fmt/format.h>

#include <cstdlib>
#include <ctime>
#include <memory>
#include <vector>

#include "compiler/diagnostics/render.h"
#include "compiler/diagnostics/shown.h"

namespace lab::cli {

namespace {

/// Where imported repositories are kept (XDG Base Directory Specification 0.8).
std::string cache_folder() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && cache[0] == '/') return fmt::format("{}/lab/packages", cache);
  const char* home = std::getenv("HOME");
  return fmt::format("{}/.cache/lab/packages", home == nullptr ? "" : home);
}

}  // namespace

bool make_request(const Arguments& arguments, Terminal& terminal, session::Request& into) {
  into.folder = arguments.lab.empty() ? "." : arguments.lab;
  while (into.folder.size() > 1 && into.folder.back() == '/') into.folder.pop_back();
  into.environment = arguments.environment;
  into.cache = cache_folder();
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
  static auto& kept = *new std::vector<std::unique_ptr<session::Snapshot>>();
  session::Request request;
  if (!make_request(arguments, terminal, request)) return nullptr;
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

void show_diagnostics(session::Snapshot& snapshot, Terminal& terminal, std::string_view format) {
  snapshot.sink.sort();
  if (format == "sarif") {
    terminal.out(diagnostics::render_sarif(snapshot.sink.all(), snapshot.sources));
    return;
  }
  if (format == "json") {
    for (const diagnostics::Diagnostic& d : snapshot.sink.all())
      terminal.out(diagnostics::render_json(d, snapshot.sources) + "\n");
    return;
  }
  const diagnostics::TextOptions options{terminal.colour_err(), terminal.width()};
  std::string text;
  const auto& all = snapshot.sink.all();
  const diagnostics::Shown shown =
      diagnostics::shown(all, terminal.all() ? all.size() : diagnostics::shown_of_a_file);
  for (const diagnostics::Diagnostic* d : shown.kept)
    text += diagnostics::render_text(*d, snapshot.sources, options);
  for (const auto& [file, count] : shown.left_out)
    text += fmt::format("… and {} more in {}: --all shows them\n", count, snapshot.sources.path(file));
  if (const std::string summary = diagnostics::summary(snapshot.sink.all()); !summary.empty())
    text += summary + "\n";
  terminal.err(text);
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
