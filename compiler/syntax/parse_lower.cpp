// Members and statements: the nodes that stand at the top of a file and in bodies.
#include "compiler/syntax/parse_lower.h"

#include <algorithm>

namespace lab::syntax {
namespace {

using diagnostics::Code;

struct ClauseWord {
  TokenType type;
  Clause clause;
};
constexpr ClauseWord clause_words[] = {
    {TokenType::KW_ON, Clause::on}, {TokenType::KW_AT, Clause::at},     {TokenType::KW_VIA, Clause::via},
    {TokenType::KW_TO, Clause::to}, {TokenType::KW_FROM, Clause::from}, {TokenType::KW_OF, Clause::of},
    {TokenType::KW_IN, Clause::in}, {TokenType::KW_LIKE, Clause::like},
};

}  // namespace

void Lowering::Impl::member(Context* c, Place place) {
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

std::uint32_t Lowering::Impl::open(NodeKind kind, std::uint32_t begin) {
  const auto at = static_cast<std::uint32_t>(tree_.nodes.size());
  Node n;
  n.kind = kind;
  n.begin = begin;
  tree_.nodes.push_back(n);
  return at;
}

void Lowering::Impl::close(std::uint32_t at, std::uint32_t end) {
  Node& n = tree_.nodes[at];
  n.size = static_cast<std::uint32_t>(tree_.nodes.size()) - at;
  n.end = end;
}

std::uint32_t Lowering::Impl::leaf(NodeKind kind, std::uint32_t begin, std::uint32_t end) {
  const std::uint32_t at = open(kind, begin);
  close(at, end);
  return at;
}

std::uint32_t Lowering::Impl::leaf(NodeKind kind, const LexToken& t) {
  const std::uint32_t at = leaf(kind, t.begin, t.end);
  node(at).text = symbol(t);
  return at;
}

source::Symbol Lowering::Impl::symbol(Context* c) {
  return symbols_.intern(text_.substr(begin_of(c), end_of(c) - begin_of(c)));
}

void Lowering::Impl::error(std::uint32_t begin, std::uint32_t end) {
  if (member_ < tree_.nodes.size()) flag(member_, damaged);
  leaf(NodeKind::Error, begin, end);
}

bool Lowering::Impl::too_deep(std::uint32_t begin, std::uint32_t end) {
  if (depth_ <= max_depth) return false;
  if (!depth_reported_) {
    depth_reported_ = true;
    report_.error(Code::nesting_too_deep, begin, end, "too deep", "this nests deeper than {} levels",
                  max_depth);
  }
  error(begin, end);
  return true;
}

void Lowering::Impl::attach_doc(std::uint32_t begin) {
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

bool Lowering::Impl::alone_on_line(std::uint32_t at) const {
  while (at > 0 && (text_[at - 1] == ' ' || text_[at - 1] == '\t')) --at;
  return at == 0 || text_[at - 1] == '\n';
}

bool Lowering::Impl::only_line_break(std::uint32_t from, std::uint32_t to) const {
  int breaks = 0;
  for (std::uint32_t i = from; i < to; ++i) {
    if (text_[i] == '\n')
      ++breaks;
    else if (text_[i] != ' ' && text_[i] != '\t' && text_[i] != '\r')
      return false;
  }
  return breaks == 1;
}

void Lowering::Impl::place_of(Context* c, std::size_t rule, Place place) {
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

void Lowering::Impl::body(Context* c) {
  const std::uint32_t at = open(NodeKind::Body, begin_of(c));
  Level level(*this);
  if (!too_deep(begin_of(c), end_of(c))) members(c, Place::body);
  close(at, end_of(c));
}

void Lowering::Impl::members(Context* c, Place place) {
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

void Lowering::Impl::entry(Context* c) {
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

void Lowering::Impl::assignment(std::uint32_t at, Context* c) {
  Kids k(c);
  const LexToken& op = k.take_token();
  flag(at, has_value);
  if (op.type == TokenType::PLUSEQ) flag(at, append);
  value(op, c->parent, k.take());
  if (k.rule(LabParser::RuleReason)) reason(at, k.take());
}

void Lowering::Impl::value(const LexToken& op, ParseTree* owner, Context* c) {
  const LexToken& first = lex_of(c->start);
  if (first.first_on_line && first.indent <= lex_of(static_cast<Context*>(owner)->start).indent &&
      !report_.quiet(op.begin) && first.type != TokenType::BAD) {
    report_.error(Code::syntax_error, op.begin, op.end, "nothing follows on this line",
                  "a value is missing after `{}`", text_of(text_, op));
  }
  expr(c);
}

void Lowering::Impl::label(Context* c) {
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

void Lowering::Impl::clause(std::uint32_t owner, Context* c) {
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

void Lowering::Impl::lost_operand(const LexToken& word, Context* o) {
  const LexToken& first = lex_of(o->start);
  const bool clause_word = std::any_of(std::begin(clause_words), std::end(clause_words),
                                       [&](const ClauseWord& w) { return w.type == first.type; });
  if (!clause_word) return;
  flag(member_, damaged);
  if (report_.quiet(word.begin)) return;
  report_.error(Code::syntax_error, word.begin, word.end, "nothing is named behind this",
                "`{}` is followed by `{}` instead of a name", text_of(text_, word), text_of(text_, first));
}

void Lowering::Impl::reason(std::uint32_t owner, Context* c) {
  flag(owner, has_reason);
  Kids k(c);
  k.skip();
  string(k.take());
}

void Lowering::Impl::name(Context* c) {
  const std::uint32_t at = leaf(NodeKind::Name, begin_of(c), end_of(c));
  node(at).text = symbol(c);
}

void Lowering::Impl::let_decl(Context* c) {
  Kids k(c);
  const std::uint32_t at = open(NodeKind::Let, begin_of(c));
  k.skip();
  node(at).text = symbol(k.take());
  const LexToken& op = k.take_token();
  value(op, c, k.take());
  close(at, end_of(c));
}

void Lowering::Impl::typed(Context* c, NodeKind kind) {
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

void Lowering::Impl::field_decl(Context* c) {
  const std::uint32_t outer = member_;
  member_ = static_cast<std::uint32_t>(tree_.nodes.size());
  typed(c, NodeKind::FieldDecl);
  member_ = outer;
}

void Lowering::Impl::fn_decl(Context* c) {
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

void Lowering::Impl::type_decl(Context* c) {
  Kids k(c);
  const std::uint32_t at = open(NodeKind::TypeDecl, begin_of(c));
  k.skip();
  node(at).text = symbol(k.take());
  k.skip();
  type(k.take());
  close(at, end_of(c));
}

void Lowering::Impl::kind_decl(Context* c) {
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

source::Symbol Lowering::Impl::title(Context* c, std::string_view what) {
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

void Lowering::Impl::import_decl(Context* c) {
  Kids k(c);
  const std::uint32_t at = open(NodeKind::Import, begin_of(c));
  k.skip();
  const source::Symbol path_text = title(k.take(), "what is imported");
  node(at).text = path_text;
  if (k.skip_if(TokenType::KW_AS)) node(at).text2 = symbol(k.take());
  close(at, end_of(c));
}

void Lowering::Impl::bound(std::uint32_t at, Kids& k) {
  k.skip();
  node(at).text = symbol(k.take());
  node(at).op = 1;
  if (k.skip_if(TokenType::COMMA)) {
    node(at).text2 = symbol(k.take());
    node(at).op = 2;
  }
  k.skip();
}

void Lowering::Impl::for_member(Context* c) {
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

void Lowering::Impl::if_member(Context* c) {
  Kids k(c);
  k.skip();
  if_rest(begin_of(c), end_of(c), k);
}

void Lowering::Impl::if_rest(std::uint32_t begin, std::uint32_t end, Kids& k) {
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

void Lowering::Impl::assertion(Context* c) {
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

void Lowering::Impl::environment(Context* c) {
  Kids k(c);
  const std::uint32_t at = open(NodeKind::Environment, begin_of(c));
  k.skip();
  node(at).text = symbol(k.take());
  if (k.skip_if(TokenType::KW_LIKE)) path(k.take());
  body(k.take());
  close(at, end_of(c));
}

void Lowering::Impl::test_decl(Context* c) {
  Kids k(c);
  const std::uint32_t at = open(NodeKind::Test, begin_of(c));
  k.skip();
  const source::Symbol text = title(k.take(), "a test's title");
  node(at).text = text;
  body(k.take());
  close(at, end_of(c));
}

void Lowering::Impl::change(Context* c, NodeKind kind) {
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

void Lowering::Impl::fails(Context* c) {
  Kids k(c);
  const std::uint32_t at = open(NodeKind::Fails, begin_of(c));
  k.skip();
  node(at).text = symbol(k.take_token());
  close(at, end_of(c));
}

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
