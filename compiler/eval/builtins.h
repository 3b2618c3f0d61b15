// The closed list of functions (docs/language.md, "Functions").
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "compiler/types/schema.h"

namespace lab::eval {

enum class Function : std::uint8_t {
  len,
  first,
  last,
  sort,
  unique,
  flatten,
  sum,
  min,
  max,
  keys,
  values,
  contains,
  lower,
  upper,
  trim,
  split,
  join,
  replace,
  starts_with,
  ends_with,
  matches,
  host,
  subnets,
  overlaps,
  size,
  yaml,
  json,
  toml,
  ini,
  file_text,
  template_,
  public_key,
  certificate,
  declassify,
  reachable,
  unreachable,
  exposed,
  survives,
  loss,
  derived_mac,
  derived_id,
};

/// What a call yields, beyond fixed types.
enum class Result : std::uint8_t {
  fixed,
  same,
  element,
  list_of_keys,
  list_of_elements,
  strings,
  text,
  unknown
};

struct Builtin {
  std::string_view name;
  Function function;
  std::uint8_t least, most;  // arguments; most 255: any number
  Result result;
  types::TypeKind fixed = types::TypeKind::any;
  bool deferred = false;  // decided on the model: reachable, survives, …
  /// What is secret in its arguments is secret in what it gives; other functions cannot look at a secret.
  [[nodiscard]] bool carries_secrets() const {
    switch (function) {
      case Function::join:
      case Function::yaml:
      case Function::json:
      case Function::toml:
      case Function::ini:
      case Function::template_:
        return true;
      default:
        return false;
    }
  }
  /// Takes a list or map as it is: its elements are handed on or counted, never looked at.
  [[nodiscard]] bool hands_on() const {
    switch (function) {
      case Function::len:
      case Function::first:
      case Function::last:
      case Function::flatten:
      case Function::keys:
      case Function::values:
        return true;
      default:
        return false;
    }
  }
  /// Makes something of a secret public: public-key, certificate, declassify.
  [[nodiscard]] bool discloses() const {
    return function == Function::public_key || function == Function::certificate ||
           function == Function::declassify;
  }
};

[[nodiscard]] const Builtin* find_builtin(std::string_view name);
[[nodiscard]] std::vector<std::string_view> builtin_names();

}  // namespace lab::eval
