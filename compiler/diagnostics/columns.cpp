#include "compiler/diagnostics/columns.h"

#include <algorithm>
#include <array>

namespace lab::diagnostics {
namespace {

constexpr std::size_t tab_width = 4;
constexpr std::string_view cut = "...";
constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

struct Range {
  char32_t first, last;
};

// East Asian Width W and F (Unicode 15, EastAsianWidth.txt), joined to whole blocks.
constexpr auto wide = std::to_array<Range>({{0x1100, 0x115F},
                                            {0x231A, 0x231B},
                                            {0x23E9, 0x23EC},
                                            {0x2E80, 0x303E},
                                            {0x3041, 0x4DBF},
                                            {0x4E00, 0xA4CF},
                                            {0xA960, 0xA97C},
                                            {0xAC00, 0xD7A3},
                                            {0xF900, 0xFAFF},
                                            {0xFE30, 0xFE6F},
                                            {0xFF01, 0xFF60},
                                            {0xFFE0, 0xFFE6},
                                            {0x1F300, 0x1F64F},
                                            {0x1F680, 0x1F6FF},
                                            {0x1F900, 0x1F9FF},
                                            {0x20000, 0x3FFFD}});
// Combining marks and joiners (general category Mn and Cf) that scripts of today use.
constexpr auto zero = std::to_array<Range>({{0x0300, 0x036F},
                                            {0x0483, 0x0489},
                                            {0x0591, 0x05BD},
                                            {0x064B, 0x065F},
                                            {0x200B, 0x200D},
                                            {0x20D0, 0x20FF},
                                            {0xFE00, 0xFE0F},
                                            {0xFE20, 0xFE2F}});
// Control characters, and those that reorder text (CVE-2021-42574).
constexpr auto hidden = std::to_array<Range>({{0x00, 0x1F},
                                              {0x7F, 0x9F},
                                              {0x061C, 0x061C},
                                              {0x200E, 0x200F},
                                              {0x202A, 0x202E},
                                              {0x2066, 0x2069},
                                              {0xFEFF, 0xFEFF}});

template <std::size_t N>
bool in(const std::array<Range, N>& ranges, char32_t c) {
  return std::ranges::any_of(ranges, [c](Range r) { return c >= r.first && c <= r.last; });
}

struct Glyph {
  std::size_t bytes;  // of the source
  std::size_t columns;
  bool replaced;  // shown as U+FFFD
};

bool continues(std::string_view text, std::size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
}

/// The character at `at`. Bytes that are no UTF-8 are one replaced character each.
Glyph glyph_at(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  if (lead == '\t') return {1, tab_width, false};
  if (lead < 0x80) return {1, 1, in(hidden, lead)};
  const std::size_t size = lead >= 0xF0 && lead < 0xF5   ? 4
                           : lead >= 0xE0 && lead < 0xF0 ? 3
                           : lead >= 0xC2 && lead < 0xE0 ? 2
                                                         : 0;
  if (size == 0) return {1, 1, true};
  char32_t c = lead & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if (!continues(text, at + i)) return {1, 1, true};
    c = (c << 6) | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
  }
  if (in(hidden, c)) return {size, 1, true};
  return {size, in(wide, c) ? 2U : in(zero, c) ? 0U : 1U, false};
}

std::size_t start_of_character(std::string_view text, std::size_t at) {
  for (int steps = 0; steps < 3 && at > 0 && continues(text, at); ++steps) --at;
  return at;
}

/// Columns from `from` on until `limit` is passed or the text ends.
std::size_t measure(std::string_view text, std::size_t from, std::size_t to, std::size_t limit) {
  std::size_t columns = 0;
  for (std::size_t at = from; at < to && columns <= limit;) {
    const Glyph glyph = glyph_at(text, at);
    columns += glyph.columns;
    at += glyph.bytes;
  }
  return columns;
}

/// The first byte to show so that `begin` stands about `room` columns from the left edge.
std::size_t walk_back(std::string_view line, std::size_t begin, std::size_t room) {
  std::size_t at = begin;
  for (std::size_t columns = 0; at > 0;) {
    const std::size_t before = start_of_character(line, at - 1);
    columns += glyph_at(line, before).columns;
    if (columns > room) break;
    at = before;
  }
  return at;
}

}  // namespace

ShownLine::ShownLine(std::string_view line, std::size_t begin, std::size_t end, std::size_t width) {
  begin = start_of_character(line, std::min(begin, line.size()));
  end = std::clamp(end, begin, line.size());
  const bool fits = measure(line, 0, line.size(), width) <= width;
  if (!fits && measure(line, 0, end, width) + cut.size() > width) {
    const std::size_t place = std::min(measure(line, begin, end, width), width / 2);
    from_ = walk_back(line, begin, (width - place) / 2);
  }
  if (from_ > 0) text_ += cut;
  std::size_t column = text_.size();
  const std::size_t last = fits ? width : width - cut.size();
  for (to_ = from_; to_ < line.size();) {
    const Glyph glyph = glyph_at(line, to_);
    if (column + glyph.columns > last) break;
    columns_.insert(columns_.end(), glyph.bytes, static_cast<std::uint32_t>(column));
    if (glyph.replaced) {
      text_ += replacement;
    } else if (line[to_] == '\t') {
      text_.append(tab_width, ' ');
    } else {
      text_ += line.substr(to_, glyph.bytes);
    }
    column += glyph.columns;
    to_ += glyph.bytes;
  }
  columns_.push_back(static_cast<std::uint32_t>(column));
  if (to_ < line.size()) text_ += cut;
}

std::size_t ShownLine::column(std::size_t byte) const {
  return columns_[std::clamp(byte, from_, to_) - from_];
}

std::size_t columns_of(std::string_view text) {
  return measure(text, 0, text.size(), static_cast<std::size_t>(-2));
}

std::size_t characters_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace lab::diagnostics
