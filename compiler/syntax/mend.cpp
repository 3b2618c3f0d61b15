// Damage that the lexer meets: bytes, strings, foreign characters.
#include <algorithm>

#include "compiler/syntax/read.h"

namespace lab::syntax {
namespace {

using diagnostics::Applicability;
using diagnostics::Code;

/// Offset of the first byte that is not UTF-8 (RFC 3629: no surrogates, no overlong forms), or the size.
std::size_t first_invalid(std::string_view s) {
  std::size_t i = 0;
  while (i < s.size()) {
    const auto c = static_cast<unsigned char>(s[i]);
    if (c < 0x80) {
      ++i;
      continue;
    }
    const std::size_t more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
    if (c < 0xc2 || c > 0xf4 || i + more >= s.size()) return i;
    unsigned char low = 0x80;
    unsigned char high = 0xbf;
    if (c == 0xe0) low = 0xa0;
    if (c == 0xed) high = 0x9f;
    if (c == 0xf0) low = 0x90;
    if (c == 0xf4) high = 0x8f;
    for (std::size_t k = 1; k <= more; ++k) {
      const auto next = static_cast<unsigned char>(s[i + k]);
      if (next < low || next > high) return i;
      low = 0x80;
      high = 0xbf;
    }
    i += more + 1;
  }
  return s.size();
}

class Mender {
 public:
  Mender(const std::vector<LexToken>& in, Reporter& report) : in_(in), report_(report), text_(report.text()) {
    out_.reserve(in.size() + 8);
  }

  std::vector<LexToken> run() {
    const std::size_t cut = endless();
    if (cut < in_.size()) report_endless(in_[cut]);
    while (at_ < in_.size()) {
      const LexToken& t = in_[at_];
      if (at_ == cut) {
        cut_endless();
      } else if (t.type == TokenType::OPEN || t.type == TokenType::ML_OPEN) {
        string();
      } else if (t.type == TokenType::ERROR) {
        foreign();
      } else if (t.type == TokenType::PIPE && is(at_ + 1, TokenType::PIPE) && in_[at_ + 1].begin == t.end) {
        replace(2, TokenType::KW_OR, "or");
      } else {
        out_.push_back(t);
        ++at_;
      }
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] bool is(std::size_t i, TokenType type) const { return i < in_.size() && in_[i].type == type; }

  /// From an opening quote to its close; a string that has none, or holds an open `${`, becomes BAD.
  void string() {
    const LexToken open = in_[at_];
    std::size_t end = at_ + 1;
    std::size_t expr = 0;  // the `${` that is open
    std::size_t lost = 0;  // the first that stayed open
    int brackets = 0;      // open inside it
    while (end < in_.size()) {
      const TokenType type = in_[end].type;
      if (type == TokenType::end_of_file || type == TokenType::CLOSE) break;
      if (type == TokenType::EXPR_OPEN) expr = end, brackets = 0;
      if (is_opener(type)) ++brackets;
      if (is_closer(type)) --brackets;
      if (type == TokenType::EXPR_CLOSE) {
        if (brackets != 0 && lost == 0) lost = expr;
        expr = 0;
      }
      if (type == TokenType::UNTERMINATED) {
        if (expr != 0 && lost == 0) lost = expr;
        expr = 0;
        if (open.type == TokenType::OPEN) break;
      }
      ++end;
    }
    if (expr != 0 && lost == 0) lost = expr;
    const bool closed = is(end, TokenType::CLOSE);
    if (closed && lost == 0) {
      for (; at_ <= end; ++at_) push_part(in_[at_]);
      return;
    }
    LexToken bad = open;
    bad.type = TokenType::BAD;
    bad.end = closed ? in_[end].end : in_[end].begin;
    if (lost != 0) {
      const LexToken& o = in_[lost];
      report_.error(Code::unterminated_string, o.begin, o.end, "brackets do not pair from here",
                    "`${{` is not closed, or brackets inside it are not");
    } else if (text_.substr(open.end, bad.end - open.end).find_first_not_of(" \t\r,)]}") ==
               std::string_view::npos) {
      report_.error(Code::unterminated_string, open.begin, open.end,
                    "opens a string that does not end on its line",
                    "a quote too many, or its partner is missing");
    } else {
      report_.error(Code::unterminated_string, open.begin, bad.end, "has no closing quote on this line",
                    "a string does not end on its line");
    }
    out_.push_back(bad);
    at_ = is(end, TokenType::end_of_file) ? end : end + 1;
  }

  /// Triple quotes that do not pair: one of them is lost, somewhere before the last. The index of the
  /// string where the pairs are off: it opens where no value can stand, or closes where one begins.
  [[nodiscard]] std::size_t endless() const {
    std::size_t open = in_.size();  // the string that is open
    std::size_t last = in_.size();
    for (std::size_t i = 0; i < in_.size(); ++i) {
      const LexToken& t = in_[i];
      if (t.type == TokenType::ML_OPEN) {
        open = i;
        last = i;
      } else if (t.type == TokenType::CLOSE && open != in_.size()) {
        open = in_.size();
      }
    }
    if (open == in_.size()) return in_.size();
    for (std::size_t i = 0; i < last; ++i) {
      const LexToken& t = in_[i];
      if (t.type != TokenType::ML_OPEN) continue;
      if (i > 0 && !takes_value(in_[i - 1].type)) return t.first_on_line ? line_that_wants_value(i) : i;
      std::size_t close = i;
      while (in_[close].type != TokenType::CLOSE) ++close;
      const std::string_view inside = text_.substr(t.end, in_[close].begin - t.end);
      const std::size_t end = inside.find_last_not_of(" \t\r\n");
      if (end != std::string_view::npos &&
          std::string_view("=([,").find(inside[end]) != std::string_view::npos)
        return i;
      const LexToken& next = in_[close + 1];
      if (next.begin == in_[close].end && (is_word(next.type) || is_literal(next.type))) return i;
    }
    return last;
  }

  /// These quotes close something: what opened it is lost behind the last line that ends in `=`.
  [[nodiscard]] std::size_t line_that_wants_value(std::size_t quotes) const {
    for (std::size_t i = quotes; i-- > 1;) {
      if (in_[i].first_on_line &&
          (in_[i - 1].type == TokenType::ASSIGN || in_[i - 1].type == TokenType::PLUSEQ))
        return i;
    }
    return quotes;
  }

  /// The only error of the file: which lines are text and which are Lab is not known.
  void report_endless(const LexToken& open) {
    report_.error(Code::unterminated_string, open.begin, open.end,
                  "the triple quotes do not pair from here on", "a string in triple quotes is never closed");
    report_.mute();
  }

  /// What follows a string without end cannot be read.
  void cut_endless() {
    LexToken bad = in_[at_];
    bad.type = TokenType::BAD;
    bad.end = in_.back().begin;
    out_.push_back(bad);
    at_ = in_.size() - 1;
  }

  /// Whether a value may follow this token.
  [[nodiscard]] static bool takes_value(TokenType t) {
    return is_opener(t) || is_keyword(t) || t == TokenType::ASSIGN || t == TokenType::PLUSEQ ||
           t == TokenType::COMMA || t == TokenType::COLON || t == TokenType::ARROW || is_binary(t) ||
           t == TokenType::NAME;
  }

  /// A character inside `${ }` that means nothing is dropped like elsewhere.
  void push_part(const LexToken& t) {
    if (t.type == TokenType::ERROR) {
      report_.error(Code::syntax_error, t.begin, t.end, "means nothing here",
                    "unexpected character in `${{ }}`");
    } else {
      out_.push_back(t);
    }
  }

  void replace(std::size_t count, TokenType type, std::string_view word) {
    LexToken t = in_[at_];
    t.end = in_[at_ + count - 1].end;
    t.type = type;
    const std::string found(text_of(text_, t));
    report_
        .error(Code::syntax_error, t.begin, t.end, fmt::format("written `{}` in Lab", word),
               "`{}` is written `{}`", found, word)
        .replace(report_.span(t.begin, t.end), std::string(word), fmt::format("write `{}`", word));
    out_.push_back(t);
    at_ += count;
  }

  /// The end of the run of ERROR tokens that touch each other: one character of several bytes, or several.
  [[nodiscard]] std::size_t run_end() const {
    std::size_t end = at_ + 1;
    while (is(end, TokenType::ERROR) && in_[end].begin == in_[end - 1].end &&
           static_cast<unsigned char>(text_[in_[end].begin]) >= 0x80) {
      ++end;
    }
    return end;
  }

  void foreign() {
    const LexToken& t = in_[at_];
    const char c = text_[t.begin];
    if (c == '\'') return single_quoted();
    if (c == '#') return hash_comment();
    if (c == '&' && is(at_ + 1, TokenType::ERROR) && text_.substr(t.begin, 2) == "&&")
      return replace(2, TokenType::KW_AND, "and");
    if (c == '!') return replace(1, TokenType::KW_NOT, "not");
    const std::size_t end = run_end();
    const std::uint32_t stop = in_[end - 1].end;
    if (report_.quiet(t.begin)) {
      at_ = end;
      return;
    }
    if (c == ';') {
      report_.error(Code::syntax_error, t.begin, stop, "not needed", "a line needs no `;`")
          .replace(report_.span(t.begin, stop), "", "remove `;`");
    } else if (c == '$') {
      report_.error(Code::syntax_error, t.begin, stop, "a name stands as it is",
                    "`$` belongs into strings: `\"${{name}}\"`");
    } else if (c == '`') {
      report_.error(Code::syntax_error, t.begin, stop, "means nothing outside a string", "unexpected backtick");
    } else {
      report_.error(Code::syntax_error, t.begin, stop, "means nothing outside a string",
                    "unexpected character `{}`", text_.substr(t.begin, stop - t.begin));
    }
    at_ = end;
  }

  /// 'text' to the next quote on its line.
  void single_quoted() {
    const LexToken& t = in_[at_];
    const std::size_t stop = text_.find_first_of("'\n", t.end);
    const std::size_t close = stop < text_.size() && text_[stop] == '\'' ? stop : std::string_view::npos;
    LexToken bad = t;
    bad.type = TokenType::BAD;
    bad.end = close == std::string_view::npos ? t.end : static_cast<std::uint32_t>(close) + 1;
    auto& d = report_.error(Code::syntax_error, bad.begin, bad.end, "needs double quotes",
                            "strings are written in double quotes");
    if (close != std::string_view::npos) {
      const std::string inner(text_.substr(t.end, close - t.end));
      if (inner.find_first_of("\"\\$") == std::string::npos) {
        d.replace(report_.span(bad.begin, bad.end), "\"" + inner + "\"", "use double quotes");
      }
      out_.push_back(bad);
    }
    skip_to(bad.end);
  }

  void hash_comment() {
    const LexToken& t = in_[at_];
    report_
        .error(Code::syntax_error, t.begin, t.end, "comments begin with `//`", "`#` does not begin a comment")
        .replace(report_.span(t.begin, t.end), "//", "write `//`");
    const std::uint32_t line = t.line;
    while (at_ < in_.size() && in_[at_].line == line && in_[at_].type != TokenType::end_of_file) ++at_;
  }

  void skip_to(std::uint32_t offset) {
    while (at_ < in_.size() && in_[at_].begin < offset && in_[at_].type != TokenType::end_of_file) ++at_;
  }

  const std::vector<LexToken>& in_;
  Reporter& report_;
  std::string_view text_;
  std::vector<LexToken> out_;
  std::size_t at_ = 0;
};

}  // namespace

bool check_text(Reporter& report) {
  const std::string_view text = report.text();
  if (text.size() > max_file) {
    report.error(Code::file_too_large, 0, 0, "", "the file has {} MiB; {} MiB are the limit",
                 text.size() >> 20, max_file >> 20);
    return false;
  }
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (end - begin > max_line) {
      const auto at = static_cast<std::uint32_t>(begin);
      report.error(Code::file_too_large, at, at, "", "a line has {} KiB; {} KiB are the limit",
                   (end - begin) >> 10, max_line >> 10);
      return false;
    }
    begin = end + 1;
  }
  if (const std::size_t at = first_invalid(text); at != text.size()) {
    const auto begin = static_cast<std::uint32_t>(at);
    report.error(Code::invalid_utf8, begin, begin + 1, "this byte is not UTF-8",
                 "the file is not UTF-8 text (byte 0x{:02x} at offset {})",
                 static_cast<unsigned char>(text[at]), at);
    return false;
  }
  if (const std::size_t at = text.find('\0'); at != std::string_view::npos) {
    const auto begin = static_cast<std::uint32_t>(at);
    report.error(Code::nul_byte, begin, begin + 1, "a NUL byte", "the file holds a NUL byte at offset {}",
                 at);
    return false;
  }
  return true;
}

std::vector<LexToken> mend(const Lexed& lexed, Reporter& report) {
  for (const LexComment& c : lexed.comments) {
    const std::string_view s = report.text().substr(c.begin, c.end - c.begin);
    if (c.type == TokenType::BLOCK_COMMENT && (s.size() < 4 || !s.ends_with("*/"))) {
      report.error(Code::syntax_error, c.begin, c.begin + 2, "opened here", "a comment is never closed");
    }
  }
  return Mender(lexed.tokens, report).run();
}

}  // namespace lab::syntax
