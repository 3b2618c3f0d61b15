// A bundle as bytes in memory, before anything is written: what `build` writes, `diff` compares and the
// plan hashes.
#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/document/document.h"
#include "compiler/emit/yaml.h"

namespace lab::emit {

struct File {
  std::string_view path;  // of the artifact; the bundle must outlive this
  std::string_view rule;
  std::size_t part = 0;   // of `Rendered::parts`
  std::size_t begin = 0;  // its bytes there
  std::size_t end = 0;
  std::size_t first_line = 0;  // its entries there
  std::size_t last_line = 0;
};

/// All files, in the order of `path_less`, in a few buffers.
struct Rendered {
  struct Part {
    std::string bytes;
    std::vector<LineOrigin> lines;
  };
  std::vector<Part> parts;
  std::vector<File> files;

  [[nodiscard]] std::string_view text(const File& file) const {
    return std::string_view(parts[file.part].bytes).substr(file.begin, file.end - file.begin);
  }
  [[nodiscard]] std::span<const LineOrigin> origins(const File& file) const {
    return std::span(parts[file.part].lines).subspan(file.first_line, file.last_line - file.first_line);
  }
  /// The file with this path; nothing when there is none.
  [[nodiscard]] const File* find(std::string_view path) const;
};

/// Writes an artifact of Format::sops and, into `lines`, where its lines come from. Nothing when it cannot be
/// written, which whoever seals has reported.
using Seal = std::function<std::optional<std::string>(const document::Artifact& artifact,
                                                      std::vector<LineOrigin>& lines)>;

/// Writes every artifact, on at most `jobs` threads. The same bundle gives the same bytes, whatever the order
/// of its artifacts. Encrypted files are those that `seal` writes, in the order of their paths, on this
/// thread; none without it.
[[nodiscard]] Rendered render(const document::Bundle& bundle, const Seal& seal = {}, unsigned jobs = 1);
/// Writes one of its artifacts that are `late`, for which `render` kept a place; none of Format::sops.
void render_late(Rendered& rendered, const document::Artifact& artifact);

}  // namespace lab::emit
