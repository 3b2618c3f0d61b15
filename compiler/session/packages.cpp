#include "compiler/session/packages.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "compiler/diagnostics/nearest.h"
#include "compiler/lower/hash.h"
#include "compiler/session/load.h"
#include "compiler/session/session.h"
#include "compiler/syntax/parse.h"

namespace lab::session {

namespace {

using diagnostics::Code;
using names::NodeRef;

constexpr std::string_view lock_head =
    "# What imported repositories held when they were first read: URL SHA-256\n";

/// `a/b/../c` without its dots; leading `..` stay.
std::string normal(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
    if (part.empty() || part == ".") continue;
    if (part == ".." && !parts.empty() && parts.back() != "..")
      parts.pop_back();
    else
      parts.push_back(part);
  }
  return parts.empty() ? std::string(".") : fmt::format("{}", fmt::join(parts, "/"));
}

std::string folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string(".") : std::string(path.substr(0, slash));
}

/// The parts of `git+URL?rev=ID`; a revision is a full commit id, so that it means one thing for ever.
struct Repository {
  std::string url, revision;
  bool ok = false;
};

Repository repository(std::string_view import) {
  import.remove_prefix(std::string_view("git+").size());
  const std::size_t mark = import.rfind("?rev=");
  if (mark == std::string_view::npos) return {};
  Repository out{std::string(import.substr(0, mark)), std::string(import.substr(mark + 5)), false};
  const bool hex = out.revision.find_first_not_of("0123456789abcdef") == std::string::npos;
  const bool scheme =
      out.url.starts_with("https://") || out.url.starts_with("ssh://") || out.url.starts_with("file://");
  out.ok = scheme && hex && out.revision.size() == 40;
  return out;
}

/// SHA-256 over the paths and hashes of all files of a folder, in the order of their paths.
source::IoStatus hash_tree(const source::FileSystem& files, const std::string& root, const std::string& below,
                           std::string& list) {
  std::vector<source::DirectoryEntry> entries;
  if (const auto status = files.list(below.empty() ? root : root + "/" + below, entries); !status.ok())
    return status;
  for (const source::DirectoryEntry& entry : entries) {
    if (entry.name == ".git") continue;
    const std::string path = below.empty() ? entry.name : below + "/" + entry.name;
    if (entry.directory) {
      if (const auto status = hash_tree(files, root, path, list); !status.ok()) return status;
      continue;
    }
    std::string text;
    if (const auto status = files.read(root + "/" + path, text); !status.ok()) return status;
    list += fmt::format("{}  {}\n", lower::sha256_hex(text), path);
  }
  return {};
}

class Loader {
 public:
  Loader(const source::FileSystem& files, const Request& request, Snapshot& snapshot)
      : files_(files), request_(request), s_(snapshot) {}

  void run() {
    std::string text;
    if (files_.read(request_.folder + "/lab.lock", text).ok()) s_.lock = parse_lock(text);
    for (std::size_t u = 1; u < s_.program->units().size(); ++u) {  // grows while packages come in
      const names::Unit unit = s_.program->units()[u];
      if (unit.home == names::Home::standard) continue;
      std::vector<NodeRef> imports;
      for (const NodeRef c : s_.program->children(unit.base))
        if ((*s_.program)[c].kind == syntax::NodeKind::Import) imports.push_back(c);
      for (const NodeRef import : imports) load(import);
    }
  }

 private:
  diagnostics::Diagnostic& report(NodeRef import, std::string label, std::string words) {
    return s_.sink.report(
        diagnostics::make(Code::file_not_readable, s_.program->span(import), std::move(label), "{}", words));
  }

  void load(NodeRef import) {
    const std::string_view path = s_.symbols.text((*s_.program)[import].text);
    if (path.starts_with("std/")) return standard(import, path);
    if (path.starts_with("./") || path.starts_with("../")) return folder(import, path);
    if (path.starts_with("git+")) return repository_at(import, path);
    report(import, "not a package", fmt::format("\"{}\" names no package", path))
        .note("an import is `std/…`, a folder `./…` or `../…`, or `git+https://…?rev=COMMIT`");
  }

  void standard(NodeRef import, std::string_view path) {
    std::vector<std::string_view> known;
    for (const names::Unit& unit : s_.program->units()) {
      if (unit.home != names::Home::standard || unit.base == 0) continue;
      std::string_view file = s_.sources.path(unit.file);
      file.remove_suffix(std::string_view(".lab").size());
      if (file == path || (file.starts_with(path) && file[path.size()] == '/')) return;
      known.push_back(file);
    }
    auto& d = report(import, "not there", fmt::format("the standard library has no \"{}\"", path));
    if (const auto best = diagnostics::nearest(path, known))
      d.note(fmt::format("did you mean \"{}\"?", *best));
  }

  void folder(NodeRef import, std::string_view path) {
    const std::string& from = s_.sources.path(s_.program->span(import).file);
    for (const auto& [shown, real] : s_.package_folders) {  // a package's own folders stay within it
      if (!from.starts_with(shown)) continue;
      const std::string inside = normal(folder_of(from.substr(shown.size())) + "/" + std::string(path));
      if (inside.starts_with("..") || !files_.is_directory(real + inside)) missing_folder(import, path);
      return;
    }
    const std::string relative = normal(folder_of(from) + "/" + std::string(path));
    if (!files_.is_directory(request_.folder + "/" + relative)) return missing_folder(import, path);
    if (!relative.starts_with("..")) return;  // the lab's own
    add(import, relative + "/", request_.folder + "/" + relative);
  }

  void missing_folder(NodeRef import, std::string_view path) {
    report(import, "not there", fmt::format("there is no folder \"{}\"", path))
        .note("folders are beside the file that imports them");
  }

  void repository_at(NodeRef import, std::string_view path) {
    const Repository r = repository(path);
    if (!r.ok) {
      report(import, "not a repository at a commit",
             fmt::format("\"{}\" names no commit of a repository", path))
          .note("write `git+https://host/path?rev=ID` with all 40 digits of the commit's id");
      return;
    }
    if (request_.cache.empty()) {
      report(import, "nowhere to keep it", "no folder for repositories is known")
          .note("set $HOME or $XDG_CACHE_HOME");
      return;
    }
    const std::string kept = fmt::format("{}/{}", request_.cache, lower::sha256_hex(path));
    if (!files_.is_directory(kept)) {
      const source::IoStatus status = !request_.fetcher
                                          ? source::IoStatus{"it was not fetched yet; `labc check` does that"}
                                          : request_.fetcher->fetch(r.url, r.revision, kept);
      if (!status.ok()) {
        report(import, "cannot be had", fmt::format("{} cannot be fetched: {}", r.url, status.error));
        return;
      }
    }
    std::string list;
    if (const auto status = hash_tree(files_, kept, "", list); !status.ok()) {
      report(import, "cannot be read", fmt::format("{} cannot be read: {}", kept, status.error));
      return;
    }
    const std::string hash = lower::sha256_hex(list);
    const auto [locked, fresh] = s_.lock.try_emplace(std::string(path), hash);
    s_.lock_grew = s_.lock_grew || fresh;
    if (!fresh && locked->second != hash) {
      report(import, "not what was locked", fmt::format("{} does not hold what lab.lock says", r.url))
          .note(fmt::format("lab.lock has {}", locked->second))
          .note(fmt::format("{} has {}", kept, hash))
          .note(
              "remove that folder to fetch it again; remove the line of lab.lock only when you know why it "
              "changed");
      return;
    }
    const std::string name = r.url.substr(r.url.rfind('/') + 1);
    const std::string shown = fmt::format("{}@{}/", name, r.revision.substr(0, 12));
    s_.package_folders[shown] = kept + "/";
    add(import, shown, kept);
  }

  /// Parses the files of a folder that was not seen before; `shown` stands in front of their names.
  void add(NodeRef import, const std::string& shown, const std::string& real) {
    if (!added_.insert(real).second) return;
    std::vector<LabFile> there;
    if (const source::IoStatus status = session::load(files_, real, there); !status.ok()) {
      report(import, "cannot be read", fmt::format("{} cannot be read: {}", real, status.error));
      return;
    }
    for (LabFile& file : there) {
      const source::FileId id = s_.sources.add(shown + file.path, std::move(file.text));
      s_.program->add(syntax::parse(s_.sources, id, s_.symbols, s_.sink), id, names::Home::package);
    }
  }

  const source::FileSystem& files_;
  const Request& request_;
  Snapshot& s_;
  std::set<std::string> added_;
};

}  // namespace

std::string render_lock(const std::map<std::string, std::string>& lock) {
  std::string out(lock_head);
  for (const auto& [url, hash] : lock) out += fmt::format("{} {}\n", url, hash);
  return out;
}

std::map<std::string, std::string> parse_lock(std::string_view text) {
  std::map<std::string, std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t space = line.find(' ');
    if (line.starts_with("#") || space == std::string_view::npos) continue;
    out.emplace(line.substr(0, space), line.substr(space + 1));
  }
  return out;
}

void load_packages(const source::FileSystem& files, const Request& request, Snapshot& snapshot) {
  Loader(files, request, snapshot).run();
}

}  // namespace lab::session
