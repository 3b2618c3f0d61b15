// What the parse_*.cpp share of ANTLR. No other file includes it.
#pragma once
#include <LabParser.h>

#include <map>
#include <memory>
#include <typeinfo>
#include <vector>

#include "compiler/source/symbols.h"
#include "compiler/syntax/ast.h"
#include "compiler/syntax/read.h"
#include "compiler/syntax/tokens.h"

namespace lab::syntax {

using Context = antlr4::ParserRuleContext;
using ParseTree = antlr4::tree::ParseTree;

class TokenList;

/// A token as ANTLR wants to see it.
class ParserToken final : public antlr4::Token {
 public:
  ParserToken(const LexToken& token, const TokenList* list) : lex(token), list_(list) {}
  LexToken lex;

  std::size_t getType() const override {
    return lex.type == TokenType::end_of_file ? EOF : static_cast<std::size_t>(lex.type);
  }
  std::size_t getTokenIndex() const override;
  std::size_t getStartIndex() const override { return lex.begin; }
  std::size_t getStopIndex() const override { return lex.end; }
  std::size_t getLine() const override { return lex.line + 1; }
  std::size_t getChannel() const override { return DEFAULT_CHANNEL; }
  // Asked by ANTLR's own messages only, which are never made.
  std::size_t getCharPositionInLine() const override { return 0; }
  std::string getText() const override { return {}; }
  antlr4::TokenSource* getTokenSource() const override { return nullptr; }
  antlr4::CharStream* getInputStream() const override { return nullptr; }
  std::string toString() const override { return {}; }

 private:
  const TokenList* list_;
};

/// The tokens of a file; recovery edits them and lets the parser read again.
class TokenList final : public antlr4::TokenStream {
 public:
  explicit TokenList(const std::vector<LexToken>& tokens);
  TokenList(const TokenList&) = delete;
  TokenList& operator=(const TokenList&) = delete;

  [[nodiscard]] std::size_t count() const { return tokens_.size(); }
  [[nodiscard]] const LexToken& operator[](std::size_t i) const {
    return tokens_[i < tokens_.size() ? i : tokens_.size() - 1].lex;
  }
  /// Replaces `removed` tokens from `at` on by `put`. Invalidates every parse tree.
  void edit(std::size_t at, std::size_t removed, const std::vector<LexToken>& put);
  [[nodiscard]] std::size_t index_of(const ParserToken* token) const {
    return static_cast<std::size_t>(token - tokens_.data());
  }
  void retype(std::size_t at, TokenType type) { tokens_[at].lex.type = type; }

  void consume() override {
    if (at_ + 1 < tokens_.size()) ++at_;
  }
  std::size_t LA(ssize_t k) override { return LT(k)->getType(); }
  antlr4::Token* LT(ssize_t k) override {
    const std::size_t at = k > 0 ? at_ + static_cast<std::size_t>(k) - 1 : at_ - static_cast<std::size_t>(-k);
    return &tokens_[at < tokens_.size() ? at : tokens_.size() - 1];
  }
  antlr4::Token* get(std::size_t index) const override { return const_cast<ParserToken*>(&tokens_[index]); }
  ssize_t mark() override { return 0; }
  void release(ssize_t) override {}
  std::size_t index() override { return at_; }
  void seek(std::size_t index) override { at_ = index; }
  std::size_t size() override { return tokens_.size(); }
  std::string getSourceName() const override { return "lab"; }
  antlr4::TokenSource* getTokenSource() const override { return nullptr; }
  std::string getText() override { return {}; }
  std::string getText(const antlr4::misc::Interval&) override { return {}; }
  std::string getText(antlr4::RuleContext*) override { return {}; }
  std::string getText(antlr4::Token*, antlr4::Token*) override { return {}; }

 private:
  std::vector<ParserToken> tokens_;
  std::size_t at_ = 0;
};

inline std::size_t ParserToken::getTokenIndex() const {
  return list_->index_of(this);
}

/// Where and why the parser stopped.
struct Failure {
  std::size_t at = 0;                  // the token it could not use
  Context* context = nullptr;          // the innermost rule
  antlr4::misc::IntervalSet expected;  // empty when only a longer look ahead failed

  /// Whether it lies in the condition of an `if` or the list of a `for` that a body follows.
  [[nodiscard]] bool condition() const;
};

/// Mends the token at a failure, or cuts the member that it is in; reports unless the line is quiet.
class Repair {
 public:
  Repair(TokenList& tokens, Reporter& report) : tokens_(tokens), report_(report) {}
  /// `item` is the first token of the member that stands outermost. Always changes the tokens.
  void mend(const Failure& failure, std::size_t item);

 private:
  struct Slip;
  bool slip(const Failure& f);
  void cut(const Failure& f, std::size_t item);
  void complain(const Failure& f);
  void replace(std::size_t start, std::size_t end);
  [[nodiscard]] std::size_t member_end(std::size_t start, std::size_t from) const;

  TokenList& tokens_;
  Reporter& report_;
  std::uint32_t last_ = 0xffffffff;      // offset of the last failure
  std::map<std::uint32_t, int> colons_;  // `:` for `=` by the body they are in
  int repeats_ = 0;                      // failures in a row at that offset
};

/// Contexts to nodes, one member after the other.
class Lowering {
 public:
  Lowering(const std::vector<LexComment>& comments, source::Symbols& symbols, Reporter& report, Tree& tree);
  ~Lowering();
  void member(Context* context);
  void expression(Context* context);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lab::syntax
