#include "compiler/syntax/tokens.h"

#include <array>
#include <cctype>

namespace lab::syntax {
namespace {

struct TypeName {
  TokenType type;
  std::string_view name;
};
constexpr TypeName type_names[] = {
#define LAB_TOKEN(name, number) {TokenType::name, #name},
#include "token_types.def"
#undef LAB_TOKEN
};

/// The words of the language by their length, lower case, from the grammar's KW_ types.
struct Word {
  std::string text;
  TokenType type;
};
std::array<std::vector<Word>, 16> make_words() {
  std::array<std::vector<Word>, 16> words;
  for (const TypeName& t : type_names) {
    if (!t.name.starts_with("KW_")) continue;
    std::string text(t.name.substr(3));
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    words[text.size()].push_back({text, t.type});
  }
  return words;
}

}  // namespace

std::string_view name(TokenType type) {
  for (const TypeName& t : type_names) {
    if (t.type == type) return t.name;
  }
  return "EOF";
}

TokenType word_type(std::string_view text) {
  static const std::array<std::vector<Word>, 16> words = make_words();
  if (text.size() >= words.size()) return TokenType::NAME;
  for (const Word& w : words[text.size()]) {
    if (w.text == text) return w.type;
  }
  return TokenType::NAME;
}

TokenType closer_of(TokenType opener) {
  if (opener == TokenType::LBRACE) return TokenType::RBRACE;
  return opener == TokenType::LBRACK ? TokenType::RBRACK : TokenType::RPAREN;
}

bool is_binary(TokenType t) {
  switch (t) {
    case TokenType::COALESCE:
    case TokenType::KW_OR:
    case TokenType::KW_AND:
    case TokenType::EQ:
    case TokenType::NE:
    case TokenType::LT:
    case TokenType::LE:
    case TokenType::GT:
    case TokenType::GE:
    case TokenType::DOTDOT:
    case TokenType::PLUS:
    case TokenType::MINUS:
    case TokenType::STAR:
    case TokenType::SLASH:
      return true;
    default:
      return false;
  }
}

bool is_literal(TokenType t) {
  switch (t) {
    case TokenType::INT:
    case TokenType::DECIMAL:
    case TokenType::QUANTITY:
    case TokenType::VERSION:
    case TokenType::IP:
    case TokenType::PREFIX:
    case TokenType::IP_RANGE:
    case TokenType::HOST:
    case TokenType::HOST_RANGE:
    case TokenType::MAC:
    case TokenType::PORT:
    case TokenType::PLAIN:
    case TokenType::OPEN:
    case TokenType::ML_OPEN:
    case TokenType::BAD:
      return true;
    default:
      return false;
  }
}

bool begins_value(TokenType t) {
  switch (t) {
    case TokenType::NAME:
    case TokenType::KW_TRUE:
    case TokenType::KW_FALSE:
    case TokenType::KW_NONE:
    case TokenType::KW_SELF:
    case TokenType::KW_NOT:
    case TokenType::KW_IF:
    case TokenType::LBRACE:
    case TokenType::LBRACK:
    case TokenType::LPAREN:
    case TokenType::MINUS:
      return true;
    default:
      return is_literal(t);
  }
}

std::string describe(std::string_view text, const LexToken& t) {
  switch (t.type) {
    case TokenType::end_of_file:
      return "the end of the file";
    case TokenType::PLAIN:
    case TokenType::OPEN:
    case TokenType::ML_OPEN:
    case TokenType::BAD:
      return "a string";
    case TokenType::CHARS:
      return "text";
    default:
      break;
  }
  std::string_view s = text_of(text, t);
  if (s.size() > 40) return "`" + std::string(s.substr(0, 37)) + "...`";
  return "`" + std::string(s) + "`";
}

}  // namespace lab::syntax
