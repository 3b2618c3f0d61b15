#include "compiler/vault/sources.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

extern char** environ;

namespace lab::vault {

namespace {

using crypto::SecretBytes;

Read failed(std::string problem) {
  return {std::nullopt, std::move(problem)};
}

/// What a descriptor gives up to its end, or up to the first line break.
std::optional<SecretBytes> read_all(int fd, bool one_line = false) {
  crypto::SecretBuilder out;
  char buffer[4096];
  while (true) {
    const ssize_t n = ::read(fd, buffer, one_line ? 1 : sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::nullopt;
    if (n == 0 || (one_line && buffer[0] == '\n')) break;
    out.append(std::string_view(buffer, static_cast<std::size_t>(n)));
  }
  crypto::wipe(buffer, sizeof buffer);
  return out.take();
}

Read value(std::optional<SecretBytes> bytes, std::string_view place) {
  if (!bytes) return failed(fmt::format("{}: {}", place, std::strerror(errno)));
  if (bytes->expose_text().ends_with('\n')) bytes->shrink(bytes->size() - 1);
  if (bytes->empty()) return failed(fmt::format("{} gives an empty value", place));
  return {std::move(bytes), {}};
}

}  // namespace

Read read_variable(const std::string& name) {
  char* text = std::getenv(name.c_str());
  if (text == nullptr || *text == '\0') return failed(fmt::format("${} is not set", name));
  SecretBytes bytes = SecretBytes::copy_text(text);
  crypto::wipe(text, std::strlen(text));
  ::unsetenv(name.c_str());
  return {std::move(bytes), {}};
}

Read read_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return failed(fmt::format("{}: {}", path, std::strerror(errno)));
  Read out = value(read_all(fd), path);
  ::close(fd);
  return out;
}

Read read_command(const std::vector<std::string>& argv) {
  if (argv.empty()) return failed("the command has no words");
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return failed(std::strerror(errno));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::vector<char*> words;
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  pid_t child = 0;
  const int error = ::posix_spawnp(&child, words[0], &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  if (error != 0) {
    ::close(ends[0]);
    return failed(fmt::format("`{}` cannot be started: {}", argv[0], std::strerror(error)));
  }
  auto bytes = read_all(ends[0]);
  ::close(ends[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return failed(fmt::format("`{}` failed", argv[0]));
  return value(std::move(bytes), fmt::format("`{}`", argv[0]));
}

Read read_input(std::string_view prompt) {
  termios before{};
  const bool terminal = ::tcgetattr(STDIN_FILENO, &before) == 0;
  if (!terminal) return value(read_all(STDIN_FILENO), "standard input");
  termios silent = before;
  silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  (void)!::write(STDERR_FILENO, prompt.data(), prompt.size());
  auto line = read_all(STDIN_FILENO, true);
  ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
  (void)!::write(STDERR_FILENO, "\n", 1);
  return value(std::move(line), "the terminal");
}

void harden_process() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__  // its search for leaks is a debugger
  ::prctl(PR_SET_DUMPABLE, 0);
#endif
}

}  // namespace lab::vault
