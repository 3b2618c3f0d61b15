#include "runtime/cli/state.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>

namespace lab::labrun {

namespace fs = std::filesystem;

Place find_plan(const std::string& named) {
  std::error_code ignored;
  fs::path file(named);
  if (fs::is_directory(file, ignored)) file /= "plan.json";
  fs::path folder = file.parent_path();
  if (folder.empty()) folder = ".";
  return {file.string(), folder.string()};
}

std::optional<std::string> read_file(const fs::path& path) {
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::string text((std::istreambuf_iterator<char>(in)), {});
  if (in.bad()) return std::nullopt;
  return text;
}

bool write_file(const std::string& path, std::string_view text) {
  const std::string beside = path + ".new";
  {
    std::ofstream out(beside, std::ios::binary | std::ios::trunc);
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    if (!out.flush()) return false;
  }
  std::error_code problem;
  fs::rename(beside, path, problem);
  return !problem;
}

std::string make_state_folder(const std::string& folder) {
  std::error_code problem;
  fs::create_directories(folder, problem);
  if (problem) return fmt::format("cannot make {}: {}", folder, problem.message());
  ::chmod(folder.c_str(), 0700);
  const std::string ignore = folder + "/.gitignore";
  if (!fs::exists(ignore, problem) && !write_file(ignore, "*\n"))
    return fmt::format("cannot write into {}", folder);
  return {};
}

std::string host_name() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return name.data();
}

}  // namespace lab::labrun
