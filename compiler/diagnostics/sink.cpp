#include "compiler/diagnostics/sink.h"

#include <algorithm>

namespace lab::diagnostics {

Diagnostic& Sink::report(Diagnostic d) {
  const bool repeated = d.primary.valid() ? !seen_.emplace(d.primary, d.code).second
                                          : std::ranges::any_of(diagnostics_, [&](const Diagnostic& other) {
                                              return other.code == d.code && !other.primary.valid() &&
                                                     other.message == d.message;
                                            });
  if (repeated) return scratch_ = std::move(d);
  if ((deny_warnings_ && d.severity == Severity::warning) || denied_.contains(d.code)) d.severity = Severity::error;
  if (d.severity == Severity::error) ++errors_;
  return diagnostics_.emplace_back(std::move(d));
}

void Sink::sort() {
  std::ranges::stable_sort(diagnostics_, {}, [](const Diagnostic& d) {
    return std::tuple(d.primary.file, d.primary.begin, d.primary.end, info(d.code).number);
  });
}

void Sink::clear() {
  diagnostics_.clear();
  seen_.clear();
  errors_ = 0;
}

}  // namespace lab::diagnostics
