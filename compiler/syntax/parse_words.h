// What a set of tokens is called in messages, and questions about such sets.
#pragma once
#include <string>
#include <string_view>

#include "compiler/syntax/parse_antlr.h"

namespace lab::syntax {

using Expected = antlr4::misc::IntervalSet;

[[nodiscard]] bool has(const Expected& set, TokenType t);
/// The set holds what a value begins with.
[[nodiscard]] bool wants_value(const Expected& set);
/// … what a type begins with.
[[nodiscard]] bool wants_type(const Expected& set);
/// … the operators: a value may end here.
[[nodiscard]] bool wants_operator(const Expected& set);
/// … what a member begins with, or the end of the outermost one.
[[nodiscard]] bool wants_member(const Expected& set);

/// A token type that is always written in one way.
struct Spelling {
  TokenType type;
  std::string_view text;
};
/// In the order in which messages name them.
[[nodiscard]] const std::vector<Spelling>& spellings();

/// At most three things that could stand here, in words; `condition`: braces would be a body's.
[[nodiscard]] std::string nouns(const Expected& set, bool condition);

/// What follows the word of a statement: "a name" behind `let`; empty for other words.
[[nodiscard]] std::string_view behind_statement(TokenType word);

}  // namespace lab::syntax
