#include "compiler/session/load.h"

namespace lab::session {
namespace {

source::IoStatus walk(const source::FileSystem& files, const std::string& root, const std::string& below, unsigned depth, std::vector<LabFile>& into) {
  std::vector<source::DirectoryEntry> entries;
  const std::string folder = below.empty() ? root : root + "/" + below;
  if (depth > 16) return {};
  if (source::IoStatus status = files.list(folder, entries); !status.ok()) return status;
  for (const auto& entry : entries) {
    if (entry.name.starts_with(".") || entry.name == "node_modules") continue;
    const std::string path = below.empty() ? entry.name : below + "/" + entry.name;
    if (entry.directory) {
      if (files.exists(folder + "/" + entry.name + "/build.json")) continue;
      if (source::IoStatus status = walk(files, root, path, depth + 1, into); !status.ok()) return status;
      continue;
    }
    if (!entry.name.ends_with(".lab")) continue;
    LabFile file{path, {}};
    if (source::IoStatus status = files.read(root + "/" + path, file.text); !status.ok()) return status;
    into.push_back(std::move(file));
  }
  return {};
}

}  // namespace

source::IoStatus load(const source::FileSystem& files, const std::string& folder, std::vector<LabFile>& into) {
  return walk(files, folder, "", 0, into);
}

}  // namespace lab::session
