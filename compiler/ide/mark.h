// What editors draw over a text: colours by meaning, folds, inlay hints; and edits it is offered.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "compiler/ide/analysis.h"

namespace lab::ide {

/// Classes of semantic tokens, by the protocol's own names (LSP 3.17, SemanticTokenTypes).
enum class TokenClass : std::uint8_t {
  keyword,
  type,
  property,
  variable,
  parameter,
  function,
  enumMember,
  string,
  number,
  comment,
  operator_,
  class_
};
inline constexpr std::string_view token_classes[] = {"keyword",   "type",     "property",   "variable",
                                                     "parameter", "function", "enumMember", "string",
                                                     "number",    "comment",  "operator",   "class"};
enum TokenModifier : std::uint8_t { declaration = 1, readonly = 2, default_library = 4 };
inline constexpr std::string_view token_modifiers[] = {"declaration", "readonly", "defaultLibrary"};

struct MeaningToken {
  std::uint32_t begin = 0, end = 0;
  TokenClass cls{};
  std::uint8_t modifiers = 0;
};
/// Ordered, without overlap; none crosses a line.
[[nodiscard]] std::vector<MeaningToken> meaning_tokens(const Analysis& analysis, FileId file);

struct Fold {
  std::uint32_t begin = 0, end = 0;  // bytes: behind the opening bracket, before the closing one
  bool comment = false;
};
/// Brackets and runs of comments that take several lines.
[[nodiscard]] std::vector<Fold> folds(std::string_view text);

struct Hint {
  std::uint32_t offset = 0;
  std::string text;  // ` = 192.168.40.51`
};
/// The addresses that host parts came to, between two offsets.
[[nodiscard]] std::vector<Hint> hints(const Analysis& analysis, FileId file, std::uint32_t begin,
                                      std::uint32_t end);

/// The smallest edits that make `from` into `to`: one, of the part that differs.
[[nodiscard]] std::vector<diagnostics::Edit> difference(std::string_view from, std::string_view to);

/// The edits between a text and its layout by `labc fmt`: one for each gap between tokens that differs.
[[nodiscard]] std::vector<diagnostics::Edit> layout_edits(std::string_view from, std::string_view to);

}  // namespace lab::ide
