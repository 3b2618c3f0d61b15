// Where an emitted line comes from: output line → lowering rule → field → template → expression → source
// line.
#pragma once
#include <string>
#include <vector>

#include "compiler/session/build.h"

namespace lab::session {

/// One link of the chain: what it is, in words, and where it stands (invalid: nowhere).
struct Link {
  std::string what;  // "rule", "resource", "field", "template", "expression", "constant", "default", "value", "source"
  std::string text;
  source::Span place;
};

struct Why {
  std::string problem;  // why there is no answer; empty when there is one
  std::string line;     // the emitted line
  std::vector<Link> links;
};

/// `path` relative to the output folder; `line` counts from 1.
[[nodiscard]] Why why(const Snapshot& snapshot, const Built& built, std::string_view path,
                      std::uint32_t line);

/// The path within the output folder that a path on disk means, and the lab it belongs to: the folder above
/// it that holds a manifest of outputs is the output folder, the one above that the lab.
struct OutputPath {
  std::string path;
  std::string lab;  // empty when no output folder was found
};
[[nodiscard]] OutputPath output_path(const source::FileSystem& files, std::string_view path);

}  // namespace lab::session
