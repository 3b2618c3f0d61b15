// Brackets that do not pair, told by indentation.
//
// Where everything pairs, indentation means nothing. Where it does not, the damage lies between two
// places where nothing is open, and there a block is taken to end before the first line that is not
// indented deeper than the line of its opener (rustc's lexer reports in the same way:
// rustc_parse/src/lexer/diagnostics.rs, report_suspicious_mismatch_block).
#include <algorithm>

#include "compiler/syntax/read.h"

namespace lab::syntax {
namespace {

using diagnostics::Applicability;
using diagnostics::Code;

struct Opener {
  std::size_t at = 0;     // in the list that is built
  bool indented = false;  // what it holds is indented deeper than its line, or begins on its line
  bool ends_line = false;
};

char spelled(TokenType t) {
  switch (t) {
    case TokenType::LBRACE:
      return '{';
    case TokenType::LBRACK:
      return '[';
    case TokenType::LPAREN:
      return '(';
    case TokenType::RBRACE:
      return '}';
    case TokenType::RBRACK:
      return ']';
    default:
      return ')';
  }
}

class Balancer {
 public:
  Balancer(std::vector<LexToken>& tokens, Reporter& report) : in_(tokens), report_(report) {}

  /// False when there is too much to mend.
  bool run() {
    std::size_t from = 0;
    while (from < in_.size()) {
      const std::size_t broken = first_broken(from);
      if (broken == in_.size() && from == 0) return true;
      copy(from, broken);
      if (broken == in_.size()) break;
      from = mend(broken);
      if (report_.full() || stack_.size() > max_nesting) return false;
    }
    in_ = std::move(out_);
    return true;
  }

 private:
  void copy(std::size_t from, std::size_t to) {
    out_.insert(out_.end(), in_.begin() + static_cast<std::ptrdiff_t>(from),
                in_.begin() + static_cast<std::ptrdiff_t>(to));
  }

  [[nodiscard]] static bool starts_line(const LexToken& t) { return t.first_on_line && t.indent == 0; }

  /// The last line in column 0 outside every bracket before the first bracket without partner;
  /// the end when all pair.
  [[nodiscard]] std::size_t first_broken(std::size_t from) const {
    std::vector<TokenType> open;
    std::size_t safe = from;
    for (std::size_t i = from; i < in_.size(); ++i) {
      const LexToken& t = in_[i];
      if (open.empty() && starts_line(t) && !is_closer(t.type)) safe = i;
      if (is_opener(t.type)) {
        open.push_back(t.type);
      } else if (is_closer(t.type)) {
        if (open.empty() || closer_of(open.back()) != t.type) return safe;
        open.pop_back();
      }
    }
    return open.empty() ? in_.size() : safe;
  }

  /// Mends from `from` to the first line in column 0 where nothing is open; returns its index.
  std::size_t mend(std::size_t from) {
    stack_.clear();
    mended_ = false;
    for (std::size_t i = from; i < in_.size() && stack_.size() <= max_nesting; ++i) {
      const LexToken& t = in_[i];
      if (t.type == TokenType::end_of_file) {
        for (int told = 0; !stack_.empty(); ++told) close(told >= 3);  // half a file needs no more
        out_.push_back(t);
        return in_.size();
      }
      if (t.first_on_line && !is_closer(t.type)) {
        while (!stack_.empty() && stack_.back().indented && t.indent <= out_[stack_.back().at].indent)
          close();
        if (stack_.empty() && mended_ && starts_line(t)) return i;
      }
      if (is_closer(t.type)) {
        closer(i, from);
        continue;
      }
      if (is_opener(t.type)) stack_.push_back(opener(i));
      out_.push_back(t);
    }
    return in_.size();
  }

  [[nodiscard]] Opener opener(std::size_t i) const {
    const LexToken& next = in_[i + 1];
    Opener o;
    o.at = out_.size();
    o.ends_line = next.line != in_[i].line;
    // Flush left is believed outermost, or inside of what is flush left.
    o.indented = !o.ends_line || next.indent > in_[i].indent || is_closer(next.type) ||
                 (!stack_.empty() && stack_.back().indented);
    return o;
  }

  /// Puts the innermost opener's closer in, and reports the opener unless `silent`.
  void close(bool silent = false) {
    const Opener o = stack_.back();
    stack_.pop_back();
    mended_ = true;
    const LexToken open = out_[o.at];
    LexToken put = out_.back();
    const LexToken last = put;
    put.begin = put.end;
    put.type = closer_of(open.type);
    put.first_on_line = false;
    out_.push_back(put);
    if (silent || report_.quiet(open.begin)) return;
    const char c = spelled(put.type);
    const bool own_line = open.type == TokenType::LBRACE && o.ends_line;
    const std::string closer = own_line ? "\n" + std::string(open.indent, ' ') + c : std::string(1, c);
    auto& d = report_.error(Code::unclosed_brace, open.begin, open.end, "never closed", "unclosed `{}`",
                            spelled(open.type));
    if (last.begin > open.begin)
      d.at(report_.span(last.begin, last.end), fmt::format("`{}` is missing behind this", c));
    d.help({fmt::format("close it with `{}`", c),
            Applicability::maybe,
            {{report_.span(put.end, put.end), closer}}});
  }

  void drop(const LexToken& t) {
    mended_ = true;
    if (report_.quiet(t.begin)) return;
    auto& d = report_.error(Code::unexpected_closer, t.begin, t.end, "closes nothing", "unexpected `{}`",
                            spelled(t.type));
    if (!stack_.empty()) d.at(report_.span(top().begin, top().end), "this is what is open");
    d.help({fmt::format("remove this `{}`", spelled(t.type)),
            Applicability::maybe,
            {{report_.span(t.begin, t.end), ""}}});
  }

  void pair(const LexToken& t) {
    last_closed_line_ = top().line;
    stack_.pop_back();
    out_.push_back(t);
  }

  [[nodiscard]] const LexToken& top() const { return out_[stack_.back().at]; }

  void closer(std::size_t i, std::size_t from) {
    const LexToken& t = in_[i];
    if (t.first_on_line) {
      while (!stack_.empty() && t.indent < top().indent) close();
      if (stack_.empty() || (t.indent > top().indent && stack_.back().ends_line && stack_.back().indented)) {
        if (!reopen(t)) drop(t);
        return;
      }
    } else if (!stack_.empty() && stack_.back().ends_line && stack_.back().indented &&
               t.type == TokenType::RBRACE && closer_of(top().type) == t.type && top().line < t.line &&
               !closes_with_previous(i, from)) {
      // A block of several lines ends on a line of its own.
      drop(t);
      return;
    }
    while (!stack_.empty() && closer_of(top().type) != t.type && opened_on_line_of_top(t)) close();
    if (stack_.empty()) {
      drop(t);
    } else if (closer_of(top().type) == t.type) {
      pair(t);
    } else {
      mistyped(t);
    }
  }

  /// Whether the closer before this one closes an opener on the line of the innermost: `[{` … `}]`.
  [[nodiscard]] bool closes_with_previous(std::size_t i, std::size_t from) const {
    std::size_t k = i;
    while (k > from && is_closer(in_[k - 1].type) && in_[k - 1].line == in_[i].line) --k;
    return k < i && in_[k].first_on_line && last_closed_line_ == top().line;
  }

  /// Whether an opener that fits this closer is open on the line of the innermost one.
  [[nodiscard]] bool opened_on_line_of_top(const LexToken& t) const {
    for (auto o = stack_.rbegin(); o != stack_.rend() && out_[o->at].line == top().line; ++o) {
      if (closer_of(out_[o->at].type) == t.type) return true;
    }
    // `}` on its own line closes what is open inside its block.
    if (!t.first_on_line) return false;
    for (auto o = stack_.rbegin(); o != stack_.rend(); ++o) {
      if (closer_of(out_[o->at].type) == t.type && out_[o->at].indent == t.indent) return true;
    }
    return false;
  }

  /// `[a, b)`: read as what it should be, when both stand on one line; else dropped.
  void mistyped(const LexToken& t) {
    if (top().line != t.line) {
      drop(t);
      return;
    }
    LexToken right = t;
    right.type = closer_of(top().type);
    const char c = spelled(right.type);
    const char o = spelled(top().type);
    mended_ = true;
    if (!report_.quiet(t.begin)) {
      report_
          .error(Code::unexpected_closer, t.begin, t.end, fmt::format("expected `{}`", c),
                 "`{}` is closed by `{}`", o, spelled(t.type))
          .at(report_.span(top().begin, top().end), "opened here")
          .help({fmt::format("write `{}`", c),
                 Applicability::maybe,
                 {{report_.span(t.begin, t.end), std::string(1, c)}}});
    }
    pair(right);
  }

  /// A closer that begins its line and lost its opener: the last line with its indentation is the
  /// header, when all between is indented deeper.
  bool reopen(const LexToken& t) {
    const std::size_t bottom = stack_.empty() ? 0 : stack_.back().at + 1;
    std::size_t inner = out_.size();  // first token after the header's line
    for (std::size_t k = out_.size(); k-- > bottom;) {
      const LexToken& h = out_[k];
      if (!h.first_on_line) continue;
      if (h.indent > t.indent) {
        inner = k;
        continue;
      }
      if (h.indent < t.indent || inner == out_.size() || !is_word(h.type) || is_opener(out_[inner - 1].type))
        return false;
      put_opener(t, inner);
      return true;
    }
    return false;
  }

  void put_opener(const LexToken& closer, std::size_t at) {
    const TokenType type = opener_of(closer.type);
    LexToken put = out_[at - 1];
    const LexToken last = put;
    put.begin = put.end;
    put.type = type;
    put.first_on_line = false;
    out_.insert(out_.begin() + static_cast<std::ptrdiff_t>(at), put);
    mended_ = true;
    if (!report_.quiet(last.begin)) {
      const char c = spelled(type);
      report_
          .error(Code::unexpected_closer, last.begin, last.end, fmt::format("`{}` is missing behind this", c),
                 "`{}` without its `{}`", spelled(closer.type), c)
          .at(report_.span(closer.begin, closer.end), "closes it")
          .help({fmt::format("put `{}`", c),
                 Applicability::maybe,
                 {{report_.span(put.end, put.end), type == TokenType::LPAREN ? "(" : std::string(" ") + c}}});
    }
    out_.push_back(closer);
  }

  [[nodiscard]] static TokenType opener_of(TokenType closer) {
    if (closer == TokenType::RBRACE) return TokenType::LBRACE;
    return closer == TokenType::RBRACK ? TokenType::LBRACK : TokenType::LPAREN;
  }

  std::vector<LexToken>& in_;
  std::vector<LexToken> out_;
  std::vector<Opener> stack_;
  Reporter& report_;
  std::uint32_t last_closed_line_ = 0;
  bool mended_ = false;
};

}  // namespace

bool balance(std::vector<LexToken>& tokens, Reporter& report) {
  unsigned open = 0;
  for (const LexToken& t : tokens) {
    if (is_closer(t.type) && open > 0) --open;
    if (is_opener(t.type) && ++open > max_nesting) {
      report.error(Code::nesting_too_deep, t.begin, t.end, "too deep", "brackets nest deeper than {}",
                   max_nesting);
      return false;
    }
  }
  if (!Balancer(tokens, report).run()) return false;
  std::uint16_t depth = 0;
  for (LexToken& t : tokens) {
    if (is_closer(t.type) || t.type == TokenType::EXPR_CLOSE) --depth;
    t.depth = depth;
    if (is_opener(t.type) || t.type == TokenType::EXPR_OPEN) ++depth;
  }
  return true;
}

}  // namespace lab::syntax
