// `labc check --fix`: the edits that diagnostics vouch for, applied.
#pragma once
#include <map>
#include <string>

#include "compiler/session/session.h"

namespace lab::session {

struct Fixed {
  std::map<std::string, std::string> files;  // by path relative to the lab: the texts that differ
  std::size_t edits = 0;                     // fixes that were applied
};

/// Compiles and applies the first machine-applicable fix of each diagnostic to the lab's own files, in
/// memory, again until none is left. Of fixes that overlap one is applied in a round. A round after which
/// there are more errors than before is undone and is the last.
[[nodiscard]] Fixed fix(const source::FileSystem& files, const Request& request);

}  // namespace lab::session
