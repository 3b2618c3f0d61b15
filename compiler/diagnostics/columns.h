// A source line as a terminal shows it: tabs widened, wide characters two columns, nothing that
// could steer the terminal or hide text, and only the part around a place when it is long.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lab::diagnostics {

class ShownLine {
 public:
  /// Shows about `width` columns of `line`, chosen so that the bytes [begin, end) are in sight, or at
  /// least their beginning. Work is bounded by `width`, however long the line is.
  ShownLine(std::string_view line, std::size_t begin, std::size_t end, std::size_t width);
  [[nodiscard]] const std::string& text() const { return text_; }
  /// Column of a byte of the line, 0-based; a byte out of sight is at the nearer edge.
  [[nodiscard]] std::size_t column(std::size_t byte) const;
  /// Whether the byte is shown (or is the end of what is shown).
  [[nodiscard]] bool shows(std::size_t byte) const { return byte >= from_ && byte <= to_; }

 private:
  std::string text_;
  std::vector<std::uint32_t> columns_;  // of the bytes from_..to_, both included
  std::size_t from_ = 0;
  std::size_t to_ = 0;
};

/// Columns that `text` takes.
[[nodiscard]] std::size_t columns_of(std::string_view text);
/// Characters (code points) of `text`.
[[nodiscard]] std::size_t characters_of(std::string_view text);

}  // namespace lab::diagnostics
