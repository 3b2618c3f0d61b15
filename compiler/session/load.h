// Which files a lab has.
#pragma once
#include <string>
#include <vector>

#include "compiler/source/file_system.h"

namespace lab::session {

struct LabFile {
  std::string path;     // relative to the lab's folder
  std::string text;
};

/// All `.lab` files below a folder, sorted by path; hidden folders and folders of other labs' output
/// (with a `.lab-manifest`) are left out. The status names the first file that cannot be read.
source::IoStatus load(const source::FileSystem& files, const std::string& folder, std::vector<LabFile>& into);

}  // namespace lab::session
