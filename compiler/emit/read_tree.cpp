#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "compiler/emit/directories.h"
#include "compiler/emit/manifest.h"
#include "compiler/emit/tree.h"

namespace lab::emit {

bool read_tree(const std::string& out,
               const std::function<void(std::string_view path, std::string_view bytes)>& each) {
  const Fd root(::open(out.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  struct stat about {};
  if (!root.valid() || ::flock(root.get(), LOCK_SH | LOCK_NB) != 0 ||
      ::fstatat(root.get(), staging_name, &about, AT_SYMLINK_NOFOLLOW) == 0)
    return false;
  std::string buffer;
  std::vector<std::string> paths;
  const auto manifest = read_whole(root.get(), manifest_name, buffer);
  if (!manifest) return false;
  each(manifest_name, *manifest);
  parse_manifest(*manifest, paths);
  Directories folders(root.get());
  std::string name;
  for (const std::string& path : paths) {
    const int folder = folders.open(folder_of(path));
    name = name_of(path);
    const auto bytes = folder < 0 ? std::nullopt : read_whole(folder, name.c_str(), buffer);
    if (!bytes) return false;
    each(path, *bytes);
  }
  return true;
}

}  // namespace lab::emit
