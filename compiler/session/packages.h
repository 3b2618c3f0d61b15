// What `import` statements bring into a lab.
//
//   import "std/platform/loki"            the standard library is always there; the path must exist in it
//   import "../common"                    a folder beside the file; one inside the lab belongs to it already
//   import "git+https://host/x?rev=ID"    a repository at one commit, kept below `Request::cache`, with the
//                                         SHA-256 of its files in `lab.lock` (one line an import: URL SHA256)
#pragma once
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/source/file_system.h"
#include "compiler/source/sources.h"

namespace lab::session {

class Snapshot;
struct Request;

/// Fetches repositories. A double in memory stands for it in tests.
class Fetcher {
 public:
  virtual ~Fetcher() = default;
  /// Puts the files of `revision` of the repository at `url` into `folder`, which is not there yet, whole or
  /// not at all.
  virtual source::IoStatus fetch(const std::string& url, const std::string& revision,
                                 const std::string& folder) = 0;
};

/// Runs `git`.
[[nodiscard]] std::unique_ptr<Fetcher> git_fetcher();

/// Parses what the imports of `snapshot`'s program name into it, those of packages too, and reports what
/// cannot be had. Hashes of repositories seen for the first time are added to `Snapshot::lock`.
void load_packages(const source::FileSystem& files, const Request& request, Snapshot& snapshot);

/// The text of a lock file, and back; lines that say nothing are skipped.
[[nodiscard]] std::string render_lock(const std::map<std::string, std::string>& lock);
[[nodiscard]] std::map<std::string, std::string> parse_lock(std::string_view text);

}  // namespace lab::session
