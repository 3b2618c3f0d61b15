#include "compiler/cli/watch.h"

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <thread>

#include "compiler/cli/commands.h"

namespace lab::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds pause{200};

/// When each file was last written, by path. What cannot be read is left out.
std::map<std::string, fs::file_time_type> stamps(const std::string& folder, const fs::path& except) {
  std::map<std::string, fs::file_time_type> out;
  std::error_code failed;
  for (fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, failed),
       end;
       !failed && at != end; at.increment(failed)) {
    std::error_code none;
    if (at->path().filename().native().starts_with(".") || fs::equivalent(at->path(), except, none)) {
      if (at->is_directory(none)) at.disable_recursion_pending();
      continue;
    }
    if (at->is_regular_file(none)) out[at->path().string()] = at->last_write_time(none);
  }
  return out;
}

}  // namespace

int watch(const std::string& folder, const std::string& except, const std::function<int()>& work) {
  std::map<std::string, fs::file_time_type> seen;
  for (bool first = true;; first = false) {
    auto now = stamps(folder, except);
    if (first || now != seen) {
      seen = std::move(now);
      const pid_t child = ::fork();
      if (child < 0) return usage_or_io;
      if (child == 0) ::_exit(work());
      ::waitpid(child, nullptr, 0);
    }
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace lab::cli
