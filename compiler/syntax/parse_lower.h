// What the files of the lowering share: ANTLR's contexts to nodes. Every function walks the children
// of its context once, in order: ANTLR's own accessors search them from the start on every call.
#pragma once
#include "compiler/syntax/literals.h"
#include "compiler/syntax/parse_antlr.h"

namespace lab::syntax {

/// Deepest tree that is made: those that walk it recur.
inline constexpr unsigned max_depth = 2048;

inline const LexToken* token_of(ParseTree* node) {
  // By address: comparing by name, as == does, costs a tenth of lowering.
  if (&typeid(*node) != &typeid(antlr4::tree::TerminalNodeImpl)) return nullptr;
  return &static_cast<ParserToken*>(dynamic_cast<antlr4::tree::TerminalNodeImpl*>(node)->symbol)->lex;
}
inline const LexToken& lex_of(antlr4::Token* t) {
  return static_cast<ParserToken*>(t)->lex;
}
inline std::uint32_t begin_of(Context* c) {
  return lex_of(c->start).begin;
}
inline std::uint32_t end_of(Context* c) {
  return lex_of(c->stop != nullptr ? c->stop : c->start).end;
}
inline std::uint32_t begin_of(ParseTree* node) {
  const LexToken* t = token_of(node);
  return t != nullptr ? t->begin : begin_of(static_cast<Context*>(node));
}
inline std::uint32_t end_of(ParseTree* node) {
  const LexToken* t = token_of(node);
  return t != nullptr ? t->end : end_of(static_cast<Context*>(node));
}

/// The children of a context, read from left to right.
class Kids {
 public:
  explicit Kids(Context* c) : v_(c->children) {}
  [[nodiscard]] bool done() const { return at_ >= v_.size(); }
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

 private:
  const std::vector<ParseTree*>& v_;
  std::size_t at_ = 0;
};

/// What a member stands in.
enum class Place { file, body, kind };

class Lowering::Impl {
 public:
  Impl(const std::vector<LexComment>& comments, source::Symbols& symbols, Reporter& report, Tree& tree)
      : comments_(comments), symbols_(symbols), report_(report), tree_(tree), text_(report.text()) {}
  void member(Context* c, Place place);
  void expression(Context* c) { expr(c); }

 private:
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

  std::uint32_t open(NodeKind kind, std::uint32_t begin);
  void close(std::uint32_t at, std::uint32_t end);
  std::uint32_t leaf(NodeKind kind, std::uint32_t begin, std::uint32_t end);
  std::uint32_t leaf(NodeKind kind, const LexToken& t);
  Node& node(std::uint32_t at) { return tree_.nodes[at]; }
  void flag(std::uint32_t at, Flag f) { node(at).flags = static_cast<std::uint8_t>(node(at).flags | f); }
  source::Symbol symbol(const LexToken& t) { return symbols_.intern(text_of(text_, t)); }
  source::Symbol symbol(Context* c);
  /// Stands for what is missing or could not be read; the member around it is damaged.
  void error(std::uint32_t begin, std::uint32_t end);
  bool too_deep(std::uint32_t begin, std::uint32_t end);
  /// `///` lines that stand directly above `begin`.
  void attach_doc(std::uint32_t begin);
  [[nodiscard]] bool alone_on_line(std::uint32_t at) const;
  [[nodiscard]] bool only_line_break(std::uint32_t from, std::uint32_t to) const;
  /// Statements that stand in the wrong place.
  void place_of(Context* c, std::size_t rule, Place place);

  // ---- members (parse_lower.cpp)

  void body(Context* c);
  void members(Context* c, Place place);
  void entry(Context* c);
  void assignment(std::uint32_t at, Context* c);
  /// A value that begins on a later line without being indented is the next member: the value is lost.
  void value(const LexToken& op, ParseTree* owner, Context* c);
  void label(Context* c);
  void clause(std::uint32_t owner, Context* c);
  /// `vm x on like node`: a clause word names a field only where no clause can stand.
  void lost_operand(const LexToken& word, Context* o);
  void reason(std::uint32_t owner, Context* c);
  /// A word as a name.
  void name(Context* c);
  void let_decl(Context* c);
  /// `param NAME: type = default`, a parameter, a field.
  void typed(Context* c, NodeKind kind);
  void field_decl(Context* c);
  void fn_decl(Context* c);
  void type_decl(Context* c);
  void kind_decl(Context* c);
  /// The text of a string that a statement is named by.
  source::Symbol title(Context* c, std::string_view what);
  void import_decl(Context* c);
  /// The names a `for` binds, from the word `for` on to `in`.
  void bound(std::uint32_t at, Kids& k);
  void for_member(Context* c);
  void if_member(Context* c);
  /// From a condition on; `else if` nests.
  void if_rest(std::uint32_t begin, std::uint32_t end, Kids& k);
  void assertion(Context* c);
  void environment(Context* c);
  void test_decl(Context* c);
  void change(Context* c, NodeKind kind);
  void fails(Context* c);

  // ---- values (parse_lower_value.cpp)

  struct Term;
  struct Chain;
  void expr(Context* c);
  void chain(Context* c);
  void term(const std::vector<ParseTree*>& kids, const std::vector<Term>& terms, std::size_t i);
  /// An operand with the tails that follow it: all their parts as one list.
  void leaf_term(const std::vector<ParseTree*>& kids, std::size_t from, std::size_t to, std::uint32_t begin);
  /// Where the last suffix of parts[from, to) begins; `from` when there is none.
  [[nodiscard]] static std::size_t last_suffix(const std::vector<ParseTree*>& parts, std::size_t from,
                                               std::size_t to);
  void postfix(const std::vector<ParseTree*>& parts, std::size_t from, std::size_t to, std::uint32_t begin);
  void tagged(std::uint32_t at, Context* braces);
  void arguments(Context* c);
  void atom(const std::vector<ParseTree*>& parts, std::size_t from, std::size_t to);
  void list(Context* c);
  /// String, Interpolation, or Error for a broken one.
  void string(Context* c);
  void plain(std::uint32_t begin, std::uint32_t end, std::string_view inside, std::uint32_t offset);

  // ---- types (parse_lower_type.cpp)

  void type(Context* c);
  void choice(Context* c);
  void optional(Context* c);
  void type_atom(Context* c);
  void record(Context* c);
  void path(Context* c);

  const std::vector<LexComment>& comments_;
  source::Symbols& symbols_;
  Reporter& report_;
  Tree& tree_;
  std::string_view text_;
  std::uint32_t member_ = 0xffffffff;  // the innermost member
  unsigned depth_ = 0;
  bool depth_reported_ = false;
};

}  // namespace lab::syntax
