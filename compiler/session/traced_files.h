// Files that note what was asked of them and what they answered. Whoever gets the same answers to the same
// questions does the same again.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "compiler/source/file_system.h"

namespace lab::session {

enum class Question : std::uint8_t { read, list, exists, is_directory };

/// What was answered, shortened: a hash of bytes or names, a word, or the system's words.
struct Asked {
  Question question = Question::read;
  std::string path;
  std::string answer;
};

class TracedFiles final : public source::FileSystem {
 public:
  /// `below` must outlive this.
  explicit TracedFiles(source::FileSystem& below) : below_(below) {}
  source::IoStatus read(const std::string& path, std::string& into) const override;
  source::IoStatus list(const std::string& path, std::vector<source::DirectoryEntry>& into) const override;
  [[nodiscard]] bool exists(const std::string& path) const override;
  [[nodiscard]] bool is_directory(const std::string& path) const override;
  source::IoStatus write(const std::string& path, std::string_view bytes) override;
  source::IoStatus remove(const std::string& path) override;
  /// Every question once, by path. Nothing when a question had two answers, or something was written: what
  /// was read before may be read differently now.
  [[nodiscard]] std::optional<std::vector<Asked>> asked() const;

 private:
  void note(Question question, const std::string& path, std::string answer) const;

  source::FileSystem& below_;
  mutable std::map<std::pair<std::string, Question>, std::string> answers_;
  mutable bool unsteady_ = false;
};

/// Whether `files` answer now what they answered then.
[[nodiscard]] bool still_so(const source::FileSystem& files, const Asked& then);

}  // namespace lab::session
