// Which of many diagnostics a person is shown.
#pragma once
#include <map>
#include <span>
#include <vector>

#include "compiler/diagnostics/diagnostic.h"

namespace lab::diagnostics {

/// What a person is shown of many: of each file at most `most`, errors first, in the order of `all` (one more
/// where only that would be left out). `left_out` counts the others by file, for "and N more".
struct Shown {
  std::vector<const Diagnostic*> kept;
  std::map<source::FileId, std::size_t> left_out;
};
inline constexpr std::size_t shown_of_a_file = 20;
Shown shown(std::span<const Diagnostic> all, std::size_t most = shown_of_a_file);

}  // namespace lab::diagnostics
