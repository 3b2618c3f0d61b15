// Byte offsets to lines and columns and back; built once for a file, when first asked.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

namespace lab::source {

/// A position as people and editors count it. Both are 0-based.
struct Position {
  std::uint32_t line = 0;
  std::uint32_t character = 0;
  bool operator==(const Position&) const = default;
};

enum class Encoding { utf8, utf16 };

class LineIndex {
 public:
  /// `text` must outlive the index. Lines end at \n, \r\n or a lone \r, as LSP says.
  explicit LineIndex(std::string_view text);
  /// Line and column of a byte offset; an offset past the end is the end.
  [[nodiscard]] Position position(std::uint32_t offset, Encoding encoding) const;
  /// Byte offset of a position; a column past its line's end is the line's end (LSP 3.17 §position).
  [[nodiscard]] std::uint32_t offset(Position position, Encoding encoding) const;
  /// The text of a line without its line break; empty past the last.
  [[nodiscard]] std::string_view line(std::uint32_t number) const;
  [[nodiscard]] std::uint32_t line_count() const { return static_cast<std::uint32_t>(starts_.size()); }
  [[nodiscard]] std::uint32_t line_start(std::uint32_t number) const { return starts_[number]; }

 private:
  std::string_view text_;
  std::vector<std::uint32_t> starts_;
};

}  // namespace lab::source
