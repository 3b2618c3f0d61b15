// All texts of one session, by FileId.
#pragma once
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "compiler/source/line_index.h"
#include "compiler/source/span.h"

namespace lab::source {

/// Texts never move once added, so views into them stay valid.
class Sources {
 public:
  /// `path` as it is shown to people (relative to the lab, or `std/…` for the standard library).
  FileId add(std::string path, std::string text);
  /// Like `add`, for bytes that outlive the session (the embedded standard library).
  FileId add_view(std::string path, std::string_view text);
  [[nodiscard]] std::string_view text(FileId file) const;
  [[nodiscard]] const std::string& path(FileId file) const;
  /// Built on first use.
  [[nodiscard]] const LineIndex& lines(FileId file) const;
  [[nodiscard]] std::uint32_t count() const { return static_cast<std::uint32_t>(files_.size()); }
  [[nodiscard]] std::string_view slice(Span span) const;

 private:
  struct File {
    std::string path;
    std::string owned;
    std::string_view text;
    mutable std::unique_ptr<LineIndex> lines;
  };
  std::deque<File> files_;
};

}  // namespace lab::source
