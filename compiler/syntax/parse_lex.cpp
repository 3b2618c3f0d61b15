// The ANTLR lexer behind `lex`.
#include <LabLexer.h>

#include <array>

#include "compiler/syntax/parse.h"
#include "compiler/syntax/tokens.h"

namespace lab::syntax {
namespace {

/// What the automaton is shown for a byte. What ASCII does not know is DEL, which stands in strings
/// and comments only. Bytes that no rule tells apart are shown as one (all letters beyond those of
/// hexadecimal digits, `v` and the protocols' names; the digits): fewer edges to make.
constexpr std::array<unsigned char, 256> make_shown(bool exact) {
  constexpr std::string_view told_apart = "vtcpudsimn";  // `n`: an escape inside ${ "…" }
  std::array<unsigned char, 256> s{};
  for (unsigned c = 0; c < 256; ++c) {
    const bool own = told_apart.find(static_cast<char>(c)) != std::string_view::npos;
    s[c] = static_cast<unsigned char>(c < 0x80 ? c : 0x7f);
    if (exact) continue;
    if (c >= '0' && c <= '9') s[c] = '0';
    if (c >= 'A' && c <= 'F') s[c] = 'A';
    if (c >= 'G' && c <= 'Z') s[c] = 'G';
    if (c >= 'a' && c <= 'f' && !own) s[c] = 'a';
    if (c >= 'g' && c <= 'z' && !own) s[c] = 'g';
  }
  return s;
}
constexpr std::array<unsigned char, 256> shown = make_shown(false);
constexpr std::array<unsigned char, 256> all = make_shown(true);

/// The lexer reads bytes: offsets need no conversion, and no text is copied.
class ByteStream final : public antlr4::CharStream {
 public:
  ByteStream(std::string_view text, bool exact) : text_(text), shown_(exact ? all : shown) {}
  void consume() override { ++at_; }
  std::size_t LA(ssize_t i) override {
    const std::size_t at = i > 0 ? at_ + static_cast<std::size_t>(i) - 1 : at_ - static_cast<std::size_t>(-i);
    return at < text_.size() ? shown_[static_cast<unsigned char>(text_[at])] : EOF;
  }
  ssize_t mark() override { return 0; }
  void release(ssize_t) override {}
  std::size_t index() override { return at_; }
  void seek(std::size_t index) override { at_ = index; }
  std::size_t size() override { return text_.size(); }
  std::string getSourceName() const override { return "lab"; }
  std::string getText(const antlr4::misc::Interval& i) override {
    return std::string(text_.substr(static_cast<std::size_t>(i.a), static_cast<std::size_t>(i.b - i.a + 1)));
  }
  std::string toString() const override { return std::string(text_); }

 private:
  std::string_view text_;
  const std::array<unsigned char, 256>& shown_;
  std::size_t at_ = 0;
};

/// Runs the generated automaton without making ANTLR's tokens.
class Lexer final : private LabLexer {
 public:
  Lexer(std::string_view text, bool exact) : LabLexer(nullptr), text_(text), stream_(text, exact) {}

  Lexed run() {
    auto* automaton = getInterpreter<antlr4::atn::LexerATNSimulator>();
    Lexed out;
    out.tokens.reserve(text_.size() / 4 + 1);
    if (text_.starts_with(byte_order_mark)) {
      seen_ = line_start_ = byte_order_mark.size();
      stream_.seek(seen_);
    }
    bool multi = false;
    while (true) {
      if (mode != LabLexer::TEXT && mode != LabLexer::MULTI) skip_white_space();
      const std::size_t begin = stream_.index();
      if (begin >= text_.size()) break;
      type = antlr4::Token::INVALID_TYPE;
      channel = antlr4::Token::DEFAULT_CHANNEL;
      const std::size_t rule_type = match(automaton);
      const std::size_t t = type == antlr4::Token::INVALID_TYPE ? rule_type : type;
      if (t == antlr4::Lexer::SKIP) continue;
      auto kind = static_cast<TokenType>(t);
      const auto from = static_cast<std::uint32_t>(begin);
      const auto to = static_cast<std::uint32_t>(stream_.index());
      if (channel == LabLexer::COMMENTS) {
        out.comments.push_back({from, to, kind});
        continue;
      }
      if (kind == TokenType::NAME) kind = word_type(text_.substr(from, to - from));
      if (kind == TokenType::ML_OPEN) multi = true;
      if (kind == TokenType::CLOSE) multi = false;
      // A lost `}` ends its interpolation, not the lines after it that belong to the string.
      if (kind == TokenType::UNTERMINATED && multi) pushMode(LabLexer::MULTI);
      out.tokens.push_back(place(from, to, kind));
    }
    const auto size = static_cast<std::uint32_t>(text_.size());
    out.tokens.push_back(place(size, size, TokenType::end_of_file));
    return out;
  }

 private:
  void skip_white_space() {
    std::size_t at = stream_.index();
    const bool lines = mode == LabLexer::DEFAULT_MODE;
    while (at < text_.size() &&
           (text_[at] == ' ' || text_[at] == '\t' || (lines && (text_[at] == '\n' || text_[at] == '\r'))))
      ++at;
    stream_.seek(at);
  }

  std::size_t match(antlr4::atn::LexerATNSimulator* automaton) {
    const std::size_t begin = stream_.index();
    try {
      return automaton->match(&stream_, mode);
    } catch (const antlr4::LexerNoViableAltException&) {  // every mode has a rule for any byte
      stream_.seek(begin + 1);
      return LabLexer::ERROR;
    }
  }

  /// Finds the token's line by the line breaks since the last one.
  LexToken place(std::uint32_t begin, std::uint32_t end, TokenType kind) {
    for (std::size_t at = seen_; at < begin; ++at) {
      if (text_[at] != '\n') continue;
      ++line_;
      line_start_ = static_cast<std::uint32_t>(at) + 1;
      fresh_ = true;
    }
    seen_ = begin;
    const bool in_string = kind == TokenType::CHARS || kind == TokenType::CLOSE ||
                           kind == TokenType::EXPR_OPEN || kind == TokenType::UNTERMINATED;
    if (fresh_ && !in_string) indent_ = begin - line_start_;
    LexToken t;
    t.begin = begin;
    t.end = end;
    t.type = kind;
    t.line = line_;
    t.indent = indent_;
    t.first_on_line = fresh_ && !in_string;
    fresh_ = false;
    return t;
  }

  /// Some editors begin a file with U+FEFF; it means nothing.
  static constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

  std::string_view text_;
  ByteStream stream_;
  std::size_t seen_ = 0;  // line breaks before this are counted
  bool fresh_ = true;     // no token yet on this line
  std::uint32_t line_ = 0;
  std::uint32_t line_start_ = 0;
  std::uint32_t indent_ = 0;
};

}  // namespace

Lexed lex(std::string_view text, bool exact) {
  return Lexer(text, exact).run();
}

std::vector<Token> tokens(std::string_view text) {
  const Lexed lexed = lex(text);
  std::vector<Token> out;
  out.reserve(lexed.tokens.size() + lexed.comments.size());
  auto comment = lexed.comments.begin();
  for (const LexToken& t : lexed.tokens) {
    while (comment != lexed.comments.end() && comment->begin < t.begin) {
      out.push_back({name(comment->type), comment->begin, comment->end});
      ++comment;
    }
    if (t.type == TokenType::end_of_file) continue;
    out.push_back({name(t.type), t.begin, t.end});
  }
  for (; comment != lexed.comments.end(); ++comment)
    out.push_back({name(comment->type), comment->begin, comment->end});
  return out;
}

}  // namespace lab::syntax
