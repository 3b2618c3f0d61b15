// Expressions and strings.
#include <algorithm>

#include "compiler/syntax/parse_lower.h"

namespace lab::syntax {
namespace {

using diagnostics::Code;

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

}  // namespace

/// What a flat list of operators and operands means: a small tree, in the order it is found.
struct Lowering::Impl::Term {
  int left = -1;  // operand of a prefix, left side; -1: a leaf
  int right = -1;
  Op op{};
  std::size_t from = 0;  // children of a leaf
  std::size_t to = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// Reads a chain by precedence climbing.
struct Lowering::Impl::Chain {
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

void Lowering::Impl::expr(Context* c) {
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

void Lowering::Impl::chain(Context* c) {
  const std::vector<ParseTree*>& kids = c->children;
  if (kids.size() == 1) {
    leaf_term(kids, 0, 1, begin_of(c));
    return;
  }
  Chain ch{kids};
  const int root = ch.climb(0);
  term(kids, ch.terms, static_cast<std::size_t>(root));
}

void Lowering::Impl::term(const std::vector<ParseTree*>& kids, const std::vector<Term>& terms,
                          std::size_t i) {
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

void Lowering::Impl::leaf_term(const std::vector<ParseTree*>& kids, std::size_t from, std::size_t to,
                               std::uint32_t begin) {
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

std::size_t Lowering::Impl::last_suffix(const std::vector<ParseTree*>& parts, std::size_t from,
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

void Lowering::Impl::postfix(const std::vector<ParseTree*>& parts, std::size_t from, std::size_t to,
                             std::uint32_t begin) {
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

void Lowering::Impl::tagged(std::uint32_t at, Context* braces) {
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

void Lowering::Impl::arguments(Context* c) {
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

void Lowering::Impl::atom(const std::vector<ParseTree*>& parts, std::size_t from, std::size_t to) {
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

void Lowering::Impl::list(Context* c) {
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

void Lowering::Impl::string(Context* c) {
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

void Lowering::Impl::plain(std::uint32_t begin, std::uint32_t end, std::string_view inside,
                           std::uint32_t offset) {
  const std::uint32_t at = leaf(NodeKind::String, begin, end);
  if (inside.find('\\') == std::string_view::npos) {
    node(at).text = symbols_.intern(inside);
    return;
  }
  std::string text;
  decode(inside, offset, 0, report_, text);
  node(at).text = symbols_.intern(text);
}

}  // namespace lab::syntax
