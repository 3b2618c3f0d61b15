// Labs to begin with, built into the program.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/source/file_system.h"

namespace lab::session {

struct Starter {
  std::string_view name;     // "one-machine"
  std::string_view summary;  // the first line of its documentation
};

/// All of templates/, by name.
[[nodiscard]] std::vector<Starter> starters();
/// Puts the files of a starter below `folder`. Nothing is written, and the status says why, when a file of it
/// is there already or the folder holds another lab.
[[nodiscard]] source::IoStatus write_starter(source::FileSystem& files, std::string_view name,
                                             const std::string& folder, std::vector<std::string>& written);

}  // namespace lab::session
