// Text to tree: reads the tokens, lets the parser make one outermost member after the other, lowers
// each and forgets it.
#include "compiler/syntax/parse.h"

#include <memory>

#include "compiler/syntax/parse_antlr.h"

namespace lab::syntax {

TokenList::TokenList(const std::vector<LexToken>& tokens) {
  tokens_.reserve(tokens.size() + 64);
  for (const LexToken& t : tokens) tokens_.emplace_back(t, this);
}

void TokenList::edit(std::size_t at, std::size_t removed, const std::vector<LexToken>& put) {
  const auto begin = tokens_.begin() + static_cast<std::ptrdiff_t>(at);
  const std::size_t over = std::min(removed, put.size());
  for (std::size_t i = 0; i < over; ++i) tokens_[at + i].lex = put[i];
  if (removed > over) {
    tokens_.erase(begin + static_cast<std::ptrdiff_t>(over), begin + static_cast<std::ptrdiff_t>(removed));
  } else {
    std::vector<ParserToken> more;
    for (std::size_t i = over; i < put.size(); ++i) more.emplace_back(put[i], this);
    tokens_.insert(begin + static_cast<std::ptrdiff_t>(over), more.begin(), more.end());
  }
}

namespace {

/// Thrown through ANTLR's rule functions to the one place that calls them.
struct Stopped {};

/// Stops at the first token that does not fit, and says what would.
class Stop final : public antlr4::ANTLRErrorStrategy {
 public:
  Failure failure;

  void reset(antlr4::Parser*) override {}
  bool inErrorRecoveryMode(antlr4::Parser*) override { return false; }
  void reportMatch(antlr4::Parser*) override {}
  void sync(antlr4::Parser* parser) override {
    state_ = parser->getState();
    context_ = parser->getContext();
    at_ = parser->getTokenStream()->index();
  }
  antlr4::Token* recoverInline(antlr4::Parser* parser) override {
    note(parser, parser->getTokenStream()->LT(1));
    throw Stopped{};
  }
  void reportError(antlr4::Parser* parser, const antlr4::RecognitionException& e) override {
    antlr4::Token* t = e.getOffendingToken();
    note(parser, t != nullptr ? t : parser->getTokenStream()->LT(1));
  }
  void recover(antlr4::Parser*, std::exception_ptr) override { throw Stopped{}; }

 private:
  void note(antlr4::Parser* parser, antlr4::Token* token) {
    failure.at = token->getTokenIndex();
    failure.context = parser->getContext();
    failure.expected = {};
    const std::size_t here = parser->getTokenStream()->index();
    if (failure.at != here) return;
    const antlr4::atn::ATN& atn = parser->getATN();
    failure.expected = atn.getExpectedTokens(parser->getState(), failure.context);
    // A loop that was left at this token could have gone on.
    if (at_ == here) failure.expected.addAll(atn.getExpectedTokens(state_, context_));
  }
  std::size_t state_ = 0;
  Context* context_ = nullptr;
  std::size_t at_ = static_cast<std::size_t>(-1);
};

}  // namespace

bool Failure::condition() const {
  const Context* c = context;
  const auto inside = [this](const Context* x) {
    const std::size_t rule = x->getRuleIndex();
    // A body that the failure is the first token of is still awaited.
    return rule == LabParser::RuleOperand || rule == LabParser::RuleCondition ||
           (rule == LabParser::RuleBody && x->start->getTokenIndex() == at);
  };
  while (c != nullptr && inside(c)) c = static_cast<const Context*>(c->parent);
  return c != nullptr &&
         (c->getRuleIndex() == LabParser::RuleIfMember || c->getRuleIndex() == LabParser::RuleForMember);
}

namespace {

/// Bytes of stack that reading may take: brackets are counted before, but `if … then if … then` and
/// `list<list<…` nest without them.
constexpr std::uintptr_t max_stack = 4u << 20;

class Parser final : public LabParser {
 public:
  struct TooDeep {};
  struct TooLong {};

  explicit Parser(antlr4::TokenStream* tokens) : LabParser(tokens) {
    removeErrorListeners();
    getInterpreter<antlr4::atn::ParserATNSimulator>()->setPredictionMode(antlr4::atn::PredictionMode::SLL);
  }
  void enterRule(Context* context, std::size_t state, std::size_t rule) override {
    LabParser::enterRule(context, state, rule);
    const char here = 0;
    const auto at = reinterpret_cast<std::uintptr_t>(&here);
    if (context->parent == nullptr) {
      base_ = at;
      first_ = _input->index();
    } else if (_input->index() - first_ > max_declaration) {
      throw TooLong{};
    } else if (base_ - at > max_stack) {  // the stack grows downwards
      throw TooDeep{};
    }
  }

 private:
  std::uintptr_t base_ = 0;
  std::size_t first_ = 0;  // token of the declaration that is read
};

class Reader {
 public:
  Reader(Reporter& report, source::Symbols& symbols, Tree& tree)
      : report_(report), symbols_(symbols), tree_(tree) {}

  void file() {
    const auto size = static_cast<std::uint32_t>(report_.text().size());
    open(NodeKind::File, size);
    read([this](const Lexed& lexed, const std::vector<LexToken>& tokens) { members(lexed, tokens); });
    if (report_.count() > 0) tree_.nodes[0].flags |= damaged;
    close_root();
  }

  void expression() {
    read([this](const Lexed& lexed, const std::vector<LexToken>& list) {
      TokenList tokens(list);
      Parser parser(&tokens);
      const auto stop = std::make_shared<Stop>();
      parser.setErrorHandler(stop);
      Repair repair(tokens, report_);
      Lowering lowering(lexed.comments, symbols_, report_, tree_);
      for (int tries = 0; tries < 4; ++tries) {
        tokens.seek(0);
        parser.reset();
        try {
          lowering.expression(parser.expression()->expr());
          return;
        } catch (const Stopped&) {
          repair.mend(stop->failure, 0);
        } catch (const Parser::TooDeep&) {
          too_deep(tokens[tokens.index()]);
          return;
        } catch (const Parser::TooLong&) {
          too_long(tokens[0]);
          return;
        }
      }
    });
    if (tree_.nodes.empty()) {
      open(NodeKind::Error, static_cast<std::uint32_t>(report_.text().size()));
      close_root();
    }
  }

 private:
  void open(NodeKind kind, std::uint32_t size) {
    Node n;
    n.kind = kind;
    n.end = size;
    tree_.nodes.push_back(n);
  }
  void close_root() { tree_.nodes[0].size = static_cast<std::uint32_t>(tree_.nodes.size()); }

  template <class Then>
  void read(Then then) {
    if (!check_text(report_)) return;
    const Lexed lexed = lex(report_.text());
    for (const LexComment& c : lexed.comments) tree_.comments.push_back({c.begin, c.end});
    std::vector<LexToken> tokens = syntax::mend(lexed, report_);
    if (report_.full() || !balance(tokens, report_)) return;
    then(lexed, tokens);
  }

  void too_deep(const LexToken& t) {
    report_.error(diagnostics::Code::nesting_too_deep, t.begin, t.end, "too deep",
                  "this nests deeper than can be read");
  }

  void too_long(const LexToken& t) {
    report_.error(diagnostics::Code::file_too_large, t.begin, t.end, "begins here",
                  "a declaration has more than {} tokens", max_declaration);
  }

  void stray_comma(const LexToken& t) {
    if (report_.quiet(t.begin)) return;
    report_
        .error(diagnostics::Code::syntax_error, t.begin, t.end, "no comma here",
               "declarations need no commas between them")
        .replace(report_.span(t.begin, t.end), "", "remove it");
  }

  void members(const Lexed& lexed, const std::vector<LexToken>& list) {
    TokenList tokens(list);
    Parser parser(&tokens);
    const auto stop = std::make_shared<Stop>();
    parser.setErrorHandler(stop);
    Repair repair(tokens, report_);
    Lowering lowering(lexed.comments, symbols_, report_, tree_);
    tree_.nodes.reserve(list.size() * 3 / 2 + 8);
    // Reading again after each repair costs; a text that needs it this often is no Lab.
    std::size_t budget = 2 * list.size() + 20000;
    std::size_t at = 0;
    while (tokens[at].type != TokenType::end_of_file && !report_.full()) {
      if (tokens[at].type == TokenType::COMMA && at > 0) {
        stray_comma(tokens[at++]);
        continue;
      }
      parser.reset();
      tokens.seek(at);
      try {
        Context* member = parser.member();
        lowering.member(member);
        at = tokens.index();
      } catch (const Stopped&) {
        const std::size_t cost = stop->failure.at - at + 1 + (tokens.count() - at) / 32;
        if (cost > budget) break;
        budget -= cost;
        repair.mend(stop->failure, at);
      } catch (const Parser::TooDeep&) {
        too_deep(tokens[tokens.index()]);
        break;
      } catch (const Parser::TooLong&) {
        too_long(tokens[at]);
        break;
      }
    }
    if (tokens[at].type != TokenType::end_of_file) {
      Node rest;
      rest.kind = NodeKind::Error;
      rest.begin = tokens[at].begin;
      rest.end = static_cast<std::uint32_t>(report_.text().size());
      tree_.nodes.push_back(rest);
    }
  }

  Reporter& report_;
  source::Symbols& symbols_;
  Tree& tree_;
};

}  // namespace

Tree parse(const source::Sources& sources, source::FileId file, source::Symbols& symbols,
           diagnostics::Sink& sink) {
  Tree tree;
  Reporter report(sources.text(file), file, sink);
  Reader(report, symbols, tree).file();
  return tree;
}

Tree parse_expression(const source::Sources& sources, source::FileId file, source::Symbols& symbols,
                      diagnostics::Sink& sink) {
  Tree tree;
  Reporter report(sources.text(file), file, sink);
  Reader(report, symbols, tree).expression();
  return tree;
}

namespace {

class Count final : public antlr4::BaseErrorListener {
 public:
  GrammarReport report;
  void syntaxError(antlr4::Recognizer*, antlr4::Token*, std::size_t, std::size_t, const std::string&,
                   std::exception_ptr) override {
    ++report.errors;
  }
  void reportAmbiguity(antlr4::Parser*, const antlr4::dfa::DFA&, std::size_t, std::size_t, bool,
                       const antlrcpp::BitSet&, antlr4::atn::ATNConfigSet*) override {
    ++report.ambiguities;
  }
  void reportAttemptingFullContext(antlr4::Parser*, const antlr4::dfa::DFA&, std::size_t, std::size_t,
                                   const antlrcpp::BitSet&, antlr4::atn::ATNConfigSet*) override {
    ++report.full_context;
  }
};

}  // namespace

GrammarReport grammar_report(std::string_view text) {
  TokenList tokens(lex(text).tokens);
  LabParser parser(&tokens);
  Count count;
  parser.removeErrorListeners();
  parser.addErrorListener(&count);
  parser.getInterpreter<antlr4::atn::ParserATNSimulator>()->setPredictionMode(
      antlr4::atn::PredictionMode::LL_EXACT_AMBIG_DETECTION);
  parser.file();
  return count.report;
}

}  // namespace lab::syntax
