// Where phases report. Collects, drops repetitions, sorts.
#pragma once
#include <set>
#include <tuple>
#include <vector>

#include "compiler/diagnostics/diagnostic.h"

namespace lab::diagnostics {

class Sink {
 public:
  /// Keeps `d` unless one with the same code and primary span stands already.
  /// Returns the kept diagnostic to add labels to, or a scratch one.
  Diagnostic& report(Diagnostic d);
  [[nodiscard]] const std::vector<Diagnostic>& all() const { return diagnostics_; }
  [[nodiscard]] bool has_errors() const { return errors_ > 0; }
  [[nodiscard]] std::size_t errors() const { return errors_; }
  /// From now on diagnostics of this code, or all warnings, count as errors (`--deny`).
  void deny(Code code) { denied_.insert(code); }
  void deny_warnings() { deny_warnings_ = true; }
  /// By file, position, code; stable.
  void sort();
  void clear();

 private:
  std::vector<Diagnostic> diagnostics_;
  std::set<std::tuple<source::Span, Code>> seen_;
  std::set<Code> denied_;
  bool deny_warnings_ = false;
  std::size_t errors_ = 0;
  Diagnostic scratch_;
};

}  // namespace lab::diagnostics
