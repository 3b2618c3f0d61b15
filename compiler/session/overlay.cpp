#include "compiler/session/overlay.h"

#include <algorithm>

namespace lab::session {

source::IoStatus Overlay::read(const std::string& path, std::string& into) const {
  const auto found = texts.find(path);
  if (found == texts.end()) return below_.read(path, into);
  into = found->second;
  return {};
}

source::IoStatus Overlay::list(const std::string& path, std::vector<source::DirectoryEntry>& into) const {
  if (source::IoStatus status = below_.list(path, into); !status.ok()) return status;
  const std::string folder = path + "/";
  for (auto at = texts.lower_bound(folder); at != texts.end() && at->first.starts_with(folder); ++at) {
    const std::string name = at->first.substr(folder.size());
    if (name.find('/') != std::string::npos) continue;
    const auto place = std::ranges::lower_bound(into, name, {}, &source::DirectoryEntry::name);
    if (place == into.end() || place->name != name) into.insert(place, {name, false});
  }
  return {};
}

}  // namespace lab::session
