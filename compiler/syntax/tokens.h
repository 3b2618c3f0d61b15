// Tokens as the phases of the reader pass them on: read, mended, balanced, parsed.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lab::syntax {

/// The grammar's token types; `end_of_file` stands at the end of every list.
enum class TokenType : std::uint8_t {
  end_of_file = 0,
#define LAB_TOKEN(name, number) name = number,
#include "token_types.def"
#undef LAB_TOKEN
};

/// The grammar's name of a type: "NAME", "KW_IF".
[[nodiscard]] std::string_view name(TokenType type);
/// KW_IF for `if`; NAME for what is no word of the language.
[[nodiscard]] TokenType word_type(std::string_view text);

struct LexToken {
  std::uint32_t begin = 0;  // bytes; begin == end: put in by recovery
  std::uint32_t end = 0;
  std::uint32_t line = 0;
  std::uint32_t indent = 0;  // bytes before the first token of its line
  std::uint16_t depth = 0;   // brackets around it; an opener and its closer stand outside
  TokenType type{};
  bool first_on_line = false;
};

/// A comment and its type: DOC, LINE_COMMENT or BLOCK_COMMENT.
struct LexComment {
  std::uint32_t begin;
  std::uint32_t end;
  TokenType type;
};

struct Lexed {
  std::vector<LexToken> tokens;
  std::vector<LexComment> comments;
};

/// Tokens and comments of a text, in order; every byte that is not white space is in one of them.
/// Bytes above 0x7f are letters of strings and comments, elsewhere ERROR tokens.
/// `exact`: every ASCII byte is shown to the lexer as it is (see parse_lex.cpp; the result is the same).
[[nodiscard]] Lexed lex(std::string_view text, bool exact = false);

[[nodiscard]] inline std::string_view text_of(std::string_view text, const LexToken& t) {
  return text.substr(t.begin, t.end - t.begin);
}
[[nodiscard]] inline bool is_opener(TokenType t) {
  return t == TokenType::LBRACE || t == TokenType::LBRACK || t == TokenType::LPAREN;
}
[[nodiscard]] inline bool is_closer(TokenType t) {
  return t == TokenType::RBRACE || t == TokenType::RBRACK || t == TokenType::RPAREN;
}
[[nodiscard]] inline bool is_keyword(TokenType t) {
  return t >= TokenType::KW_TRUE && t <= TokenType::KW_WHERE;
}
/// NAME, or a word that can be a name.
[[nodiscard]] inline bool is_word(TokenType t) {
  return t == TokenType::NAME || (is_keyword(t) && t != TokenType::KW_BECAUSE);
}
/// An operator between two values (`in` apart, which is a clause word too).
[[nodiscard]] bool is_binary(TokenType t);
/// The closer of an opener.
[[nodiscard]] TokenType closer_of(TokenType opener);
/// Whether a value can begin with this token.
[[nodiscard]] bool begins_value(TokenType t);
[[nodiscard]] bool is_literal(TokenType t);
/// As people see it: "`if`", "a string", "the end of the file".
[[nodiscard]] std::string describe(std::string_view text, const LexToken& t);

}  // namespace lab::syntax
