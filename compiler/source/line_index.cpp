#include "compiler/source/line_index.h"

#include <algorithm>

namespace lab::source {
namespace {

/// UTF-16 code units of a UTF-8 text: one a character, two beyond U+FFFF. Written to be vectorised,
/// because a line may be 10 MB long.
std::uint32_t utf16_units(std::string_view text) {
  std::uint32_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    units += static_cast<std::uint32_t>((byte & 0xC0) != 0x80) + static_cast<std::uint32_t>(byte >= 0xF0);
  }
  return units;
}

}  // namespace

LineIndex::LineIndex(std::string_view text) : text_(text) {
  starts_.reserve(text.size() / 32 + 1);
  starts_.push_back(0);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\n' && text[i] != '\r') continue;
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
    starts_.push_back(static_cast<std::uint32_t>(i + 1));
  }
}

std::string_view LineIndex::line(std::uint32_t number) const {
  if (number >= starts_.size()) return {};
  const std::size_t begin = starts_[number];
  std::size_t end = number + 1 < starts_.size() ? starts_[number + 1] : text_.size();
  if (number + 1 < starts_.size()) {
    --end;
    if (end > begin && text_[end] == '\n' && text_[end - 1] == '\r') --end;
  }
  return text_.substr(begin, end - begin);
}

Position LineIndex::position(std::uint32_t offset, Encoding encoding) const {
  offset = std::min(offset, static_cast<std::uint32_t>(text_.size()));
  const auto after = std::ranges::upper_bound(starts_, offset);
  const auto number = static_cast<std::uint32_t>(after - starts_.begin() - 1);
  const std::string_view before = line(number).substr(0, offset - starts_[number]);
  const bool bytes = encoding == Encoding::utf8;
  return {number, bytes ? static_cast<std::uint32_t>(before.size()) : utf16_units(before)};
}

std::uint32_t LineIndex::offset(Position position, Encoding encoding) const {
  if (position.line >= starts_.size()) return static_cast<std::uint32_t>(text_.size());
  const std::string_view text = line(position.line);
  std::size_t at = 0;
  if (encoding == Encoding::utf8) {
    at = std::min<std::size_t>(position.character, text.size());
  } else {
    for (std::uint32_t units = 0; at < text.size();) {
      std::size_t next = at + 1;
      while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xC0) == 0x80) ++next;
      units += utf16_units(text.substr(at, next - at));
      if (units > position.character) break;
      at = next;
    }
  }
  return starts_[position.line] + static_cast<std::uint32_t>(at);
}

}  // namespace lab::source
