#include "runtime/engine/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "crypto/secret_bytes.h"

namespace lab::engine {

namespace {

constexpr std::size_t kept = 1u << 20;

struct Pipe {
  std::array<int, 2> ends{-1, -1};
  Pipe() { static_cast<void>(!pipe2(ends.data(), O_CLOEXEC)); }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void close_end(std::size_t which) {
    if (ends[which] >= 0) close(std::exchange(ends[which], -1));
  }
};

// The environment of the child; wiped, because some of it is secret.
struct Environment {
  std::vector<crypto::SecretBytes> entries;
  std::vector<char*> pointers;

  void add(std::string_view name, std::string_view value, std::string_view rest = {}) {
    crypto::SecretBuilder line;
    line.append(name).append('=').append(value).append(rest).append('\0');
    entries.push_back(line.take());
  }
  char** data() {
    for (crypto::SecretBytes& entry : entries)
      pointers.push_back(reinterpret_cast<char*>(entry.writable().data()));
    pointers.push_back(nullptr);
    return pointers.data();
  }
};

class Child {
 public:
  Child(Loop& loop, Program program) : loop_(loop), program_(std::move(program)) {}
  ~Child() {
    loop_.cancel(timer_);
    for (const int fd : {input_.ends[1], output_.ends[0], errors_.ends[0], pidfd_}) {
      if (fd >= 0) loop_.unwatch(fd);
    }
    if (pid_ > 0 && !reaped_) {
      kill(-pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    if (pidfd_ >= 0) close(pidfd_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  std::optional<Failure> start();

  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> who) {
    who_ = who;
    timer_ = loop_.after(program_.timeout, [this] {
      late_ = true;
      who_.resume();
    });
    for (const int fd : {input_.ends[1], output_.ends[0], errors_.ends[0]}) {
      fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    }
    watch_output(output_, exited_.output);
    watch_output(errors_, exited_.errors);
    loop_.watch(input_.ends[1], POLLOUT, [this](short) { feed(); });
    loop_.watch(pidfd_, POLLIN, [this](short) { reap(); });
  }
  Outcome<Exited> await_resume() {
    if (late_) {
      return Failure{FailureClass::timeout, fmt::format("{} did not end in {} s", program_.argv.front(),
                                                        program_.timeout.count() / 1000)};
    }
    return std::move(exited_);
  }

 private:
  void watch_output(Pipe& pipe, std::string& into) {
    loop_.watch(pipe.ends[0], POLLIN, [this, &pipe, &into](short) { drain(pipe, into); });
  }
  void drain(Pipe& pipe, std::string& into) {
    std::array<char, 16384> buffer{};
    ssize_t count = 0;
    while ((count = read(pipe.ends[0], buffer.data(), buffer.size())) > 0) {
      const std::size_t room = kept - std::min(kept, into.size());
      into.append(buffer.data(), std::min(room, static_cast<std::size_t>(count)));
    }
    if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
      loop_.unwatch(pipe.ends[0]);
      pipe.close_end(0);
    }
  }
  void feed() {
    const std::string_view all =
        program_.secret_input ? program_.secret_input->expose_text() : program_.input;
    while (fed_ < all.size()) {
      const ssize_t count = write(input_.ends[1], all.data() + fed_, all.size() - fed_);
      if (count < 0 && errno == EAGAIN) return;
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) break;  // it does not read on: its business
      fed_ += static_cast<std::size_t>(count);
    }
    loop_.unwatch(input_.ends[1]);
    input_.close_end(1);
  }
  void reap() {
    int status = 0;
    waitpid(pid_, &status, 0);
    reaped_ = true;
    exited_.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (output_.ends[0] >= 0) drain(output_, exited_.output);
    if (errors_.ends[0] >= 0) drain(errors_, exited_.errors);
    who_.resume();  // may destroy this
  }

  Loop& loop_;
  Program program_;
  Pipe input_;
  Pipe output_;
  Pipe errors_;
  std::size_t fed_ = 0;
  pid_t pid_ = -1;
  int pidfd_ = -1;
  bool reaped_ = false;
  bool late_ = false;
  Loop::Timer timer_ = 0;
  std::coroutine_handle<> who_;
  Exited exited_;
};

std::optional<Failure> Child::start() {
  if (program_.argv.empty()) return Failure{FailureClass::permanent, "a program needs a name"};
  std::vector<char*> argv;
  for (std::string& word : program_.argv) argv.push_back(word.data());
  argv.push_back(nullptr);
  Environment environment;
  for (const char* name : {"PATH", "HOME"}) {
    if (const char* value = std::getenv(name)) environment.add(name, value);
  }
  environment.add("LANG", "C");
  for (const auto& [name, value] : program_.environment) environment.add(name, value);
  for (const SecretHeader& secret : program_.secret_environment) {
    environment.add(secret.name, secret.prefix,
                    secret.value ? secret.value->expose_text() : std::string_view());
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input_.ends[0], 0);
  posix_spawn_file_actions_adddup2(&actions, output_.ends[1], 1);
  posix_spawn_file_actions_adddup2(&actions, errors_.ends[1], 2);
  if (!program_.folder.empty()) posix_spawn_file_actions_addchdir_np(&actions, program_.folder.c_str());
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  const int code = posix_spawnp(&pid_, argv.front(), &actions, &attributes, argv.data(), environment.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (code != 0) {
    pid_ = -1;
    return Failure{FailureClass::not_sent, fmt::format("{}: {}", program_.argv.front(), std::strerror(code))};
  }
  input_.close_end(0);
  output_.close_end(1);
  errors_.close_end(1);
  pidfd_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));  // glibc 2.36 declares its wrapper for C alone
  if (pidfd_ < 0) return Failure{FailureClass::sent, fmt::format("pidfd_open: {}", std::strerror(errno))};
  return std::nullopt;
}

}  // namespace

Task<Outcome<Exited>> run_program(Loop& loop, Program program) {
  Child child(loop, std::move(program));
  if (std::optional<Failure> failure = child.start()) co_return std::move(*failure);
  Outcome<Exited> exited = co_await child;
  co_return std::move(exited);
}

}  // namespace lab::engine
