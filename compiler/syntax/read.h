// The phases of the reader before the parser; each reports what it mends.
#pragma once
#include <vector>

#include "compiler/syntax/reporter.h"
#include "compiler/syntax/tokens.h"

namespace lab::syntax {

/// Brackets may nest this deep; the parser's stack is safe far beyond.
inline constexpr unsigned max_nesting = 512;
/// Largest file and longest line, in bytes; most tokens of one declaration, whose parse tree stands in memory.
inline constexpr std::size_t max_file = 16u << 20;
inline constexpr std::size_t max_line = 1u << 20;
inline constexpr std::size_t max_declaration = 400'000;

/// Whether the text can be read at all: size, UTF-8 (RFC 3629), no NUL.
[[nodiscard]] bool check_text(Reporter& report);

/// Lexical damage: a string without its end becomes one BAD token, characters that mean nothing are
/// dropped, foreign spellings (`&&`, '…', #) are read as what they mean.
[[nodiscard]] std::vector<LexToken> mend(const Lexed& lexed, Reporter& report);

/// Makes brackets pair, by indentation where they do not: a missing closer is put in before the first
/// line that its block cannot hold, a closer too many is dropped. Fills `depth`.
/// False when they nest deeper than `max_nesting`.
[[nodiscard]] bool balance(std::vector<LexToken>& tokens, Reporter& report);

}  // namespace lab::syntax
