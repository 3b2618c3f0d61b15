// What parsing a value yields: the value, or why not and what would be right.
#pragma once
#include <string>
#include <utility>
#include <variant>

namespace lab::types {

/// Why a spelling or an operation has no value.
struct Problem {
  /// One sentence without a full stop, with the spelling in back quotes where it has one.
  std::string reason;
  /// A spelling that stands in place of the wrong one; empty when none is evident.
  std::string suggestion;
};

/// A `T` or a `Problem`. `*result` and `->` only when it converts to true, `problem()` only when not.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Problem problem) : state_(std::in_place_index<1>, std::move(problem)) {}
  explicit operator bool() const { return state_.index() == 0; }
  const T& operator*() const { return *std::get_if<0>(&state_); }
  const T* operator->() const { return std::get_if<0>(&state_); }
  [[nodiscard]] const Problem& problem() const { return *std::get_if<1>(&state_); }

 private:
  std::variant<T, Problem> state_;
};

}  // namespace lab::types
