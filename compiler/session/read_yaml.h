// Emitted YAML back into documents, to compare two builds by meaning.
//
// Reads what compiler/emit/yaml.h writes: block maps and lists, one-line scalars, literal blocks, `{}`, `[]`,
// comments, several documents. Not a reader of YAML at large.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "compiler/document/document.h"

namespace lab::session {

/// The documents of a file; nothing when it holds what labc does not write.
[[nodiscard]] std::optional<std::vector<const document::Node*>> read_yaml(std::string_view text,
                                                                          document::Arena& arena);

}  // namespace lab::session
