// The files outside the process, behind one small interface with an in-memory double.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lab::source {

/// What came of a file operation: `ok`, or the system's words in `error`.
struct [[nodiscard]] IoStatus {
  std::string error;
  [[nodiscard]] bool ok() const { return error.empty(); }
};

struct DirectoryEntry {
  std::string name;
  bool directory = false;
};

/// Paths use `/`. Implementations never throw.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  virtual IoStatus read(const std::string& path, std::string& into) const = 0;
  /// Entries of a folder sorted by name; without `.` and `..`.
  virtual IoStatus list(const std::string& path, std::vector<DirectoryEntry>& into) const = 0;
  [[nodiscard]] virtual bool exists(const std::string& path) const = 0;
  [[nodiscard]] virtual bool is_directory(const std::string& path) const = 0;
  /// Writes by temporary name and rename; folders on the way are made.
  virtual IoStatus write(const std::string& path, std::string_view bytes) = 0;
  /// Removes a file, or an empty folder.
  virtual IoStatus remove(const std::string& path) = 0;
};

std::unique_ptr<FileSystem> real_file_system();

/// The double: files by full path, folders implied.
class MemoryFileSystem final : public FileSystem {
 public:
  std::map<std::string, std::string> files;
  IoStatus read(const std::string& path, std::string& into) const override;
  IoStatus list(const std::string& path, std::vector<DirectoryEntry>& into) const override;
  [[nodiscard]] bool exists(const std::string& path) const override;
  [[nodiscard]] bool is_directory(const std::string& path) const override;
  IoStatus write(const std::string& path, std::string_view bytes) override;
  IoStatus remove(const std::string& path) override;
};

}  // namespace lab::source
