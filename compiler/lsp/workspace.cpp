#include "compiler/lsp/workspace.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/diagnostics/pages.h"
#include "compiler/lsp/uri.h"
#include "compiler/session/version.h"

namespace lab::lsp {

namespace {

std::string parent(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos || slash == 0 ? "/" : path.substr(0, slash);
}

bool below(const std::string& path, const std::string& folder) {
  if (folder.empty()) return false;
  return path == folder || folder == "/" ||
         (path.starts_with(folder) && path.size() > folder.size() && path[folder.size()] == '/');
}

/// Whether a text has a `lab` declaration at the start of a line.
bool has_lab(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (text.substr(at).starts_with("lab ")) return true;
    const std::size_t end = text.find_first_of("\n\r", at);
    at = end == std::string_view::npos ? text.size() : end + 1;
  }
  return false;
}

}  // namespace

Document& Workspace::open(const std::string& uri, std::int64_t version, std::string text) {
  Document d;
  d.uri = uri;
  const auto path = path_of(uri);
  d.file = path.has_value();
  d.path = path ? *path : "/untitled/" + uri;
  d.version = version;
  d.text = std::move(text);
  if (below(d.path, settings.cache)) d.file = false;  // the text of the standard library
  uris_[d.path] = uri;
  Document& kept = documents_[d.path] = std::move(d);
  // A new file, or a new `lab`, may make another folder the lab of others.
  changed(kept);
  return kept;
}

void Workspace::changed(const Document& document) {
  if (document.file) overlay_.texts[document.path] = document.text;
  const std::string folder = folder_of(document);
  auto& lab = labs_[folder];
  if (lab == nullptr) {
    lab = std::make_unique<Lab>();
    lab->folder = folder;
    lab->alone = !document.file;
  }
  for (auto& [name, other] : labs_)
    if (!other->alone && below(document.path, name)) other->stale = true;
  lab->stale = true;
}

void Workspace::close(const std::string& uri) {
  Document* d = find(uri);
  if (d == nullptr) return;
  const Document gone = *d;
  documents_.erase(gone.path);
  overlay_.texts.erase(gone.path);
  if (gone.file)
    changed_on_disk(gone.path);
  else if (const auto lab = labs_.find(gone.path); lab != labs_.end())
    lab->second->stale = true;
}

Document* Workspace::find(const std::string& uri) {
  const auto path = path_of(uri);
  const auto found = documents_.find(path ? *path : "/untitled/" + uri);
  return found == documents_.end() ? nullptr : &found->second;
}

void Workspace::changed_on_disk(const std::string& path) {
  for (auto& [folder, lab] : labs_)
    if (!lab->alone && below(path, folder)) lab->stale = true;
}

void Workspace::all_stale() {
  for (auto& [folder, lab] : labs_) lab->stale = true;
}

bool Workspace::declares_lab(const std::string& folder) const {
  std::vector<source::DirectoryEntry> entries;
  if (!overlay_.list(folder, entries).ok()) return false;
  return std::ranges::any_of(entries, [&](const source::DirectoryEntry& e) {
    std::string text;
    return !e.directory && e.name.ends_with(".lab") && overlay_.read(folder + "/" + e.name, text).ok() &&
           has_lab(text);
  });
}

/// A lab is a folder with a `lab` declaration, and every `.lab` file below it is of it: the outermost such
/// folder within the workspace, else the nearest. Without one the workspace's folder, or the file's own.
std::string Workspace::folder_of(const Document& document) const {
  if (!document.file) return document.path;
  std::string limit, best;
  for (const std::string& folder : settings.folders)
    if (below(document.path, folder) && folder.size() > limit.size()) limit = folder;
  for (std::string at = parent(document.path);; at = parent(at)) {
    if (declares_lab(at)) best = at;
    if (at == limit || at == "/" || (limit.empty() && !best.empty())) break;
  }
  if (!best.empty()) return best;
  return limit.empty() ? parent(document.path) : limit;
}

Lab& Workspace::lab_of(const Document& document) {
  const std::string folder = folder_of(document);
  auto& lab = labs_[folder];
  if (lab == nullptr) {
    lab = std::make_unique<Lab>();
    lab->folder = folder;
    lab->alone = !document.file;
  }
  return *lab;
}

std::vector<Lab*> Workspace::labs() {
  std::vector<Lab*> out;
  for (auto& [folder, lab] : labs_) out.push_back(lab.get());
  return out;
}

std::vector<Document*> Workspace::documents_of(const Lab& lab) {
  std::vector<Document*> out;
  for (auto& [path, document] : documents_)
    if (lab.alone ? path == lab.folder : document.file && below(path, lab.folder)) out.push_back(&document);
  return out;
}

std::unique_ptr<ide::Analysis> Workspace::compile(const Lab& lab, const std::string& environment,
                                                  const std::string& test) const {
  session::Request request;
  request.folder = lab.folder;
  request.environment = environment;
  request.test = test;
  if (!settings.cache.empty()) request.cache = settings.cache + "/packages";
  request.record_uses = true;
  request.parsed = lab.parsed;
  if (!lab.alone) return std::make_unique<ide::Analysis>(session::compile(overlay_, request));
  request.folder = "/alone" + lab.folder;
  const auto found = documents_.find(lab.folder);
  alone_.files[request.folder + "/text.lab"] = found == documents_.end() ? "" : found->second.text;
  return std::make_unique<ide::Analysis>(session::compile(alone_, request));
}

std::shared_ptr<ide::Analysis> Workspace::refresh(Lab& lab) {
  const auto start = std::chrono::steady_clock::now();
  std::shared_ptr<ide::Analysis> before = std::move(lab.now);
  lab.now = compile(lab, lab.alone ? "" : settings.environment, "");
  lab.stale = false;
  ++lab.revision;
  const bool whole = lab.now->ready() && std::ranges::none_of(lab.now->files(), [&](source::FileId f) {
                       return lab.now->damaged(f);
                     });
  if (whole) {
    if (before == lab.good) before.reset();
    std::swap(before, lab.good);  // the one before the last is freed
    lab.good = lab.now;
  }
  lab.took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
  return before;
}

const ide::Variants& Workspace::variants(Lab& lab) {
  if (lab.variants_of == lab.revision) return lab.variants;
  lab.variants.clear();
  lab.variants_of = lab.revision;
  if (lab.now == nullptr || !lab.now->ready() || lab.alone) return lab.variants;
  const ide::Analysis& a = *lab.now;
  std::vector<std::string> environments, tests;
  for (const auto& [name, node] : a.evaluation().declarations().environments)
    environments.emplace_back(a.text(static_cast<source::Symbol>(name)));
  std::ranges::sort(environments);
  for (const auto& test : a.evaluation().tests()) tests.emplace_back(test.title);
  for (const std::string& e : environments) lab.variants.push_back(compile(lab, e, ""));
  for (const std::string& t : tests) lab.variants.push_back(compile(lab, settings.environment, t));
  return lab.variants;
}

std::optional<source::FileId> Workspace::file_of(const Lab& lab, const ide::Analysis& analysis,
                                                 const Document& document) const {
  if (lab.alone) return analysis.file("text.lab");
  if (!below(document.path, lab.folder)) return std::nullopt;
  return analysis.file(document.path.substr(lab.folder == "/" ? 1 : lab.folder.size() + 1));
}

std::string Workspace::kept(const std::string& name, std::string_view text) {
  if (settings.cache.empty()) return {};
  // One folder a version and text: an editor may hold files of an older labc open.
  const auto hash = static_cast<std::uint32_t>(std::hash<std::string_view>{}(text));
  const std::string whole =
      fmt::format("{}/standard-library/{}-{:08x}/{}", settings.cache, session::version(), hash, name);
  if (!files_.exists(whole) && !source::real_file_system()->write(whole, text).ok()) return {};
  return whole;
}

std::string Workspace::uri_of_page(diagnostics::Code code) {
  const auto [page, fresh] = pages_.try_emplace(code);
  if (fresh)
    if (const std::string path = kept(fmt::format("diagnostics/{}.md", diagnostics::spelled(code)),
                                      diagnostics::explanation(code));
        !path.empty())
      page->second = uri_of(path);
  return page->second;
}

std::string Workspace::uri_of_file(const Lab& lab, const ide::Analysis& analysis, source::FileId file) {
  if (file == source::FileId::none) return {};
  const session::Snapshot& s = analysis.snapshot();
  const std::string& path = s.sources.path(file);
  std::string whole;
  if (lab.alone && analysis.file(path))
    whole = lab.folder;
  else if (analysis.file(path))
    whole = (lab.folder == "/" ? "" : lab.folder) + "/" + path;
  else if (path.starts_with("std/"))
    whole = kept(path, analysis.text(file));
  else
    for (const auto& [shown, folder] : s.package_folders)
      if (path.starts_with(shown)) whole = folder + path.substr(shown.size());
  if (whole.empty()) return {};
  if (const auto known = uris_.find(whole); known != uris_.end()) return known->second;
  return uri_of(whole);
}

}  // namespace lab::lsp
