// The tokens before an offset, and the bodies and brackets around it: it works while the text is broken. What
// can be completed is found from here. Part of complete.cpp.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "compiler/ide/analysis.h"
#include "compiler/syntax/parse.h"
#include "compiler/types/type_table.h"

namespace lab::ide {

using eval::Record;
using syntax::Token;
using types::Field;
using types::Schema;
using types::TypeRef;

/// What a value of a type has the members of; null when there is nothing or a choice.
[[nodiscard]] const Schema* schema_of(TypeRef type);
/// The type of one element of a field that is written as a block.
[[nodiscard]] TypeRef element_of(TypeRef type, bool labelled);

class Cursor {
 public:
  Cursor(const Analysis& a, std::string_view text, std::uint32_t offset);

 protected:
  /// An opened bracket, with where the member or argument it belongs to begins.
  struct Open {
    std::size_t token;   // of the bracket
    std::size_t member;  // first token of the member that stands in front of it
  };

  /// What the braces up to `depth` of the stack are the body of.
  struct Level {
    const Schema* schema = nullptr;
    bool top = true;           // declarations
    bool open = false;         // free-form data
    bool declares = false;     // fields of a schema
    Record* record = nullptr;  // the resource or block itself, where it is one
  };

  static bool is_word(const Token& t) { return t.kind == "NAME" || t.kind.starts_with("KW_"); }
  std::string_view spelled(std::size_t i) const;
  bool is(std::size_t i, std::string_view word) const { return i < tokens_.size() && spelled(i) == word; }
  source::Symbol symbol(std::string_view s) const { return a_.snapshot().symbols.find(s); }
  /// A member begins behind a brace or a comma, or on a new line where nothing is left open by an operator.
  bool begins_member(std::size_t i) const;
  /// Whether what follows a token belongs to it whatever the line.
  bool continues(std::size_t i) const;
  void brackets();
  Level level(std::size_t depth);
  Level enter(const Level& outer, std::size_t first, std::size_t brace);
  static std::string_view unquoted(std::string_view s);
  std::string_view key(const eval::Pair& p) const;
  const Schema* kind(std::string_view name) const;
  Record* resource(const Schema* schema, std::string_view name) const;
  /// Whether the word being written begins a member.
  bool begins_at_offset() const;
  /// Whether the body has a value for a field already; blocks may stand several times.
  bool given(source::Symbol name) const;
  unsigned argument(std::size_t bracket) const;
  /// What the word in front of `(` makes: a tag of the expected type, or a record.
  const Schema* schema_of_call(std::size_t bracket, TypeRef type) const;
  /// The members of a tag of a type, of its elements, or of what their first field takes; null when there is
  /// none.
  static const Schema* tag_of(TypeRef type, source::Symbol tag);

  const Analysis& a_;
  eval::Evaluation& e_;
  std::string_view text_;
  std::vector<Token> tokens_;
  std::vector<Open> open_;
  std::size_t member_ = 0;  // where the member begins that the offset is in
  const Schema* self_ = nullptr;
  Record* self_record_ = nullptr;
  Span replaced_;
  bool silent_ = false;  // in a comment or a string
};

}  // namespace lab::ide
