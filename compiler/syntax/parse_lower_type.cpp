// Types and paths.
#include "compiler/syntax/parse_lower.h"

namespace lab::syntax {

void Lowering::Impl::type(Context* c) {
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

void Lowering::Impl::choice(Context* c) {
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

void Lowering::Impl::optional(Context* c) {
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

void Lowering::Impl::type_atom(Context* c) {
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

void Lowering::Impl::record(Context* c) {
  const std::uint32_t at = open(NodeKind::TypeRecord, begin_of(c));
  Level level(*this);
  if (!too_deep(begin_of(c), end_of(c))) members(c, Place::kind);
  close(at, end_of(c));
}

void Lowering::Impl::path(Context* c) {
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

}  // namespace lab::syntax
