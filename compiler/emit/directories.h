// Folders below an output folder, opened one inside the other so that no path is looked up twice and no
// symbolic link is followed. Part of tree.cpp and render.cpp.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace lab::emit {

/// A file descriptor, closed at the end. -1: none.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Fd& operator=(Fd&& other) noexcept;
  ~Fd() { reset(); }
  void reset();
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

/// The part of a path before its last `/`, and the part after it.
[[nodiscard]] std::string_view folder_of(std::string_view path);
[[nodiscard]] std::string_view name_of(std::string_view path);

/// The order of files in a tree: a folder's files come directly behind its name: `a`, `a/b`, `a-c`.
[[nodiscard]] bool path_less(std::string_view a, std::string_view b);

/// Keeps the folders of the path asked for last open; ask in order of paths.
class Directories {
 public:
  explicit Directories(int root) : root_(root) {}
  /// The descriptor of a folder ("" is the root); -1 with errno when it is not there or is not a folder.
  int open(std::string_view folder) { return walk(folder, false); }
  /// Likewise; missing folders are made.
  int make(std::string_view folder) { return walk(folder, true); }
  /// The outermost folder that is not there, after `open` found nothing.
  [[nodiscard]] std::string_view missing() const { return missing_; }
  /// Forgets what is open.
  void close();

 private:
  int walk(std::string_view folder, bool create);
  int root_;
  std::string path_;  // of the open folders, "a/b"
  std::vector<Fd> open_;
  std::vector<std::size_t> ends_;  // of each open folder's name in path_
  std::string missing_;            // the outermost folder found missing last
};

}  // namespace lab::emit
