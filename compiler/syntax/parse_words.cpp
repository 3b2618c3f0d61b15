#include "compiler/syntax/parse_words.h"

#include <algorithm>

namespace lab::syntax {

using diagnostics::Code;

bool has(const Expected& set, TokenType t) {
  const bool end = t == TokenType::end_of_file;
  return set.contains(end ? static_cast<ssize_t>(antlr4::Token::EOF) : static_cast<ssize_t>(t));
}
bool wants_value(const Expected& set) {
  return has(set, TokenType::INT) && has(set, TokenType::LBRACK);
}
bool wants_type(const Expected& set) {
  return has(set, TokenType::INT) && !has(set, TokenType::LBRACK);
}
bool wants_operator(const Expected& set) {
  return has(set, TokenType::STAR);
}
bool wants_member(const Expected& set) {
  return has(set, TokenType::DAMAGED) || has(set, TokenType::end_of_file);
}

const std::vector<Spelling>& spellings() {
  static const std::vector<Spelling> all = {
      {TokenType::RBRACE, "}"},     {TokenType::RBRACK, "]"},     {TokenType::RPAREN, ")"},
      {TokenType::EXPR_CLOSE, "}"}, {TokenType::COMMA, ","},      {TokenType::COLON, ":"},
      {TokenType::ASSIGN, "="},     {TokenType::LBRACE, "{"},     {TokenType::LPAREN, "("},
      {TokenType::LBRACK, "["},     {TokenType::GT, ">"},         {TokenType::KW_IN, "in"},
      {TokenType::KW_THEN, "then"}, {TokenType::KW_ELSE, "else"}, {TokenType::KW_BECAUSE, "because"},
      {TokenType::DOT, "."},        {TokenType::ARROW, "=>"},     {TokenType::PLUSEQ, "+="},
      {TokenType::PIPE, "|"},
  };
  return all;
}

std::string_view behind_statement(TokenType word) {
  switch (word) {
    case TokenType::KW_LET:
    case TokenType::KW_PARAM:
    case TokenType::KW_FN:
    case TokenType::KW_TYPE:
    case TokenType::KW_SCHEMA:
    case TokenType::KW_COMPONENT:
    case TokenType::KW_ENVIRONMENT:
    case TokenType::KW_FOR:
      return "a name";
    case TokenType::KW_IMPORT:
    case TokenType::KW_TEST:
      return "a text in double quotes";
    case TokenType::KW_OVERRIDE:
    case TokenType::KW_REMOVE:
      return "a kind and a name";
    case TokenType::KW_FAILS:
      return "a code such as LAB0203";
    case TokenType::KW_IF:
    case TokenType::KW_ASSERT:
    case TokenType::KW_ASSUME:
      return "a condition";
    default:
      return "";
  }
}

std::string nouns(const Expected& set, bool condition) {
  std::vector<std::string> found;
  const bool value = wants_value(set);
  const bool binary = wants_operator(set);
  if (value) {
    found.emplace_back("a value");
  } else if (wants_type(set)) {
    found.emplace_back("a type");
  } else if (has(set, TokenType::DAMAGED)) {
    found.emplace_back("a member");
  } else if (has(set, TokenType::NAME)) {
    found.emplace_back("a name");
  } else if (has(set, TokenType::PLAIN)) {
    found.emplace_back("a string");
  }
  for (const Spelling& s : spellings()) {
    if (!has(set, s.type) || found.size() == 3) continue;
    if (has(set, TokenType::DAMAGED) && is_keyword(s.type)) continue;  // a field's name
    const bool part_of_value = is_opener(s.type) || is_binary(s.type) || s.type == TokenType::DOT ||
                               s.type == TokenType::KW_IN ||
                               (s.type == TokenType::KW_BECAUSE && wants_member(set));
    if ((value || binary) && part_of_value && !(condition && s.type == TokenType::LBRACE)) continue;
    found.push_back("`" + std::string(s.text) + "`");
  }
  if (found.empty()) return has(set, TokenType::end_of_file) ? "the next declaration" : "";
  std::string text;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (i > 0) text += i + 1 == found.size() ? " or " : ", ";
    text += found[i];
  }
  return text;
}

void Repair::complain(const Failure& f) {
  const LexToken& t = tokens_[f.at];
  const LexToken& b = tokens_[f.at > 0 ? f.at - 1 : 0];
  if (report_.quiet(t.begin) || (f.at > 0 && report_.quiet(b.begin))) return;
  const std::string found = describe(report_.text(), t);
  const std::string before = describe(report_.text(), b);
  // Prediction looked further ahead than it can say what it wanted: the word in front knows.
  const std::string_view wanted = f.at > 0 ? behind_statement(b.type) : "";
  const std::string expected = f.expected.isEmpty() ? std::string(wanted) : nouns(f.expected, f.condition());
  const bool ended =
      f.at > 0 && (is_literal(b.type) || is_word(b.type) || is_closer(b.type) || b.type == TokenType::CLOSE);
  const bool behind =
      f.at > 0 && (t.first_on_line || t.type == TokenType::end_of_file) && !wants_member(f.expected);
  if (expected.empty()) {
    report_.error(Code::syntax_error, t.begin, t.end, "does not fit here", "{} does not fit here", found);
  } else if (behind || (f.expected.isEmpty() && !wanted.empty())) {
    report_.error(Code::syntax_error, b.begin, b.end, fmt::format("expected {} behind this", expected),
                  "expected {} after {}", expected, before);
  } else if (ended && wants_member(f.expected) && begins_value(t.type) && !t.first_on_line) {
    report_.error(Code::syntax_error, t.begin, t.end,
                  "an operator, a comma or quotes around the text are missing", "nothing joins {} and {}",
                  before, found);
  } else {
    report_.error(Code::syntax_error, t.begin, t.end, fmt::format("expected {}", expected),
                  "expected {}, found {}", expected, found);
  }
}

}  // namespace lab::syntax
