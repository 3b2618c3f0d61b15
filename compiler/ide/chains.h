// What an expression of names before the offset is: `vm["talos-cp01"].nic.k8s`, a variable of a loop, `self`.
// Part of complete.cpp.
#pragma once
#include <optional>

#include "compiler/ide/cursor.h"

namespace lab::ide {

using eval::Value;

/// A type, and the value where it is known.
struct Thing {
  TypeRef type = nullptr;
  std::optional<Value> value;
  const Schema* schema = nullptr;  // what has members
};

class Chains : public Cursor {
 public:
  using Cursor::Cursor;

 protected:
  /// First token of the chain `a.b[c].d` that ends before `end`.
  std::size_t chain_begin(std::size_t end) const;
  Thing chain_before(std::size_t end) { return chain(chain_begin(end), end); }
  Thing chain(std::size_t begin, std::size_t end);
  Thing of_record(Record* r) const;
  Thing of_type(TypeRef t) const { return {t, std::nullopt, schema_of(t)}; }
  Thing of_value(TypeRef t, const Value& v) const;
  Thing element(const Thing& of) const;
  Thing name(std::string_view word, std::size_t at);
  Thing member(const Thing& of, std::string_view word);
  std::vector<Record*> lives_in(const Record* home) const;
};

}  // namespace lab::ide
