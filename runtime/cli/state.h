// Files of labrun: the plan's place, its state folder.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace lab::labrun {

struct Place {
  std::string file;    // plan.json
  std::string folder;  // that it stands in; paths in the plan are relative to it
};
// Of a plan that was named by its file or its folder.
Place find_plan(const std::string& named);

// Nothing when it cannot be read; errno says why.
std::optional<std::string> read_file(const std::filesystem::path& path);
// Writes beside the file and renames; false when it did not work.
bool write_file(const std::string& path, std::string_view text);

// Makes the folder, for this user alone and unseen by git; what stands in the way, or nothing.
std::string make_state_folder(const std::string& folder);

std::string host_name();

}  // namespace lab::labrun
