// Diagnostics to the client: pushed with the version they are of, or pulled by it, never both for one
// document.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/diagnostics/shown.h"
#include "compiler/diagnostics/spelling.h"
#include "compiler/lsp/server.h"
#include "compiler/lsp/uri.h"
#include "compiler/session/format_file.h"

namespace lab::lsp {

using diagnostics::Code;
using diagnostics::Diagnostic;

namespace {

constexpr std::chrono::milliseconds slow{400};  // a compilation that takes longer is announced
constexpr std::size_t most_of_a_file = 100;     // diagnostics; the rest is counted

int severity(diagnostics::Severity s) {
  switch (s) {
    case diagnostics::Severity::error:
      return 1;
    case diagnostics::Severity::warning:
      return 2;
    case diagnostics::Severity::hint:
      break;
  }
  return 4;
}

bool unnecessary(Code code) {
  const std::string_view name = diagnostics::info(code).name;
  return name.starts_with("unused_");
}

}  // namespace

Json Server::diagnostic_json(Lab& lab, const Diagnostic& d) {
  const ide::Analysis& a = *lab.now;
  const source::Sources& sources = a.snapshot().sources;
  std::string message = d.message;
  if (!d.label.empty()) message += "\n" + d.label;
  Json related = Json::array();
  for (const diagnostics::Label& label : d.labels) {
    if (!label.span.valid()) continue;
    if (client_.related_information) {
      related.push_back({{"location", location(lab, a, label.span)}, {"message", label.text}});
    } else {
      const source::Position p =
          sources.lines(label.span.file).position(label.span.begin, source::Encoding::utf8);
      message += fmt::format("\n{}:{}:{}: {}", sources.path(label.span.file), p.line + 1, p.character + 1,
                             label.text);
    }
  }
  for (const std::string& note : d.notes) message += "\nnote: " + note;
  for (const diagnostics::Fix& fix : d.fixes)
    if (fix.edits.empty()) message += "\nhelp: " + fix.title;
  Json out = {{"severity", severity(d.severity)},
              {"code", diagnostics::spelled(d.code)},
              {"source", "labc"},
              {"message", message}};
  if (d.primary.valid())
    out["range"] =
        range_json(sources.lines(d.primary.file), d.primary.begin, d.primary.end, client_.encoding);
  else
    out["range"] = {{"start", position_json({0, 0})}, {"end", position_json({0, 0})}};
  if (client_.code_description) out["codeDescription"] = {{"href", workspace_.uri_of_page(d.code)}};
  if (!related.empty()) out["relatedInformation"] = related;
  if (client_.tags && unnecessary(d.code)) out["tags"] = {1};
  return out;
}

/// By URI; every document of the lab has an entry.
std::map<std::string, Json> Server::diagnostics_of(Lab& lab) {
  std::map<std::string, Json> out;
  for (const Document* d : workspace_.documents_of(lab)) out[d->uri] = Json::array();
  const ide::Analysis& a = *lab.now;
  std::string first;  // where diagnostics without a place go: the file with the `lab`, or the first
  if (!a.files().empty()) {
    source::FileId main = a.files().front();
    if (a.ready())
      for (const auto* r : a.evaluation().resources("lab")) main = a.program().unit(r->origin).file;
    first = workspace_.uri_of_file(lab, a, main);
  }
  if (lab.alone) {
    // What it lacks is elsewhere: only its spelling is judged.
    for (const Document* d : workspace_.documents_of(lab)) {
      const std::string& cache = workspace_.settings.cache;
      if (!cache.empty() && d->path.starts_with(cache + "/")) continue;
      session::Formatted formatted;
      session::format_file("text.lab", d->text, formatted);
      for (const Diagnostic& one : formatted.sink.all()) out[d->uri].push_back(diagnostic_json(lab, one));
    }
    return out;
  }
  const diagnostics::Shown shown = diagnostics::shown(a.diagnostics(), most_of_a_file);
  for (const Diagnostic* d : shown.kept) {
    const std::string uri = d->primary.valid() ? workspace_.uri_of_file(lab, a, d->primary.file) : first;
    if (uri.empty()) continue;
    const auto [place, fresh] = out.try_emplace(uri, Json::array());
    place->second.push_back(diagnostic_json(lab, *d));
  }
  for (const auto& [file, count] : shown.left_out)
    if (const auto of = out.find(workspace_.uri_of_file(lab, a, file)); of != out.end())
      of->second.push_back({{"severity", 1},
                            {"source", "labc"},
                            {"message", fmt::format("and {} more in this file", count)},
                            {"range", {{"start", position_json({0, 0})}, {"end", position_json({0, 0})}}}});
  return out;
}

void Server::refresh(Lab& lab) {
  if (!lab.stale && lab.now != nullptr) return;
  std::string token;
  if (client_.progress && lab.took > slow) {
    token = fmt::format("labc/{}", next_id_);
    ask("window/workDoneProgress/create", {{"token", token}});
    notify("$/progress",
           {{"token", token},
            {"value", {{"kind", "begin"}, {"title", "labc"}, {"message", "checking the lab"}}}});
  }
  reaper_.take(workspace_.refresh(lab));
  if (!token.empty()) notify("$/progress", {{"token", token}, {"value", {{"kind", "end"}}}});
  publish(lab);
}

void Server::refresh_all() {
  for (Lab* lab : workspace_.labs()) {
    if (!lab->stale) continue;
    if (workspace_.documents_of(*lab).empty() && lab->published.empty()) {
      lab->stale = false;
      continue;
    }
    refresh(*lab);
  }
}

void Server::publish(Lab& lab) {
  const auto all = diagnostics_of(lab);
  std::vector<std::string> published;
  const auto push = [&](const std::string& uri, const Json& list) {
    Json params = {{"uri", uri}, {"diagnostics", list}};
    if (const Document* d = workspace_.find(uri); d != nullptr && client_.version_in_diagnostics)
      params["version"] = d->version;
    notify("textDocument/publishDiagnostics", std::move(params));
  };
  for (const auto& [uri, list] : all) {
    const bool open = workspace_.find(uri) != nullptr;
    const bool had = std::ranges::find(lab.published, uri) != lab.published.end();
    if (client_.pull_diagnostics && open) {
      if (had) push(uri, Json::array());  // pushed before it was opened
      continue;
    }
    // Of an open document every version is answered, so that an editor knows what it shows is of now.
    if (!list.empty() || had || open) push(uri, list);
    if (!list.empty()) published.push_back(uri);
  }
  for (const std::string& uri : lab.published)
    if (!all.contains(uri)) push(uri, Json::array());
  lab.published = std::move(published);
  if (client_.pull_diagnostics && client_.refresh_diagnostics && lab.revision > 1 &&
      workspace_.documents_of(lab).size() > 1)
    ask("workspace/diagnostic/refresh", nullptr);
}

Json Server::pull_document(const Json& params) {
  const At here = of_document(params);
  const std::string id = fmt::format("{}", here.lab->revision);
  if (params.value("previousResultId", Json()) == id) return {{"kind", "unchanged"}, {"resultId", id}};
  const auto all = diagnostics_of(*here.lab);
  return {{"kind", "full"}, {"resultId", id}, {"items", all.at(here.document->uri)}};
}

Json Server::pull_workspace(const Json&) {
  Json items = Json::array();
  for (Lab* lab : workspace_.labs()) {
    if (workspace_.documents_of(*lab).empty()) continue;
    refresh(*lab);
    for (const auto& [uri, list] : diagnostics_of(*lab)) {
      const Document* d = workspace_.find(uri);
      if (d == nullptr && client_.pull_diagnostics) continue;  // pushed
      items.push_back({{"kind", "full"},
                       {"uri", uri},
                       {"version", d == nullptr ? Json() : Json(d->version)},
                       {"items", list}});
    }
  }
  return {{"items", items}};
}

}  // namespace lab::lsp
