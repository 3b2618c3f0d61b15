// Repositories by the program `git`: the one place of the compiler that starts another program.
#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "compiler/session/packages.h"

extern char** environ;

namespace lab::session {

namespace {

/// What git says it failed of: the first line that begins with `fatal: `, else the last one.
std::string reason(const std::string& said) {
  constexpr std::string_view mark = "fatal: ";
  std::size_t at = said.find(mark);
  at = at == std::string::npos ? said.rfind('\n', said.empty() ? 0 : said.size() - 2) + 1 : at + mark.size();
  return said.substr(at, said.find('\n', at) - at);
}

/// Runs a program to its end, without input; the error is what it says.
source::IoStatus run(const std::vector<std::string>& words) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return {std::strerror(errno)};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
  pid_t child = 0;
  const int error = ::posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  std::string said;
  char buffer[4096];
  for (ssize_t n = 1; error == 0 && n != 0;) {
    n = ::read(ends[0], buffer, sizeof buffer);
    if (n < 0 && errno != EINTR) break;
    if (n > 0) said.append(buffer, static_cast<std::size_t>(n));
  }
  ::close(ends[0]);
  if (error != 0) return {fmt::format("{}: {}", words[0], std::strerror(error))};
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return {std::strerror(errno)};
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return {reason(said)};
}

class Git final : public Fetcher {
 public:
  source::IoStatus fetch(const std::string& url, const std::string& revision,
                         const std::string& folder) override {
    // Into a folder beside it, renamed when it is whole.
    const std::filesystem::path target(folder), parts = fmt::format("{}.{}", folder, ::getpid());
    std::error_code error;
    std::filesystem::create_directories(target.parent_path(), error);
    if (error) return {fmt::format("{}: {}", target.parent_path().string(), error.message())};
    ::setenv("GIT_TERMINAL_PROMPT", "0", 1);  // never wait for a password
    source::IoStatus status = run({"git", "clone", "--quiet", "--no-checkout", "--", url, parts.string()});
    if (status.ok()) status = run({"git", "-C", parts.string(), "checkout", "--quiet", "--detach", revision});
    if (status.ok()) {
      std::filesystem::remove_all(parts / ".git", error);
      std::filesystem::rename(parts, target, error);
      if (error) status = {fmt::format("{}: {}", folder, error.message())};
    }
    if (!status.ok()) std::filesystem::remove_all(parts, error);
    return status;
  }
};

}  // namespace

std::unique_ptr<Fetcher> git_fetcher() {
  return std::make_unique<Git>();
}

}  // namespace lab::session
