#include "compiler/source/file_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "compiler/source/write_all.h"

namespace lab::source {
namespace {

IoStatus failed(int error) {
  return {std::strerror(error)};
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }
  /// Closes now, because a full disk or a lost server may show itself only here.
  int close() {
    const int result = ::close(fd_);
    fd_ = -1;
    return result;
  }

 private:
  int fd_;
};

/// Makes `folder` and what is missing above it; true when it stands afterwards, else errno says why.
bool make_folders(const std::string& folder) {
  if (folder.empty() || ::mkdir(folder.c_str(), 0755) == 0 || errno == EEXIST) return true;
  if (errno != ENOENT) return false;
  const std::size_t slash = folder.find_last_of('/');
  if (slash == std::string::npos || slash == 0) return false;
  return make_folders(folder.substr(0, slash)) && (::mkdir(folder.c_str(), 0755) == 0 || errno == EEXIST);
}

class RealFileSystem final : public FileSystem {
 public:
  IoStatus read(const std::string& path, std::string& into) const override {
    // Not to wait for ever on a pipe that somebody named like a source file.
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat info {};
    if (!file.valid() || ::fstat(file.get(), &info) != 0) return failed(errno);
    if (S_ISDIR(info.st_mode)) return failed(EISDIR);
    if (!S_ISREG(info.st_mode)) return {"not a regular file"};
    into.resize(static_cast<std::size_t>(info.st_size) + 1);  // one more, to see the end in one call
    std::size_t have = 0;
    for (;;) {
      const ssize_t n = ::read(file.get(), into.data() + have, into.size() - have);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return failed(errno);
      have += static_cast<std::size_t>(n);
      if (n == 0) break;
      if (have == into.size()) into.resize(have * 2);
    }
    into.resize(have);
    return {};
  }

  IoStatus list(const std::string& path, std::vector<DirectoryEntry>& into) const override {
    into.clear();
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(path.c_str()), ::closedir);
    if (!folder) return failed(errno);
    for (errno = 0; const dirent* entry = ::readdir(folder.get()); errno = 0) {
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      bool directory = entry->d_type == DT_DIR;
      if (entry->d_type == DT_UNKNOWN) {
        struct stat info {};
        directory = ::fstatat(::dirfd(folder.get()), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
                    S_ISDIR(info.st_mode);
      }
      into.push_back({std::string(name), directory});
    }
    if (errno != 0) return failed(errno);
    std::ranges::sort(into, {}, &DirectoryEntry::name);
    return {};
  }

  [[nodiscard]] bool exists(const std::string& path) const override {
    return ::access(path.c_str(), F_OK) == 0;
  }

  [[nodiscard]] bool is_directory(const std::string& path) const override {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
  }

  IoStatus write(const std::string& path, std::string_view bytes) override {
    struct stat info {};
    const bool present = ::lstat(path.c_str(), &info) == 0;
    if (present && S_ISLNK(info.st_mode)) {  // the file behind a link is replaced, not the link
      const std::unique_ptr<char, void (*)(void*)> target(::realpath(path.c_str(), nullptr), std::free);
      return target ? write(target.get(), bytes) : failed(errno);
    }
    const std::size_t slash = path.find_last_of('/');
    const std::string folder = slash == std::string::npos ? std::string() : path.substr(0, slash + 1);
    const std::string temporary =
        folder + ".lab-" + std::to_string(::getpid()) + "-" + std::to_string(next_++);
    const mode_t mode = present && S_ISREG(info.st_mode) ? info.st_mode & 07777 : 0644;
    Descriptor file(create(temporary, folder, mode));
    if (!file.valid()) return failed(errno);
    if (present && ::fchmod(file.get(), mode) != 0) return abandon(temporary);
    if (!write_all(file.get(), bytes) || file.close() != 0) return abandon(temporary);
    if (::rename(temporary.c_str(), path.c_str()) != 0) return abandon(temporary);
    return {};
  }

  IoStatus remove(const std::string& path) override {
    if (::unlink(path.c_str()) == 0) return {};
    if (errno != EISDIR && errno != EPERM) return failed(errno);
    return ::rmdir(path.c_str()) == 0 ? IoStatus{} : failed(errno);
  }

 private:
  std::atomic<unsigned> next_ = 0;

  static int create(const std::string& temporary, const std::string& folder, mode_t mode) {
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    int fd = ::open(temporary.c_str(), flags, mode);
    if (fd < 0 && errno == ENOENT && make_folders(folder.substr(0, folder.find_last_not_of('/') + 1))) {
      fd = ::open(temporary.c_str(), flags, mode);
    }
    if (fd < 0 && errno == EEXIST && ::unlink(temporary.c_str()) == 0) {  // left by a killed process
      fd = ::open(temporary.c_str(), flags, mode);
    }
    return fd;
  }

  static IoStatus abandon(const std::string& temporary) {
    const int error = errno;
    ::unlink(temporary.c_str());
    return failed(error);
  }
};

/// `path/`, or nothing for the folder of all files.
std::string as_prefix(const std::string& path) {
  if (path.empty() || path == ".") return {};
  return path.back() == '/' ? path : path + '/';
}

}  // namespace

std::unique_ptr<FileSystem> real_file_system() {
  return std::make_unique<RealFileSystem>();
}

IoStatus MemoryFileSystem::read(const std::string& path, std::string& into) const {
  const auto found = files.find(path);
  if (found == files.end()) return failed(is_directory(path) ? EISDIR : ENOENT);
  into = found->second;
  return {};
}

IoStatus MemoryFileSystem::list(const std::string& path, std::vector<DirectoryEntry>& into) const {
  into.clear();
  if (!is_directory(path)) return failed(files.contains(path) ? ENOTDIR : ENOENT);
  const std::string prefix = as_prefix(path);
  for (auto it = files.lower_bound(prefix); it != files.end() && it->first.starts_with(prefix); ++it) {
    const std::string rest = it->first.substr(prefix.size());
    const std::size_t slash = rest.find('/');
    DirectoryEntry entry{rest.substr(0, slash), slash != std::string::npos};
    if (into.empty() || into.back().name != entry.name) into.push_back(std::move(entry));
  }
  std::ranges::sort(into, {}, &DirectoryEntry::name);
  const auto same = [](const DirectoryEntry& a, const DirectoryEntry& b) { return a.name == b.name; };
  into.erase(std::unique(into.begin(), into.end(), same),
             into.end());  // clang 14 knows no std::ranges::unique
  return {};
}

bool MemoryFileSystem::exists(const std::string& path) const {
  return files.contains(path) || is_directory(path);
}

bool MemoryFileSystem::is_directory(const std::string& path) const {
  const std::string prefix = as_prefix(path);
  if (prefix.empty()) return true;
  const auto it = files.lower_bound(prefix);
  return it != files.end() && it->first.starts_with(prefix);
}

IoStatus MemoryFileSystem::write(const std::string& path, std::string_view bytes) {
  if (is_directory(path)) return failed(EISDIR);
  files[path] = bytes;
  return {};
}

IoStatus MemoryFileSystem::remove(const std::string& path) {
  if (files.erase(path) > 0) return {};
  return failed(is_directory(path) ? ENOTEMPTY : ENOENT);
}

}  // namespace lab::source
