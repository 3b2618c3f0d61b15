// Text to tree. The only header of the ANTLR wrapper; no ANTLR type leaves parse.cpp.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "compiler/diagnostics/sink.h"
#include "compiler/source/sources.h"
#include "compiler/source/symbols.h"
#include "compiler/syntax/ast.h"

namespace lab::syntax {

/// Parses a file. Never throws and always returns a tree: what could not be read is an Error node
/// or flagged `damaged`. At most 20 errors a file are reported.
Tree parse(const source::Sources& sources, source::FileId file, source::Symbols& symbols,
           diagnostics::Sink& sink);

/// Parses one expression (`labc eval`, hover); node 0 is the expression itself.
Tree parse_expression(const source::Sources& sources, source::FileId file, source::Symbols& symbols,
                      diagnostics::Sink& sink);

/// A token as the lexer made it, comments included, white space not. Kinds are the grammar's names.
struct Token {
  std::string_view kind;
  std::uint32_t begin;
  std::uint32_t end;
  bool operator==(const Token&) const = default;
};
/// All tokens of a text, for the formatter, semantic tokens and tests.
std::vector<Token> tokens(std::string_view text);

/// What ANTLR had to do: both are 0 for every text, or the grammar is wrong.
struct GrammarReport {
  std::size_t ambiguities = 0;
  std::size_t full_context = 0;
  std::size_t errors = 0;
};
/// Parses with LL and exact ambiguity detection; for the test on the grammar only.
GrammarReport grammar_report(std::string_view text);

}  // namespace lab::syntax
