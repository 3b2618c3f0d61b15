#include "compiler/emit/directories.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>

namespace lab::emit {

namespace {

bool is_inside(std::string_view path, std::string_view folder) {
  return path.substr(0, folder.size()) == folder &&
         (path.size() == folder.size() || path[folder.size()] == '/');
}

}  // namespace

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = other.fd_;
    other.fd_ = -1;
  }
  return *this;
}

void Fd::reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

std::string_view folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

std::string_view name_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

bool path_less(std::string_view a, std::string_view b) {
  const std::size_t shorter = std::min(a.size(), b.size());
  std::size_t at = 0;
  // Paths of one tree have long beginnings in common: eight bytes at a time.
  for (std::uint64_t left = 0, right = 0; at + sizeof left <= shorter; at += sizeof left) {
    std::memcpy(&left, a.data() + at, sizeof left);
    std::memcpy(&right, b.data() + at, sizeof right);
    if (left != right) break;
  }
  while (at < shorter && a[at] == b[at]) ++at;
  if (at == shorter) return a.size() < b.size();
  if (a[at] == '/' || b[at] == '/') return a[at] == '/';
  return static_cast<unsigned char>(a[at]) < static_cast<unsigned char>(b[at]);
}

void Directories::close() {
  path_.clear();
  open_.clear();
  ends_.clear();
  missing_.clear();
}

int Directories::walk(std::string_view folder, bool create) {
  while (!open_.empty() && !is_inside(folder, path_)) {
    open_.pop_back();
    ends_.pop_back();
    path_.resize(ends_.empty() ? 0 : ends_.back());
  }
  if (!create && !missing_.empty() && is_inside(folder, missing_)) {
    errno = ENOENT;
    return -1;
  }
  int at = open_.empty() ? root_ : open_.back().get();
  while (path_.size() < folder.size()) {
    const std::size_t begin = path_.empty() ? 0 : path_.size() + 1;
    const std::size_t end = std::min(folder.find('/', begin), folder.size());
    const std::string name(folder.substr(begin, end - begin));
    constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    if (create) ::mkdirat(at, name.c_str(), 0777);  // opening it says whether it is there
    Fd next(::openat(at, name.c_str(), flags));
    if (!next.valid()) {
      if (errno == ENOENT) missing_ = folder.substr(0, end);
      return -1;
    }
    at = next.get();
    open_.push_back(std::move(next));
    path_ = folder.substr(0, end);
    ends_.push_back(end);
  }
  return at;
}

}  // namespace lab::emit
