// Contexts to nodes. Every function walks the children of its context once, in order: ANTLR's own
// accessors search them from the start on every call.
#include <algorithm>

#include "compiler/syntax/literals.h"
#include "compiler/syntax/parse_antlr.h"

namespace lab::syntax {
namespace {

using diagnostics::Applicability;
using diagnostics::Code;

/// Deepest tree that is made: those that walk it recur.
constexpr unsigned max_depth = 2048;

/// Loosest first; a level of equal operators groups to the left, but `??` to the right.
struct Operator {
  TokenType type;
  Op op;
  int level;
};
constexpr Operator operators[] = {
    {TokenType::COALESCE, Op::coalesce, 1},
    {TokenType::KW_OR, Op::or_, 2},
    {TokenType::KW_AND, Op::and_, 3},
    {TokenType::EQ, Op::eq, 5},
    {TokenType::NE, Op::ne, 5},
    {TokenType::LT, Op::lt, 5},
    {TokenType::LE, Op::le, 5},
    {TokenType::GT, Op::gt, 5},
    {TokenType::GE, Op::ge, 5},
    {TokenType::KW_IN, Op::in, 5},
    {TokenType::DOTDOT, Op::range, 6},
    {TokenType::PLUS, Op::add, 7},
    {TokenType::MINUS, Op::sub, 7},
    {TokenType::STAR, Op::mul, 8},
    {TokenType::SLASH, Op::div, 8},
};
constexpr int level_not = 4;
constexpr int level_neg = 9;

struct LiteralKind {
  TokenType type;
  NodeKind kind;
};
constexpr LiteralKind literal_kinds[] = {
    {TokenType::KW_TRUE, NodeKind::True},
    {TokenType::KW_FALSE, NodeKind::False},
    {TokenType::KW_NONE, NodeKind::None},
    {TokenType::KW_SELF, NodeKind::Self},
    {TokenType::INT, NodeKind::Int},
    {TokenType::DECIMAL, NodeKind::Decimal},
    {TokenType::QUANTITY, NodeKind::Quantity},
    {TokenType::VERSION, NodeKind::Version},
    {TokenType::IP, NodeKind::Ip},
    {TokenType::PREFIX, NodeKind::Prefix},
    {TokenType::IP_RANGE, NodeKind::IpRange},
    {TokenType::HOST, NodeKind::HostPart},
    {TokenType::HOST_RANGE, NodeKind::HostRange},
    {TokenType::MAC, NodeKind::Mac},
    {TokenType::PORT, NodeKind::PortLiteral},
};

struct ClauseWord {
  TokenType type;
  Clause clause;
};
constexpr ClauseWord clause_words[] = {
    {TokenType::KW_ON, Clause::on}, {TokenType::KW_AT, Clause::at},     {TokenType::KW_VIA, Clause::via},
    {TokenType::KW_TO, Clause::to}, {TokenType::KW_FROM, Clause::from}, {TokenType::KW_OF, Clause::of},
    {TokenType::KW_IN, Clause::in}, {TokenType::KW_LIKE, Clause::like},
};

const LexToken* token_of(ParseTree* node) {
  // By address: comparing by name, as == does, costs a tenth of lowering.
  if (&typeid(*node) != &typeid(antlr4::tree::TerminalNodeImpl)) return nullptr;
  return &static_cast<ParserToken*>(dynamic_cast<antlr4::tree::TerminalNodeImpl*>(node)->symbol)->lex;
}
const LexToken& lex_of(antlr4::Token* t) {
  return static_cast<ParserToken*>(t)->lex;
}
std::uint32_t begin_of(Context* c) {
  return lex_of(c->start).begin;
}
std::uint32_t end_of(Context* c) {
  return lex_of(c->stop != nullptr ? c->stop : c->start).end;
}
std::uint32_t begin_of(ParseTree* node) {
  const LexToken* t = token_of(node);
  return t != nullptr ? t->begin : begin_of(static_cast<Context*>(node));
}
std::uint32_t end_of(ParseTree* node) {
  const LexToken* t = token_of(node);
  return t != nullptr ? t->end : end_of(static_cast<Context*>(node));
}

/// The children of a context, read from left to right.
class Kids {
 public:
  explicit Kids(Context* c) : v_(c->children) {}
  Kids(const std::vector<ParseTree*>& v, std::size_t from, std::size_t to) : v_(v), at_(from), end_(to) {}
  [[nodiscard]] bool done() const { return at_ >= limit(); }
  /// Type of the token that is next; end_of_file when a rule is, or nothing.
  [[nodiscard]] TokenType token() const {
    if (done()) return TokenType::end_of_file;
    const LexToken* t = token_of(v_[at_]);
    return t != nullptr ? t->type : TokenType::end_of_file;
  }
  /// Whether a context of this rule is next.
  [[nodiscard]] bool rule(std::size_t index) const {
    if (done() || token_of(v_[at_]) != nullptr) return false;
    return static_cast<Context*>(v_[at_])->getRuleIndex() == index;
  }
  [[nodiscard]] std::size_t rule_index() const { return static_cast<Context*>(v_[at_])->getRuleIndex(); }
  const LexToken& take_token() { return *token_of(v_[at_++]); }
  Context* take() { return static_cast<Context*>(v_[at_++]); }
  void skip() { ++at_; }
  bool skip_if(TokenType type) {
    if (token() != type) return false;
    ++at_;
    return true;
  }
  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] const std::vector<ParseTree*>& all() const { return v_; }

 private:
  [[nodiscard]] std::size_t limit() const { return std::min(end_, v_.size()); }
  const std::vector<ParseTree*>& v_;
  std::size_t at_ = 0;
  std::size_t end_ = static_cast<std::size_t>(-1);
};

enum class Place { file, body, kind };

}  // namespace

class Lowering::Impl {
 public:
  Impl(const std::vector<LexComment>& comments, source::Symbols& symbols, Reporter& report, Tree& tree)
      : comments_(comments), symbols_(symbols), report_(report), tree_(tree), text_(report.text()) {}

  void member(Context* c, Place place) {
    Kids k(c);
    if (k.token() == TokenType::DAMAGED) {
      const LexToken& t = k.take_token();
      leaf(NodeKind::Error, t.begin, t.end);
      return;
    }
    const std::size_t rule = k.rule_index();
    Context* inner = k.take();
    attach_doc(begin_of(inner));
    place_of(inner, rule, place);
    const std::uint32_t outer = member_;
    member_ = static_cast<std::uint32_t>(tree_.nodes.size());
    switch (rule) {
      case LabParser::RuleEntry:
        entry(inner);
        break;
      case LabParser::RuleLetDecl:
        let_decl(inner);
        break;
      case LabParser::RuleParamDecl:
        typed(inner, NodeKind::Param);
        break;
      case LabParser::RuleFnDecl:
        fn_decl(inner);
        break;
      case LabParser::RuleTypeDecl:
        type_decl(inner);
        break;
      case LabParser::RuleKindDecl:
        kind_decl(inner);
        break;
      case LabParser::RuleImportDecl:
        import_decl(inner);
        break;
      case LabParser::RuleForMember:
        for_member(inner);
        break;
      case LabParser::RuleIfMember:
        if_member(inner);
        break;
      case LabParser::RuleAssertion:
        assertion(inner);
        break;
      case LabParser::RuleEnvironmentDecl:
        environment(inner);
        break;
      case LabParser::RuleTestDecl:
        test_decl(inner);
        break;
      case LabParser::RuleOverride:
        change(inner, NodeKind::Override);
        break;
      case LabParser::RuleRemoval:
        change(inner, NodeKind::Remove);
        break;
      default:
        fails(inner);
        break;
    }
    member_ = outer;
  }

  void expression(Context* c) { expr(c); }

 private:
  // ---- nodes

  std::uint32_t open(NodeKind kind, std::uint32_t begin) {
    const auto at = static_cast<std::uint32_t>(tree_.nodes.size());
    Node n;
    n.kind = kind;
    n.begin = begin;
    tree_.nodes.push_back(n);
    return at;
  }
  void close(std::uint32_t at, std::uint32_t end) {
    Node& n = tree_.nodes[at];
    n.size = static_cast<std::uint32_t>(tree_.nodes.size()) - at;
    n.end = end;
  }
  std::uint32_t leaf(NodeKind kind, std::uint32_t begin, std::uint32_t end) {
    const std::uint32_t at = open(kind, begin);
    close(at, end);
    return at;
  }
  std::uint32_t leaf(NodeKind kind, const LexToken& t) {
    const std::uint32_t at = leaf(kind, t.begin, t.end);
    node(at).text = symbol(t);
    return at;
  }
  Node& node(std::uint32_t at) { return tree_.nodes[at]; }
  void flag(std::uint32_t at, Flag f) { node(at).flags = static_cast<std::uint8_t>(node(at).flags | f); }
  source::Symbol symbol(const LexToken& t) { return symbols_.intern(text_of(text_, t)); }
  source::Symbol symbol(Context* c) {
    return symbols_.intern(text_.substr(begin_of(c), end_of(c) - begin_of(c)));
  }

  /// Stands for what is missing or could not be read; the member around it is damaged.
  void error(std::uint32_t begin, std::uint32_t end) {
    if (member_ < tree_.nodes.size()) flag(member_, damaged);
    leaf(NodeKind::Error, begin, end);
  }

  /// Counts how deep the tree is; too deep becomes an Error node.
  class Level {
   public:
    explicit Level(Impl& impl) : impl_(impl) { ++impl_.depth_; }
    ~Level() { --impl_.depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    Impl& impl_;
  };
  bool too_deep(std::uint32_t begin, std::uint32_t end) {
    if (depth_ <= max_depth) return false;
    if (!depth_reported_) {
      depth_reported_ = true;
      report_.error(Code::nesting_too_deep, begin, end, "too deep", "this nests deeper than {} levels",
                    max_depth);
    }
    error(begin, end);
    return true;
  }

  /// `///` lines that stand directly above `begin`.
  void attach_doc(std::uint32_t begin) {
    auto last = std::lower_bound(comments_.begin(), comments_.end(), begin,
                                 [](const LexComment& c, std::uint32_t b) { return c.begin < b; });
    auto first = last;
    std::uint32_t below = begin;
    while (first != comments_.begin()) {
      const LexComment& c = *(first - 1);
      if (c.type != TokenType::DOC || !alone_on_line(c.begin) || !only_line_break(c.end, below)) break;
      below = c.begin;
      --first;
    }
    if (first == last) return;
    std::string text;
    for (auto c = first; c != last; ++c) {
      std::string_view line = text_.substr(c->begin + 3, c->end - c->begin - 3);
      if (line.starts_with(' ')) line.remove_prefix(1);
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (c != first) text.push_back('\n');
      text += line;
    }
    tree_.docs.push_back({static_cast<std::uint32_t>(tree_.nodes.size()), symbols_.intern(text)});
  }
  [[nodiscard]] bool alone_on_line(std::uint32_t at) const {
    while (at > 0 && (text_[at - 1] == ' ' || text_[at - 1] == '\t')) --at;
    return at == 0 || text_[at - 1] == '\n';
  }
  [[nodiscard]] bool only_line_break(std::uint32_t from, std::uint32_t to) const {
    int breaks = 0;
    for (std::uint32_t i = from; i < to; ++i) {
      if (text_[i] == '\n')
        ++breaks;
      else if (text_[i] != ' ' && text_[i] != '\t' && text_[i] != '\r')
        return false;
    }
    return breaks == 1;
  }

  /// Statements that stand in the wrong place.
  void place_of(Context* c, std::size_t rule, Place place) {
    const LexToken& first = lex_of(c->start);
    bool wrong = false;
    std::string_view where;
    switch (rule) {
      case LabParser::RuleOverride:
      case LabParser::RuleRemoval:
      case LabParser::RuleFails:
        wrong = place == Place::file;
        where = "inside an environment or a test";
        break;
      case LabParser::RuleImportDecl:
      case LabParser::RuleParamDecl:
      case LabParser::RuleFnDecl:
      case LabParser::RuleTypeDecl:
      case LabParser::RuleKindDecl:
      case LabParser::RuleEnvironmentDecl:
      case LabParser::RuleTestDecl:
        wrong = place != Place::file;
        where = "at the top of a file, outside all braces";
        break;
      default:
        break;
    }
    if (wrong && !report_.quiet(first.begin)) {
      report_.error(Code::syntax_error, first.begin, first.end, "not here", "`{}` stands {} only",
                    text_of(text_, first), where);
    }
  }

  // ---- members

  void body(Context* c) {
    const std::uint32_t at = open(NodeKind::Body, begin_of(c));
    Level level(*this);
    if (!too_deep(begin_of(c), end_of(c))) members(c, Place::body);
    close(at, end_of(c));
  }
  void members(Context* c, Place place) {
    for (Kids k(c); !k.done();) {
      if (k.rule(LabParser::RuleMember)) {
        member(k.take(), place);
      } else if (k.rule(LabParser::RuleFieldDecl)) {
        Context* field = k.take();
        attach_doc(begin_of(field));
        field_decl(field);
      } else if (k.token() == TokenType::DAMAGED) {
        const LexToken& t = k.take_token();
        leaf(NodeKind::Error, t.begin, t.end);
      } else {
        k.skip();
      }
    }
  }

  void entry(Context* c) {
    Kids k(c);
    const std::uint32_t at = open(NodeKind::Entry, begin_of(c));
    if (k.token() == TokenType::NAME) {
      node(at).text = symbol(k.take_token());
    } else if (k.rule(LabParser::RuleString)) {
      flag(at, string_key);
      string(k.take());
      const std::uint32_t key = at + 1;
      if (node(key).kind == NodeKind::String) {
        node(at).text = node(key).text;
        tree_.nodes.resize(key);
      } else {
        flag(at, has_label);
      }
    } else {
      node(at).text = symbol(k.take());
    }
    if (k.rule(LabParser::RuleHeading)) {
      for (Kids h(k.take()); !h.done();) {
        if (h.rule(LabParser::RuleLabel)) {
          flag(at, has_label);
          label(h.take());
        } else {
          clause(at, h.take());
        }
      }
    }
    if (k.rule(LabParser::RuleAssignment)) assignment(at, k.take());
    if (k.rule(LabParser::RuleReason)) reason(at, k.take());
    if (k.rule(LabParser::RuleBody)) {
      flag(at, has_body);
      body(k.take());
    }
    close(at, end_of(c));
  }

  void assignment(std::uint32_t at, Context* c) {
    Kids k(c);
    const LexToken& op = k.take_token();
    flag(at, has_value);
    if (op.type == TokenType::PLUSEQ) flag(at, append);
    value(op, c->parent, k.take());
    if (k.rule(LabParser::RuleReason)) reason(at, k.take());
  }

  /// A value that begins on a later line without being indented is the next member: the value is lost.
  void value(const LexToken& op, ParseTree* owner, Context* c) {
    const LexToken& first = lex_of(c->start);
    if (first.first_on_line && first.indent <= lex_of(static_cast<Context*>(owner)->start).indent &&
        !report_.quiet(op.begin) && first.type != TokenType::BAD) {
      report_.error(Code::syntax_error, op.begin, op.end, "nothing follows on this line",
                    "a value is missing after `{}`", text_of(text_, op));
    }
    expr(c);
  }

  void label(Context* c) {
    Kids k(c);
    if (k.rule(LabParser::RuleString)) {
      string(k.take());
    } else if (k.token() == TokenType::QUANTITY) {
      leaf(NodeKind::Quantity, k.take_token());
    } else if (k.token() == TokenType::PORT) {
      leaf(NodeKind::PortLiteral, k.take_token());
    } else {
      name(k.take());
    }
  }

  void clause(std::uint32_t owner, Context* c) {
    Kids k(c);
    const std::uint32_t at = open(NodeKind::ClauseArg, begin_of(c));
    const TokenType type = lex_of(k.take()->start).type;
    const auto* word = std::find_if(std::begin(clause_words), std::end(clause_words),
                                    [&](const ClauseWord& w) { return w.type == type; });
    node(at).op = static_cast<std::uint8_t>(word->clause);
    Context* o = k.take();
    lost_operand(lex_of(c->start), o);
    postfix(o->children, 0, o->children.size(), begin_of(o));
    close(at, end_of(c));
    if (node(owner).clauses == 8) {
      if (!report_.quiet(begin_of(c))) {
        report_.error(Code::syntax_error, begin_of(c), end_of(c), "one too many",
                      "there are eight clauses, and each stands once");
      }
      tree_.nodes.resize(at);
      return;
    }
    ++node(owner).clauses;
  }

  /// `vm x on like node`: a clause word names a field only where no clause can stand.
  void lost_operand(const LexToken& word, Context* o) {
    const LexToken& first = lex_of(o->start);
    const bool clause_word = std::any_of(std::begin(clause_words), std::end(clause_words),
                                         [&](const ClauseWord& w) { return w.type == first.type; });
    if (!clause_word) return;
    flag(member_, damaged);
    if (report_.quiet(word.begin)) return;
    report_.error(Code::syntax_error, word.begin, word.end, "nothing is named behind this",
                  "`{}` is followed by `{}` instead of a name", text_of(text_, word), text_of(text_, first));
  }

  void reason(std::uint32_t owner, Context* c) {
    flag(owner, has_reason);
    Kids k(c);
    k.skip();
    string(k.take());
  }

  /// A word as a name.
  void name(Context* c) {
    const std::uint32_t at = leaf(NodeKind::Name, begin_of(c), end_of(c));
    node(at).text = symbol(c);
  }

  void let_decl(Context* c) {
    Kids k(c);
    const std::uint32_t at = open(NodeKind::Let, begin_of(c));
    k.skip();
    node(at).text = symbol(k.take());
    const LexToken& op = k.take_token();
    value(op, c, k.take());
    close(at, end_of(c));
  }

  /// `param NAME: type = default`, a parameter, a field.
  void typed(Context* c, NodeKind kind) {
    Kids k(c);
    const std::uint32_t at = open(kind, begin_of(c));
    k.skip_if(TokenType::KW_PARAM);
    node(at).text = symbol(k.take());
    k.skip();
    type(k.take());
    if (k.token() == TokenType::ASSIGN || k.token() == TokenType::ARROW) {
      const LexToken& op = k.take_token();
      flag(at, op.type == TokenType::ASSIGN ? has_value : computed);
      value(op, c, k.take());
    }
    close(at, end_of(c));
  }

  void field_decl(Context* c) {
    const std::uint32_t outer = member_;
    member_ = static_cast<std::uint32_t>(tree_.nodes.size());
    typed(c, NodeKind::FieldDecl);
    member_ = outer;
  }

  void fn_decl(Context* c) {
    Kids k(c);
    const std::uint32_t at = open(NodeKind::Fn, begin_of(c));
    k.skip();
    node(at).text = symbol(k.take());
    while (!k.done()) {
      if (k.rule(LabParser::RuleParameter)) {
        typed(k.take(), NodeKind::Parameter);
      } else if (k.rule(LabParser::RuleType)) {
        type(k.take());
      } else if (k.rule(LabParser::RuleExpr)) {
        expr(k.take());
      } else {
        k.skip();
      }
    }
    close(at, end_of(c));
  }

  void type_decl(Context* c) {
    Kids k(c);
    const std::uint32_t at = open(NodeKind::TypeDecl, begin_of(c));
    k.skip();
    node(at).text = symbol(k.take());
    k.skip();
    type(k.take());
    close(at, end_of(c));
  }

  void kind_decl(Context* c) {
    Kids k(c);
    const std::uint32_t at =
        open(k.token() == TokenType::KW_SCHEMA ? NodeKind::Schema : NodeKind::Component, begin_of(c));
    k.skip();
    node(at).text = symbol(k.take());
    if (k.skip_if(TokenType::KW_LIKE)) path(k.take());
    Context* inside = k.take();
    Level level(*this);
    members(inside, Place::kind);
    close(at, end_of(c));
  }

  /// The text of a string that a statement is named by.
  source::Symbol title(Context* c, std::string_view what) {
    const auto at = static_cast<std::uint32_t>(tree_.nodes.size());
    string(c);
    const Node n = node(at);
    tree_.nodes.resize(at);
    if (n.kind == NodeKind::Interpolation) {
      report_.error(Code::syntax_error, n.begin, n.end, "must be plain text",
                    "{} is plain text, without `${{ }}`", what);
    }
    return n.kind == NodeKind::String ? n.text : source::Symbol::empty;
  }

  void import_decl(Context* c) {
    Kids k(c);
    const std::uint32_t at = open(NodeKind::Import, begin_of(c));
    k.skip();
    const source::Symbol path_text = title(k.take(), "what is imported");
    node(at).text = path_text;
    if (k.skip_if(TokenType::KW_AS)) node(at).text2 = symbol(k.take());
    close(at, end_of(c));
  }

  /// The names a `for` binds, from the word `for` on to `in`.
  void bound(std::uint32_t at, Kids& k) {
    k.skip();
    node(at).text = symbol(k.take());
    node(at).op = 1;
    if (k.skip_if(TokenType::COMMA)) {
      node(at).text2 = symbol(k.take());
      node(at).op = 2;
    }
    k.skip();
  }

  void for_member(Context* c) {
    Kids k(c);
    const std::uint32_t at = open(NodeKind::For, begin_of(c));
    bound(at, k);
    chain(k.take());
    if (k.skip_if(TokenType::KW_IF)) {
      flag(at, has_value);
      chain(k.take());
    }
    body(k.take());
    close(at, end_of(c));
  }

  void if_member(Context* c) {
    Kids k(c);
    k.skip();
    if_rest(begin_of(c), end_of(c), k);
  }
  /// From a condition on; `else if` nests.
  void if_rest(std::uint32_t begin, std::uint32_t end, Kids& k) {
    Level level(*this);
    if (too_deep(begin, end)) return;
    const std::uint32_t at = open(NodeKind::If, begin);
    chain(k.take());
    body(k.take());
    if (k.skip_if(TokenType::KW_ELSE)) {
      if (k.token() == TokenType::KW_IF) {
        const std::uint32_t from = k.take_token().begin;
        if_rest(from, end, k);
      } else {
        body(k.take());
      }
    }
    close(at, end);
  }

  void assertion(Context* c) {
    Kids k(c);
    const bool proved = k.take_token().type == TokenType::KW_ASSERT;
    const std::uint32_t at = open(proved ? NodeKind::Assert : NodeKind::Assume, begin_of(c));
    expr(k.take());
    if (proved) {
      k.skip();
      string(k.take());
    } else {
      Kids r(k.take());
      r.skip();
      string(r.take());
    }
    close(at, end_of(c));
  }

  void environment(Context* c) {
    Kids k(c);
    const std::uint32_t at = open(NodeKind::Environment, begin_of(c));
    k.skip();
    node(at).text = symbol(k.take());
    if (k.skip_if(TokenType::KW_LIKE)) path(k.take());
    body(k.take());
    close(at, end_of(c));
  }

  void test_decl(Context* c) {
    Kids k(c);
    const std::uint32_t at = open(NodeKind::Test, begin_of(c));
    k.skip();
    const source::Symbol text = title(k.take(), "a test's title");
    node(at).text = text;
    body(k.take());
    close(at, end_of(c));
  }

  void change(Context* c, NodeKind kind) {
    Kids k(c);
    const std::uint32_t at = open(kind, begin_of(c));
    k.skip();
    node(at).text = symbol(k.take_token());
    if (k.rule(LabParser::RuleLabel)) {
      flag(at, has_label);
      label(k.take());
    }
    while (k.rule(LabParser::RuleClause)) clause(at, k.take());
    if (k.rule(LabParser::RuleBody)) body(k.take());
    close(at, end_of(c));
  }

  void fails(Context* c) {
    Kids k(c);
    const std::uint32_t at = open(NodeKind::Fails, begin_of(c));
    k.skip();
    node(at).text = symbol(k.take_token());
    close(at, end_of(c));
  }

  // ---- expressions

  void expr(Context* c) {
    Level level(*this);
    if (too_deep(begin_of(c), end_of(c))) return;
    Kids k(c);
    if (k.token() == TokenType::KW_IF) {
      const std::uint32_t at = open(NodeKind::Conditional, begin_of(c));
      while (!k.done()) {
        k.skip();
        expr(k.take());
      }
      close(at, end_of(c));
      return;
    }
    chain(c);
  }

  /// What a flat list of operators and operands means: a small tree, in the order it is found.
  struct Term {
    int left = -1;  // operand of a prefix, left side; -1: a leaf
    int right = -1;
    Op op{};
    std::size_t from = 0;  // children of a leaf
    std::size_t to = 0;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
  };
  /// Reads a chain by precedence climbing.
  struct Chain {
    const std::vector<ParseTree*>& kids;
    std::vector<Term> terms{};
    std::size_t at = 0;
    bool deep = false;
    unsigned depth = 0;

    [[nodiscard]] const LexToken* token() const { return at < kids.size() ? token_of(kids[at]) : nullptr; }
    [[nodiscard]] const Operator* binary() const {
      if (at >= kids.size()) return nullptr;
      auto* c = static_cast<Context*>(kids[at]);
      if (token_of(kids[at]) != nullptr || c->getRuleIndex() != LabParser::RuleBinary) return nullptr;
      const TokenType type = lex_of(c->start).type;
      return std::find_if(std::begin(operators), std::end(operators),
                          [&](const Operator& o) { return o.type == type; });
    }
    int add(Term t) {
      terms.push_back(t);
      return static_cast<int>(terms.size()) - 1;
    }
    int prefix() {
      if (const LexToken* t = token(); t != nullptr) {
        const bool minus = t->type == TokenType::MINUS;
        ++at;
        if (++depth > max_depth) deep = true;
        const int inner = deep ? prefix_skip() : climb(minus ? level_neg : level_not);
        --depth;
        Term term;
        term.left = inner;
        term.op = minus ? Op::neg : Op::not_;
        term.begin = t->begin;
        term.end = terms[static_cast<std::size_t>(inner)].end;
        return add(term);
      }
      Term leaf;
      leaf.from = at++;
      while (at < kids.size() && token_of(kids[at]) == nullptr &&
             static_cast<Context*>(kids[at])->getRuleIndex() == LabParser::RuleTail)
        ++at;
      leaf.to = at;
      leaf.begin = begin_of(kids[leaf.from]);
      leaf.end = end_of(kids[leaf.to - 1]);
      return add(leaf);
    }
    int prefix_skip() {
      while (token() != nullptr) ++at;
      return prefix();
    }
    int climb(int level) {
      int left = prefix();
      for (const Operator* o = binary(); o != nullptr && o->level >= level; o = binary()) {
        ++at;
        const bool right_assoc = o->op == Op::coalesce;
        if (++depth > max_depth) deep = true;
        const int right = deep ? prefix() : climb(right_assoc ? o->level : o->level + 1);
        --depth;
        Term t;
        t.left = left;
        t.right = right;
        t.op = o->op;
        t.begin = terms[static_cast<std::size_t>(left)].begin;
        t.end = terms[static_cast<std::size_t>(right)].end;
        left = add(t);
      }
      return left;
    }
  };

  void chain(Context* c) {
    const std::vector<ParseTree*>& kids = c->children;
    if (kids.size() == 1) {
      leaf_term(kids, 0, 1, begin_of(c));
      return;
    }
    Chain ch{kids};
    const int root = ch.climb(0);
    term(kids, ch.terms, static_cast<std::size_t>(root));
  }

  void term(const std::vector<ParseTree*>& kids, const std::vector<Term>& terms, std::size_t i) {
    const Term& t = terms[i];
    Level level(*this);
    if (too_deep(t.begin, t.end)) return;
    if (t.left < 0) {
      leaf_term(kids, t.from, t.to, t.begin);
      return;
    }
    const std::uint32_t at = open(t.right < 0 ? NodeKind::Unary : NodeKind::Binary, t.begin);
    node(at).op = static_cast<std::uint8_t>(t.op);
    term(kids, terms, static_cast<std::size_t>(t.left));
    if (t.right >= 0) term(kids, terms, static_cast<std::size_t>(t.right));
    close(at, t.end);
  }

  /// An operand with the tails that follow it: all their parts as one list.
  void leaf_term(const std::vector<ParseTree*>& kids, std::size_t from, std::size_t to, std::uint32_t begin) {
    if (to == from + 1) {
      const std::vector<ParseTree*>& parts = static_cast<Context*>(kids[from])->children;
      postfix(parts, 0, parts.size(), begin);
      return;
    }
    std::vector<ParseTree*> parts;
    for (std::size_t i = from; i < to; ++i) {
      const auto& more = static_cast<Context*>(kids[i])->children;
      parts.insert(parts.end(), more.begin(), more.end());
    }
    postfix(parts, 0, parts.size(), begin);
  }

  /// Where the last suffix of parts[from, to) begins; `from` when there is none.
  [[nodiscard]] static std::size_t last_suffix(const std::vector<ParseTree*>& parts, std::size_t from,
                                               std::size_t to) {
    const LexToken* last = token_of(parts[to - 1]);
    if (last == nullptr) {
      auto* c = static_cast<Context*>(parts[to - 1]);
      const bool member = to - from >= 3 && c->getRuleIndex() == LabParser::RuleWord;
      if (member) return to - 2;
      return to - from >= 2 ? to - 1 : from;  // a body behind something
    }
    return to - from >= 4 ? to - 3 : from;  // [ expr ] or ( arguments ) behind something
  }

  void postfix(const std::vector<ParseTree*>& parts, std::size_t from, std::size_t to, std::uint32_t begin) {
    const std::size_t suffix = last_suffix(parts, from, to);
    if (suffix == from) {
      atom(parts, from, to);
      return;
    }
    Level level(*this);
    const std::uint32_t end = end_of(parts[to - 1]);
    if (too_deep(begin, end)) return;
    const LexToken* t = token_of(parts[suffix]);
    const NodeKind kind = t == nullptr                   ? NodeKind::Tagged
                          : t->type == TokenType::DOT    ? NodeKind::Member
                          : t->type == TokenType::LBRACK ? NodeKind::Index
                                                         : NodeKind::Call;
    const std::uint32_t at = open(kind, begin);
    postfix(parts, from, suffix, begin);
    switch (kind) {
      case NodeKind::Member:
        node(at).text = symbol(static_cast<Context*>(parts[suffix + 1]));
        break;
      case NodeKind::Index:
        expr(static_cast<Context*>(parts[suffix + 1]));
        break;
      case NodeKind::Call:
        arguments(static_cast<Context*>(parts[suffix + 1]));
        break;
      default:
        tagged(at, static_cast<Context*>(parts[suffix]));
        break;
    }
    close(at, end);
  }

  void tagged(std::uint32_t at, Context* braces) {
    const NodeKind head = node(at + 1).kind;
    if (head != NodeKind::Name && head != NodeKind::Member && head != NodeKind::Call &&
        head != NodeKind::Error && !report_.quiet(node(at).begin)) {
      const LexToken& brace = lex_of(braces->start);
      report_.error(Code::syntax_error, brace.begin, brace.end, "braces cannot follow this value",
                    "a member has a value or a body, not both");
      flag(member_, damaged);
    }
    body(braces);
  }

  void arguments(Context* c) {
    for (Kids k(c); !k.done();) {
      if (!k.rule(LabParser::RuleArgument)) {
        k.skip();
        continue;
      }
      Context* a = k.take();
      Kids p(a);
      const std::uint32_t at = open(NodeKind::Arg, begin_of(a));
      if (p.rule(LabParser::RuleWord)) {
        node(at).text = symbol(p.take());
        p.skip();
      }
      expr(p.take());
      if (p.rule(LabParser::RuleReason)) reason(at, p.take());
      close(at, end_of(a));
    }
  }

  void atom(const std::vector<ParseTree*>& parts, std::size_t from, std::size_t to) {
    if (const LexToken* t = token_of(parts[from]); t != nullptr) {
      if (t->type == TokenType::LPAREN) {
        const std::uint32_t at = open(NodeKind::Paren, t->begin);
        expr(static_cast<Context*>(parts[from + 1]));
        close(at, end_of(parts[to - 1]));
        return;
      }
      const auto* l = std::find_if(std::begin(literal_kinds), std::end(literal_kinds),
                                   [&](const LiteralKind& x) { return x.type == t->type; });
      leaf(l->kind, *t);
      return;
    }
    auto* c = static_cast<Context*>(parts[from]);
    switch (c->getRuleIndex()) {
      case LabParser::RuleString:
        string(c);
        break;
      case LabParser::RuleList:
        list(c);
        break;
      case LabParser::RuleBody:
        body(c);
        break;
      default:
        name(c);
        break;
    }
  }

  void list(Context* c) {
    Kids k(c);
    k.skip();
    if (k.token() == TokenType::KW_FOR) {
      const std::uint32_t at = open(NodeKind::Comprehension, begin_of(c));
      bound(at, k);
      expr(k.take());
      if (k.skip_if(TokenType::KW_IF)) {
        flag(at, has_value);
        expr(k.take());
      }
      k.skip();
      expr(k.take());
      close(at, end_of(c));
      return;
    }
    const std::uint32_t at = open(NodeKind::List, begin_of(c));
    while (!k.done()) {
      if (k.rule(LabParser::RuleExpr)) {
        expr(k.take());
      } else {
        k.skip();
      }
    }
    close(at, end_of(c));
  }

  /// String, Interpolation, or Error for a broken one.
  void string(Context* c) {
    Kids k(c);
    const LexToken& first = k.take_token();
    if (first.type == TokenType::BAD) {
      error(first.begin, first.end);
      return;
    }
    if (first.type == TokenType::PLAIN) {
      plain(first.begin, first.end, text_.substr(first.begin + 1, first.end - first.begin - 2),
            first.begin + 1);
      return;
    }
    const bool multi = first.type == TokenType::ML_OPEN;
    const std::uint32_t inside = first.end;
    const std::uint32_t stop = end_of(c) - (multi ? 3 : 1);
    const Strip strip = multi ? strip_of(text_.substr(inside, stop - inside)) : Strip{};
    const std::uint32_t from = inside + static_cast<std::uint32_t>(strip.front);
    const std::uint32_t to = stop - static_cast<std::uint32_t>(strip.back);
    const std::uint32_t at = open(NodeKind::Interpolation, begin_of(c));
    std::string piece;
    std::uint32_t piece_begin = from;
    bool values = false;
    const auto flush = [&](std::uint32_t end) {
      if (!piece.empty()) {
        const std::uint32_t s = leaf(NodeKind::String, piece_begin, end);
        node(s).text = symbols_.intern(piece);
      }
      piece.clear();
    };
    // The first line's own indentation.
    std::uint32_t begin = from;
    if (strip.front != 0) {
      for (std::size_t n = 0; n < strip.indent && begin < to && (text_[begin] == ' ' || text_[begin] == '\t');
           ++n)
        ++begin;
    }
    while (!k.done()) {
      if (k.rule(LabParser::RuleExpr)) {
        values = true;
        expr(k.take());
        continue;
      }
      const LexToken& t = k.take_token();
      if (t.type == TokenType::EXPR_OPEN) flush(t.begin);
      if (t.type == TokenType::EXPR_CLOSE) piece_begin = t.end;
      if (t.type != TokenType::CHARS) continue;
      std::uint32_t last = t.end;  // an escape may be in several tokens
      while (k.token() == TokenType::CHARS) last = k.take_token().end;
      const std::uint32_t b = std::max(t.begin, begin);
      const std::uint32_t e = std::min(last, to);
      if (b < e) decode(text_.substr(b, e - b), b, strip.indent, report_, piece);
    }
    if (!values) {
      node(at).kind = NodeKind::String;
      node(at).text = symbols_.intern(piece);
    } else {
      flush(to);
    }
    close(at, end_of(c));
  }

  void plain(std::uint32_t begin, std::uint32_t end, std::string_view inside, std::uint32_t offset) {
    const std::uint32_t at = leaf(NodeKind::String, begin, end);
    if (inside.find('\\') == std::string_view::npos) {
      node(at).text = symbols_.intern(inside);
      return;
    }
    std::string text;
    decode(inside, offset, 0, report_, text);
    node(at).text = symbols_.intern(text);
  }

  // ---- types

  void type(Context* c) {
    Level level(*this);
    if (too_deep(begin_of(c), end_of(c))) return;
    Kids k(c);
    Context* inner = k.take();
    if (k.done()) {
      choice(inner);
      return;
    }
    const std::uint32_t at = open(NodeKind::TypeWhere, begin_of(c));
    choice(inner);
    k.skip();
    expr(k.take());
    close(at, end_of(c));
  }

  void choice(Context* c) {
    Level level(*this);
    if (too_deep(begin_of(c), end_of(c))) return;
    Kids k(c);
    if (c->children.size() == 1) {
      optional(k.take());
      return;
    }
    const std::uint32_t at = open(NodeKind::TypeUnion, begin_of(c));
    while (!k.done()) {
      optional(k.take());
      k.skip_if(TokenType::PIPE);
    }
    close(at, end_of(c));
  }

  void optional(Context* c) {
    Kids k(c);
    Context* inner = k.take();
    const bool may_lack = k.skip_if(TokenType::QUESTION);
    const bool wants_reason = k.skip_if(TokenType::KW_BECAUSE);
    const auto at = static_cast<std::uint32_t>(tree_.nodes.size());
    if (may_lack) open(NodeKind::TypeOptional, begin_of(c));
    type_atom(inner);
    if (may_lack) close(at, end_of(c));
    if (wants_reason) flag(at, has_reason);
  }

  void type_atom(Context* c) {
    Kids k(c);
    if (k.rule(LabParser::RuleRecord)) {
      record(k.take());
      return;
    }
    if (k.token() == TokenType::LPAREN) {
      k.skip();
      type(k.take());
      return;
    }
    if (k.token() == TokenType::BAD) {
      const LexToken& t = k.take_token();
      error(t.begin, t.end);
      return;
    }
    if (k.token() == TokenType::PLAIN) {
      const LexToken& t = k.take_token();
      plain(t.begin, t.end, text_.substr(t.begin + 1, t.end - t.begin - 2), t.begin + 1);
      tree_.nodes.back().kind = NodeKind::TypeWord;
      return;
    }
    if (k.token() == TokenType::INT) {
      leaf(NodeKind::TypeWord, k.take_token());
      return;
    }
    Context* p = k.take();
    const std::uint32_t at =
        open(k.rule(LabParser::RuleRecord) ? NodeKind::TypeTagged : NodeKind::TypeName, begin_of(c));
    node(at).text = symbol(p);
    while (!k.done()) {
      if (k.rule(LabParser::RuleRecord)) {
        record(k.take());
      } else if (k.rule(LabParser::RuleChoice)) {
        choice(k.take());
      } else if (k.rule(LabParser::RulePath)) {
        flag(at, has_value);
        path(k.take());
      } else {
        k.skip();
      }
    }
    close(at, end_of(c));
  }

  void record(Context* c) {
    const std::uint32_t at = open(NodeKind::TypeRecord, begin_of(c));
    Level level(*this);
    if (!too_deep(begin_of(c), end_of(c))) members(c, Place::kind);
    close(at, end_of(c));
  }

  void path(Context* c) {
    const std::uint32_t at = open(NodeKind::Path, begin_of(c));
    for (Kids k(c); !k.done();) {
      if (k.rule(LabParser::RuleWord)) {
        name(k.take());
      } else {
        k.skip();
      }
    }
    close(at, end_of(c));
  }

  const std::vector<LexComment>& comments_;
  source::Symbols& symbols_;
  Reporter& report_;
  Tree& tree_;
  std::string_view text_;
  std::uint32_t member_ = 0xffffffff;  // the innermost member
  unsigned depth_ = 0;
  bool depth_reported_ = false;
};

Lowering::Lowering(const std::vector<LexComment>& comments, source::Symbols& symbols, Reporter& report,
                   Tree& tree)
    : impl_(std::make_unique<Impl>(comments, symbols, report, tree)) {}
Lowering::~Lowering() = default;
void Lowering::member(Context* context) {
  impl_->member(context, Place::file);
}
void Lowering::expression(Context* context) {
  impl_->expression(context);
}

}  // namespace lab::syntax
