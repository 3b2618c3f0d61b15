#include "runtime/engine/lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace lab::engine {

RunLock::~RunLock() {
  if (fd_ >= 0) close(fd_);
}

void RunLock::read_who(int fd) {
  std::array<char, 256> buffer{};
  const ssize_t size = pread(fd, buffer.data(), buffer.size(), 0);
  who_.assign(buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
}

RunLock::Taken RunLock::look(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Taken::yes;
  const bool free = flock(fd, LOCK_SH | LOCK_NB) == 0;
  read_who(fd);
  close(fd);
  return free ? Taken::yes : Taken::held;
}

RunLock::Taken RunLock::take(const std::string& path, const std::string& self) {
  fd_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd_ < 0) {
    who_ = fmt::format("{}: {}", path, std::strerror(errno));
    return Taken::unusable;
  }
  struct statfs system {};
  if (fstatfs(fd_, &system) == 0) {
    // Neither locks nor SQLite's shared memory can be relied on there.
    constexpr decltype(system.f_type) cifs = 0xFF534D42;
    if (system.f_type == NFS_SUPER_MAGIC || system.f_type == SMB_SUPER_MAGIC || system.f_type == cifs) {
      who_ = fmt::format("{} is on a network file system: keep the state on a local disk (--state)", path);
      return Taken::unusable;
    }
  }
  if (flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    const int why = errno;
    read_who(fd_);
    return why == EWOULDBLOCK ? Taken::held : Taken::unusable;
  }
  // Only people read it; the lock does not depend on it.
  if (ftruncate(fd_, 0) == 0) static_cast<void>(!pwrite(fd_, self.data(), self.size(), 0));
  return Taken::yes;
}

}  // namespace lab::engine
