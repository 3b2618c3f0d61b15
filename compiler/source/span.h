// Places in source files.
#pragma once
#include <compare>
#include <cstdint>

namespace lab::source {

/// Index of a file in `Sources`. `none` marks a diagnostic without a place.
enum class FileId : std::uint32_t { none = 0xffffffff };

/// A half-open range of bytes in one file.
struct Span {
  FileId file = FileId::none;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  auto operator<=>(const Span&) const = default;
  [[nodiscard]] bool valid() const { return file != FileId::none; }
};

}  // namespace lab::source
