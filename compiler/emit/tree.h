// A rendered bundle onto the disk.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace lab::emit {

/// One file to be there afterwards. `path` is relative to the output folder.
struct Output {
  std::string_view path;
  std::string_view bytes;
};

struct TreeResult {
  std::vector<std::string> added;
  std::vector<std::string> changed;
  std::vector<std::string> removed;
  std::size_t unchanged = 0;
  std::string error;  // "" when all went well; else which file and the system's words
  [[nodiscard]] bool ok() const { return error.empty(); }
  [[nodiscard]] bool anything() const { return !added.empty() || !changed.empty() || !removed.empty(); }
};

/// The file in the output folder that remembers which files builds wrote, one path a line.
inline constexpr const char* manifest_name = ".lab-manifest";

/// Makes the folder `out` hold exactly `outputs`, beside files that no build wrote.
///
/// All changed bytes are first written to a staging folder inside `out`; only when every one is on the
/// disk are they renamed into place, so a failure before that (disk full, no permission) changes nothing
/// and leaves nothing behind. A folder that is not there yet is renamed whole. Files with the same bytes are
/// not touched; when none differs, nothing is written at all. Files that an earlier build wrote and this one
/// does not are removed, with folders that become empty. Refused, before anything is written: a path that is
/// absolute, holds `..`, `.` or an empty part, or is listed twice; a symbolic link on the way; a file that is
/// there with other bytes and was not written by a build; a second build at the same time. At most `jobs`
/// threads read files.
[[nodiscard]] TreeResult write_tree(const std::string& out, std::vector<Output> outputs, unsigned jobs = 1);

/// What `write_tree` would do, without writing.
[[nodiscard]] TreeResult compare_tree(const std::string& out, std::vector<Output> outputs);

/// Calls `each` with the path and the bytes of the manifest, then of every file in it, in its order: what a
/// later `write_tree` would compare with. False when that cannot be, or should not: one of them is not there,
/// a build is writing, or one was killed.
[[nodiscard]] bool read_tree(const std::string& out,
                             const std::function<void(std::string_view path, std::string_view bytes)>& each);

}  // namespace lab::emit
