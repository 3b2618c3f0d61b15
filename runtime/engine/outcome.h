// What work on the outside world ends with: a value, or a failure whose class says what may be tried next.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace lab::engine {

// How far an effect can have come, and hence what may follow.
enum class FailureClass {
  not_sent,          // no byte left: may be tried again
  sent,              // some bytes left, no whole answer came: only a probe tells
  rate_limited,      // 429: after `retry_after`
  retryable_server,  // the server says that trying again may help
  permanent,         // trying again cannot help
  auth,              // credential refused
  tls,               // the peer is not who it should be: never tried again
  conflict,          // changed by someone else between reading and writing: probe, then try again
  foreign,           // an object in the place of ours that is not ours: the run stops for a person
  cancelled,         // this run was asked to stop
  timeout,           // no answer in time; like `sent`, only a probe tells
};

std::string_view name(FailureClass cls);

struct Failure {
  FailureClass cls = FailureClass::permanent;
  std::string message;  // a sentence without secrets: it goes to the journal and the screen
  std::optional<std::chrono::milliseconds> retry_after{};
};

struct Nothing {};

// A T or a Failure.
template <class T>
class [[nodiscard]] Outcome {
 public:
  Outcome(T value) : either_(std::in_place_index<0>, std::move(value)) {}
  Outcome(Failure failure) : either_(std::in_place_index<1>, std::move(failure)) {}
  bool ok() const { return either_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T& value() { return std::get<0>(either_); }
  const T& value() const { return std::get<0>(either_); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T& operator*() { return value(); }
  const T& operator*() const { return value(); }
  Failure& error() { return std::get<1>(either_); }
  const Failure& error() const { return std::get<1>(either_); }

 private:
  std::variant<T, Failure> either_;
};

}  // namespace lab::engine
