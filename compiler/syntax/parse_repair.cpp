// What to say about a token that the parser cannot use, and how to read on.
//
// The parser stops at the first such token; a slip that is recognised is mended in the tokens and
// the member is read again, anything else costs the innermost member, which becomes DAMAGED.
#include <algorithm>

#include "compiler/syntax/parse_words.h"

namespace lab::syntax {
namespace {

using diagnostics::Applicability;
using diagnostics::Code;

constexpr auto eof = TokenType::end_of_file;

bool is_string(TokenType t) {
  return t == TokenType::PLAIN || t == TokenType::OPEN || t == TokenType::ML_OPEN || t == TokenType::BAD;
}
bool is_clause_word(TokenType t) {
  return t == TokenType::KW_IN || (t >= TokenType::KW_ON && t <= TokenType::KW_LIKE);
}
}  // namespace

/// One failure seen from all sides.
struct Repair::Slip {
  const Failure& f;
  TokenList& tokens;
  Reporter& report;
  std::size_t p;
  LexToken t;  // the token that does not fit
  LexToken b;  // the one before
  std::map<std::uint32_t, int>& colons;

  Slip(const Failure& failure, TokenList& list, Reporter& r, std::map<std::uint32_t, int>& c)
      : f(failure),
        tokens(list),
        report(r),
        p(failure.at),
        t(list[p]),
        b(p > 0 ? list[p - 1] : LexToken{}),
        colons(c) {}

  [[nodiscard]] std::size_t rule() const { return f.context->getRuleIndex(); }
  [[nodiscard]] bool same_line() const { return p > 0 && !t.first_on_line; }
  [[nodiscard]] std::string text(const LexToken& x) const { return std::string(text_of(report.text(), x)); }
  [[nodiscard]] bool quiet() const { return report.quiet(t.begin) || (p > 0 && report.quiet(b.begin)); }
  [[nodiscard]] LexToken made(TokenType type, std::uint32_t at) const {
    LexToken m = t;
    m.begin = m.end = at;
    m.type = type;
    m.first_on_line = false;
    return m;
  }
  void put(std::size_t where, TokenType type) const {
    LexToken m = made(type, where > 0 ? tokens[where - 1].end : 0);
    if (where < tokens.count()) m.depth = tokens[where].depth;
    if (is_closer(tokens[where].type)) ++m.depth;
    tokens.edit(where, 0, {m});
  }
  template <class... Args>
  void say(const LexToken& at, std::string label, std::string fix_title, source::Span fix_span,
           std::string fix_text, fmt::format_string<Args...> message, Args&&... args) const {
    if (quiet()) return;
    auto& d = report.error(Code::syntax_error, at.begin, at.end, std::move(label), message,
                           std::forward<Args>(args)...);
    if (!fix_title.empty()) d.replace(fix_span, std::move(fix_text), std::move(fix_title));
  }

  // Each returns whether it mended.

  /// `x = = 3`, `on on pve1`, `[a,, b]`
  [[nodiscard]] bool doubled() const {
    if (p == 0 || t.type != b.type || t.type == eof || is_opener(t.type) || is_closer(t.type) ||
        text(t) != text(b) || t.begin == t.end)
      return false;
    say(t, "once is enough", "remove one", report.span(b.end, t.end), "", "{} stands twice",
        describe(report.text(), t));
    tokens.edit(p, 1, {});
    return true;
  }

  /// `cores: 4`
  [[nodiscard]] bool colon_for_assign() const {
    const std::size_t r = rule();
    const bool elsewhere = has(f.expected, TokenType::COLON) || r == LabParser::RuleExpr ||
                           r == LabParser::RuleOperand || r == LabParser::RuleList ||
                           r == LabParser::RuleCondition;
    const bool behind = is_word(b.type) || is_literal(b.type) || b.type == TokenType::CLOSE;
    if (t.type != TokenType::COLON || elsewhere || p == 0 || !behind || in_value()) return false;
    // Who writes `:` in a body writes it everywhere: two are enough to say so.
    const std::size_t holder = enclosing();
    const std::uint32_t body = holder < tokens.count() ? tokens[holder].begin : 0;
    say(t, "write `=`", "write `=`", report.span(t.begin, t.end), b.end == t.begin ? " =" : "=",
        "a field is set with `=`, not `:`");
    if (++colons[body] == 2 && holder < tokens.count()) {
      std::size_t end = p;
      while (end + 1 < tokens.count() && tokens[end].depth > tokens[holder].depth) ++end;
      report.quiet_range(body, tokens[end].begin);
    }
    tokens.retype(p, TokenType::ASSIGN);
    return true;
  }

  /// Whether a `=` stands between the start of this member's line and p.
  [[nodiscard]] bool in_value() const {
    for (std::size_t i = p; i-- > 0 && tokens[i].depth >= t.depth;) {
      if (tokens[i].depth > t.depth) continue;
      if (tokens[i].type == TokenType::ASSIGN || tokens[i].type == TokenType::PLUSEQ) return true;
      if (tokens[i].type == TokenType::COMMA || tokens[i].first_on_line) return false;
    }
    return false;
  }

  /// `image = nginx:latest`: what stands without blanks around the colon is a text.
  [[nodiscard]] bool unquoted() const {
    if (t.type != TokenType::COLON || p == 0 || b.end != t.begin || !in_value()) return false;
    const auto text_part = [&](const LexToken& x) {
      return x.depth == t.depth && !is_closer(x.type) && x.type != TokenType::COMMA &&
             x.type != TokenType::ASSIGN && x.type != eof;
    };
    std::size_t from = p;
    while (from > 0 && tokens[from - 1].end == tokens[from].begin && text_part(tokens[from - 1])) --from;
    std::size_t to = p + 1;
    while (tokens[to].begin == tokens[to - 1].end && text_part(tokens[to])) ++to;
    LexToken bad = tokens[from];
    bad.end = tokens[to - 1].end;
    bad.type = TokenType::BAD;
    say(bad, "needs double quotes", "use double quotes", report.span(bad.begin, bad.end),
        "\"" + text(bad) + "\"", "a text stands in double quotes");
    tokens.edit(from, to - from, {bad});
    return true;
  }

  /// `if x = 1 {`, `if x then {`, `a ? b : c`
  [[nodiscard]] bool other_languages() const {
    if (f.condition() && t.type == TokenType::ASSIGN) {
      say(t, "compares with `==`", "write `==`", report.span(t.begin, t.end), "==", "`=` does not compare");
      tokens.retype(p, TokenType::EQ);
      return true;
    }
    if (f.condition() && t.type == TokenType::KW_THEN) {
      say(t, "not needed", "remove it", report.span(t.begin, t.end), "",
          "`then` stands in expressions; a condition is followed by its braces");
      tokens.edit(p, 1, {});
      return true;
    }
    if (t.type == TokenType::QUESTION && wants_member(f.expected) && !quiet()) {
      report.error(Code::syntax_error, t.begin, t.end, "written in words in Lab",
                   "`a ? b : c` is written `if a then b else c`");
    }
    return false;
  }

  /// `host a on {`, `a { in { … } }`
  [[nodiscard]] bool lost_operand() const {
    const bool value = begins_value(t.type) && t.type != TokenType::LBRACE;
    if (p == 0 || !is_clause_word(b.type) || value || !has(f.expected, TokenType::ASSIGN)) return false;
    const bool first = b.first_on_line ||
                       (p >= 2 && (is_opener(tokens[p - 2].type) || tokens[p - 2].type == TokenType::COMMA));
    if (first) {
      say(b, "a block cannot have this name", "put `=`", report.span(b.end, b.end), " =",
          "`{}` is a field only in front of `=`", text(b));
      put(p, TokenType::ASSIGN);
    } else {
      say(b, "nothing is named behind this", "", {}, "", "`{}` is followed by nothing", text(b));
      put(p, TokenType::BAD);
    }
    return true;
  }

  /// `k8s.51`
  [[nodiscard]] bool host_behind_name() const {
    if (t.type != TokenType::HOST || b.end != t.begin || !is_word(b.type)) return false;
    const std::string right = text(b) + "[" + text(t) + "]";
    say(t, "an address of a network stands in brackets", "write `" + right + "`", report.span(t.begin, t.end),
        "[" + text(t) + "]", "`{}{}` is written `{}`", text(b), text(t), right);
    tokens.edit(p, 1, {made(TokenType::LBRACK, t.begin), t, made(TokenType::RBRACK, t.end)});
    return true;
  }

  /// The bracket that is open at p: a list, the arguments of a call, or neither (count()).
  [[nodiscard]] std::size_t enclosing() const {
    for (std::size_t i = p; i-- > 0;) {
      if (tokens[i].depth < t.depth && (is_opener(tokens[i].type) || tokens[i].type == TokenType::EXPR_OPEN))
        return i;
    }
    return tokens.count();
  }
  [[nodiscard]] bool in_list() const {
    const std::size_t o = enclosing();
    if (o >= tokens.count() || tokens[o + 1].type == TokenType::KW_FOR) return false;
    const bool behind =
        o > 0 && tokens[o - 1].end == tokens[o].begin &&
        (is_word(tokens[o - 1].type) || is_closer(tokens[o - 1].type) || is_string(tokens[o - 1].type));
    if (tokens[o].type == TokenType::LBRACK) return !behind;
    return tokens[o].type == TokenType::LPAREN && behind;
  }

  /// `[a b]`
  [[nodiscard]] bool missing_comma() const {
    if (!begins_value(t.type) && !is_word(t.type)) return false;
    if (p == 0 || b.type == TokenType::COMMA || is_opener(b.type) || is_binary(b.type) || !in_list())
      return false;
    if (!quiet()) {
      report
          .error(Code::missing_comma, t.begin, t.end, "needs a comma before it",
                 "a comma is missing before {}", describe(report.text(), t))
          .replace(report.span(b.end, b.end), ",", "put a comma");
    }
    put(p, TokenType::COMMA);
    return true;
  }

  /// A line that ends where a value, an operand or a name must follow: the next member was taken for it.
  [[nodiscard]] bool lost_value() const {
    std::size_t q = p;
    while (q > 0 && !tokens[q].first_on_line) --q;
    if (q == 0 || !is_word(tokens[q].type) || (q == p && wants_value(f.expected))) return false;
    const LexToken before = tokens[q - 1];
    const bool dot = before.type == TokenType::DOT;
    const bool angle = before.type == TokenType::GT || before.type == TokenType::LT;  // `list<host>`
    if (!dot && (!is_binary(before.type) || angle) && !is_clause_word(before.type) &&
        before.type != TokenType::ASSIGN && before.type != TokenType::PLUSEQ) {
      return false;
    }
    if (tokens[q].indent > before.indent) return false;
    if (!report.quiet(before.begin)) {
      report.error(Code::syntax_error, before.begin, before.end, "nothing follows on this line",
                   "{} is missing after `{}`", dot ? "a name" : "a value", text(before));
    }
    if (dot) {
      tokens.edit(q - 1, 1, {});
    } else {
      put(q, TokenType::BAD);
    }
    return true;
  }

  /// A value or type is needed, and what stands here cannot begin one.
  [[nodiscard]] bool missing_value() const {
    const bool value = wants_value(f.expected);
    if ((!value && !wants_type(f.expected)) || wants_member(f.expected)) return false;
    if (value ? begins_value(t.type) && t.type != TokenType::KW_IF : is_word(t.type)) return false;
    const std::string_view what = value ? "a value" : "a type";
    if (p > 0) {
      say(b, fmt::format("{} is missing behind this", what), "", {}, "", "{} is missing after {}", what,
          describe(report.text(), b));
    } else {
      say(t, "", "", {}, "", "{} is missing", what);
    }
    put(p, TokenType::BAD);
    return true;
  }

  /// `cores 4`, `port http 8989`, `mount "/config" claim(1GiB)`
  [[nodiscard]] bool lost_assign() const {
    if (!same_line() || p == 0) return false;
    const std::size_t r = rule();
    const bool at_entry =
        r == LabParser::RuleEntry && is_word(b.type) && f.context->start == tokens.get(p - 1);
    std::size_t where = tokens.count();
    const bool value = begins_value(t.type) && t.type != TokenType::LBRACE;
    if (at_entry && value && t.type != TokenType::LPAREN && t.type != TokenType::LBRACK) {
      where = p;
    } else if (at_entry && (t.type == TokenType::LPAREN || t.type == TokenType::LBRACK ||
                            t.type == TokenType::DOT || t.type == TokenType::HOST)) {
      // The name begins the value, if something that could have one stands before it on the line.
      const bool headed = p >= 2 && !b.first_on_line &&
                          (is_word(tokens[p - 2].type) || is_string(tokens[p - 2].type) ||
                           tokens[p - 2].type == TokenType::CLOSE);
      where = headed ? p - 1 : p;
      if (!headed && (t.type != TokenType::LBRACK || b.end == t.begin)) return false;
    } else if (!at_entry && value &&
               (r == LabParser::RuleBody || r == LabParser::RuleKindBody || r == LabParser::RuleFile ||
                r == LabParser::RuleMember || r == LabParser::RuleHeading || r == LabParser::RuleEntry)) {
      const bool behind_label = is_word(b.type) || is_literal(b.type) || b.type == TokenType::CLOSE;
      if (behind_label && headed_entry()) where = p;
    }
    if (where == tokens.count()) return false;
    const std::uint32_t at = tokens[where - 1].end;
    const std::string name = text(tokens[where - 1]);
    say(t, "the value needs `=` before it", "put `=`", report.span(at, at), " =", "`=` is missing before {}",
        describe(report.text(), tokens[where]));
    put(where, TokenType::ASSIGN);
    return true;
  }

  /// Whether the member that ends before p is WORD and LABEL alone.
  [[nodiscard]] bool headed_entry() const {
    if (p < 2) return false;
    std::size_t start = p - 1;
    while (start > 0 && !tokens[start].first_on_line && tokens[start - 1].depth == tokens[start].depth &&
           tokens[start - 1].type != TokenType::COMMA && !is_opener(tokens[start - 1].type)) {
      --start;
    }
    for (std::size_t i = start; i < p; ++i) {
      if (tokens[i].type == TokenType::ASSIGN || tokens[i].type == TokenType::PLUSEQ ||
          is_binary(tokens[i].type))
        return false;
    }
    return p - start >= 2 && tokens[start].type == TokenType::NAME;
  }

  /// `keep = 15 d`
  [[nodiscard]] bool split_quantity() const {
    static constexpr std::string_view units[] = {"B",   "KB", "MB",   "GB",   "TB",   "KiB", "MiB", "GiB",
                                                 "TiB", "Ki", "Mi",   "Gi",   "Ti",   "ms",  "s",   "m",
                                                 "h",   "d",  "Mbps", "Gbps", "mcpu", "K",   "M",   "G"};
    if (p < 2 || rule() != LabParser::RuleEntry || b.type != TokenType::NAME || b.first_on_line) return false;
    const LexToken& number = tokens[p - 2];
    const std::string unit = text(b);
    if ((number.type != TokenType::INT && number.type != TokenType::DECIMAL) ||
        std::find(std::begin(units), std::end(units), unit) == std::end(units))
      return false;
    const std::string right = text(number) + unit;
    say(b, "belongs to the number", "write `" + right + "`", report.span(number.begin, b.end), right,
        "a number and its unit stand together: `{}`", right);
    tokens.edit(p - 1, 1, {});
    tokens.retype(p - 2, TokenType::QUANTITY);
    return true;
  }

  /// A name that nothing follows.
  [[nodiscard]] bool lone_name() const {
    if (rule() != LabParser::RuleEntry || p == 0 || b.type != TokenType::NAME ||
        f.context->start != tokens.get(p - 1))
      return false;
    if (t.type == TokenType::DOT || t.type == TokenType::LPAREN || t.type == TokenType::LBRACK ||
        is_binary(t.type) || t.type == TokenType::COLON)
      return false;
    if (!report.quiet(b.begin)) {
      report.error(Code::syntax_error, b.begin, b.end, "needs a value, a label or a body",
                   "`{}` alone says nothing", text(b));
    }
    tokens.retype(p - 1, TokenType::DAMAGED);
    return true;
  }

  /// `assert x` without `else`, `assume x` without `because`; a reason that is no string
  [[nodiscard]] bool missing_reason() const {
    if (rule() == LabParser::RuleAssertion || rule() == LabParser::RuleReason ||
        rule() == LabParser::RuleExpr) {
      const LexToken& first =
          tokens[f.context->getRuleIndex() == LabParser::RuleExpr ? member_start()
                                                                  : f.context->start->getTokenIndex()];
      if (first.type == TokenType::KW_ASSERT && !is_string(b.type) &&
          (t.first_on_line || t.type == eof || t.type == TokenType::COMMA || is_closer(t.type) ||
           is_string(t.type)) &&
          has_not(TokenType::KW_ELSE)) {
        if (t.type == TokenType::COMMA && is_string(tokens[p + 1].type)) {
          say(t, "write `else`", "write `else`", report.span(t.begin, t.end), " else",
              "an assertion ends with `else` and a message");
          tokens.retype(p, TokenType::KW_ELSE);
          return true;
        }
        say(b, "`else \"why it matters\"` is missing behind this", "", {}, "",
            "an assertion ends with `else` and a message");
        put(p, TokenType::KW_ELSE);
        if (!is_string(t.type)) {
          LexToken m = made(TokenType::BAD, b.end);
          tokens.edit(p + 1, 0, {m});
        }
        return true;
      }
    }
    return false;
  }
  [[nodiscard]] std::size_t member_start() const {
    for (auto* c = f.context; c != nullptr; c = static_cast<Context*>(c->parent)) {
      if (c->getRuleIndex() == LabParser::RuleAssertion) return c->start->getTokenIndex();
      if (c->getRuleIndex() == LabParser::RuleMember) break;
    }
    return f.context->start->getTokenIndex();
  }
  [[nodiscard]] bool has_not(TokenType type) const {
    for (std::size_t i = member_start(); i < p; ++i) {
      if (tokens[i].type == type && tokens[i].depth == tokens[member_start()].depth) return false;
    }
    return true;
  }

  /// Only a string can stand here.
  [[nodiscard]] bool missing_string() const {
    if (!has(f.expected, TokenType::PLAIN) || has(f.expected, TokenType::NAME) ||
        has(f.expected, TokenType::INT) || is_string(t.type))
      return false;
    const bool reason = b.type == TokenType::KW_BECAUSE || b.type == TokenType::KW_ELSE;
    const bool instead =
        same_line() && (is_word(t.type) || is_literal(t.type)) && !is_opener(tokens[p + 1].type);
    say(instead ? t : b, instead ? "must be a string in double quotes" : "a string is missing behind this",
        "", {}, "", "{} is missing after {}", reason ? "a text in double quotes" : "a string",
        describe(report.text(), b));
    if (instead) {
      tokens.retype(p, TokenType::BAD);
    } else {
      put(p, TokenType::BAD);
    }
    return true;
  }

  /// Exactly one token can stand here: `in`, `then`, `:`, `=`.
  [[nodiscard]] bool missing_token() const {
    for (const Spelling& s : spellings()) {
      if (!has(f.expected, s.type) || is_closer(s.type) || is_opener(s.type) ||
          s.type == TokenType::EXPR_CLOSE || s.type == TokenType::COMMA)
        continue;
      const bool alone = f.expected.size() == 1 || (s.type == TokenType::KW_IN && f.expected.size() == 2 &&
                                                    has(f.expected, TokenType::COMMA));
      if (!alone) continue;
      const bool instead =
          s.type == TokenType::KW_IN
              ? (is_clause_word(t.type) || t.type == TokenType::COLON || t.type == TokenType::ASSIGN)
              : s.type == TokenType::ASSIGN && (t.type == TokenType::COLON || t.type == TokenType::EQ ||
                                                t.type == TokenType::ARROW || t.type == TokenType::PLUSEQ);
      if (instead) {
        say(t, fmt::format("write `{}`", s.text), fmt::format("write `{}`", s.text),
            report.span(t.begin, t.end), std::string(s.text), "expected `{}`, found {}", s.text,
            describe(report.text(), t));
        tokens.retype(p, s.type);
      } else {
        // Behind `then`, `else` and `because` more is missing.
        const bool whole =
            s.type == TokenType::ASSIGN || s.type == TokenType::KW_IN || s.type == TokenType::COLON;
        say(p > 0 ? b : t, fmt::format("`{}` is missing behind this", s.text),
            whole ? fmt::format("put `{}`", s.text) : "", report.span(b.end, b.end),
            " " + std::string(s.text), "`{}` is missing after {}", s.text, describe(report.text(), b));
        put(p, s.type);
      }
      return true;
    }
    return false;
  }

  /// A comma outside of every list.
  [[nodiscard]] bool stray_comma() const {
    if (t.type != TokenType::COMMA || !wants_member(f.expected)) return false;
    say(t, "no comma here", "remove it", report.span(t.begin, t.end), "",
        "a comma without a member before it");
    tokens.edit(p, 1, {});
    return true;
  }
};

bool Repair::slip(const Failure& f) {
  const Slip s(f, tokens_, report_, colons_);
  repeats_ = s.t.begin == last_ ? repeats_ + 1 : 0;
  last_ = s.t.begin;
  if (repeats_ > 2) return false;
  return s.doubled() || s.stray_comma() || s.colon_for_assign() || s.unquoted() || s.other_languages() ||
         s.lost_operand() || s.host_behind_name() || s.missing_reason() || s.lost_value() ||
         s.missing_comma() || s.missing_value() || s.lost_assign() || s.split_quantity() ||
         s.missing_string() || s.missing_token() || s.lone_name();
}

/// First token at or behind `from` where a member outside of the one that begins at `start` can begin.
std::size_t Repair::member_end(std::size_t start, std::size_t from) const {
  const unsigned depth = tokens_[start].depth;
  for (std::size_t i = std::max(from, start); i < tokens_.count(); ++i) {
    const LexToken& t = tokens_[i];
    if (t.type == eof || t.depth < depth) return i;
    if (i == start || t.depth != depth) continue;
    if (t.first_on_line && (is_word(t.type) || is_string(t.type))) return i;
    if (tokens_[i - 1].type == TokenType::COMMA && i > from) return i;
  }
  return tokens_.count() - 1;
}

void Repair::cut(const Failure& f, std::size_t item) {
  std::size_t start = f.at;
  for (auto* c = f.context; c != nullptr; c = static_cast<Context*>(c->parent)) {
    const std::size_t r = c->getRuleIndex();
    const bool holder =
        r == LabParser::RuleBody || r == LabParser::RuleKindBody || r == LabParser::RuleRecord;
    const bool member = r == LabParser::RuleMember || r == LabParser::RuleFieldDecl;
    if (!holder && !member) continue;
    if (member) start = c->start->getTokenIndex();
    const std::size_t end = member_end(start, f.at);
    const bool cut_before = end == start + 1 && tokens_[start].type == TokenType::DAMAGED;
    if (end > start && !cut_before) {
      replace(start, end);
      return;
    }
  }
  // Nothing of it can be kept.
  std::size_t end = std::max(f.at, item) + 1;
  while (end < tokens_.count() - 1 && !(tokens_[end].first_on_line && tokens_[end].depth == 0)) ++end;
  replace(item, std::min(end, tokens_.count() - 1));
}

void Repair::replace(std::size_t start, std::size_t end) {
  LexToken bad = tokens_[start];
  bad.end = tokens_[end - 1].end;
  bad.type = TokenType::DAMAGED;
  // A comma behind a member belongs to its list of members.
  if (end - start > 1 && tokens_[end - 1].type == TokenType::COMMA && tokens_[end - 1].depth == bad.depth)
    --end;
  tokens_.edit(start, end - start, {bad});
}

void Repair::mend(const Failure& f, std::size_t item) {
  if (slip(f)) return;
  complain(f);
  cut(f, item);
}

}  // namespace lab::syntax
