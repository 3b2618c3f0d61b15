// What a build went by and what it said, kept so that the same build need not be made again.
//
// A build is a function of what it asks the file system (TracedFiles notes all of it), of the identities at
// hand, of its key (the request, the program) and of nothing else; it does not look at the clock. When all
// of these are as they were, and every file in the output folder still has the bytes that were written, the
// build would say the same and write nothing. A record that is lost, damaged or old costs that build and
// nothing else.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "compiler/emit/tree.h"
#include "compiler/session/traced_files.h"

namespace lab::session {

/// What a build tells people, beside the files it changed.
struct Said {
  std::string diagnostics;
  std::string report;
  std::size_t files = 0;  // in the tree
};

class BuildRecord {
 public:
  /// `folder`: where records are kept, each under the hash of its key. `key`: all that decides what a build
  /// does and says beside files and identities. Without a folder or a `program_id` nothing is kept.
  BuildRecord(source::FileSystem& files, const std::string& folder, const std::vector<std::string>& key);
  /// What that build said, if one now would say the same and change nothing in `out`.
  [[nodiscard]] std::optional<Said> recall(const std::string& out) const;
  /// Keeps a build that ended well. Nothing comes of it when the trace is unsteady or the disk does not take
  /// it.
  void keep(const TracedFiles& trace, const std::vector<emit::Output>& outputs, const Said& said);

 private:
  source::FileSystem& files_;
  std::string path_;  // empty: nothing is kept
};

}  // namespace lab::session
