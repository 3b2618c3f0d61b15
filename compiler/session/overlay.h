// Files with some texts that are not on disk yet: edited buffers, fixes being tried.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "compiler/source/file_system.h"

namespace lab::session {

/// Another file system, read only, in which some files have other texts or are new.
class Overlay final : public source::FileSystem {
 public:
  explicit Overlay(const source::FileSystem& below) : below_(below) {}
  std::map<std::string, std::string> texts;  // by full path
  source::IoStatus read(const std::string& path, std::string& into) const override;
  /// Folders on the way to new files are not listed: a new file stands in a folder that is there.
  source::IoStatus list(const std::string& path, std::vector<source::DirectoryEntry>& into) const override;
  [[nodiscard]] bool exists(const std::string& path) const override {
    return texts.contains(path) || below_.exists(path);
  }
  [[nodiscard]] bool is_directory(const std::string& path) const override {
    return below_.is_directory(path);
  }
  source::IoStatus write(const std::string&, std::string_view) override { return {"this is read only"}; }
  source::IoStatus remove(const std::string&) override { return {"this is read only"}; }

 private:
  const source::FileSystem& below_;
};

}  // namespace lab::session
