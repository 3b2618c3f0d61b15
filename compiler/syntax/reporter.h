// Where the reader's phases report: one error a line, at most twenty a file.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "compiler/diagnostics/sink.h"
#include "compiler/source/sources.h"

namespace lab::syntax {

class Reporter {
 public:
  static constexpr int max_errors = 20;

  Reporter(std::string_view text, source::FileId file, diagnostics::Sink& sink)
      : text_(text), file_(file), sink_(sink) {}

  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] source::Span span(std::uint32_t begin, std::uint32_t end) const {
    return {file_, begin, end};
  }
  /// Whether the line of this offset has an error already: what follows from it is not said again.
  [[nodiscard]] bool quiet(std::uint32_t offset) const;
  /// Whether as many errors as are worth showing were reported.
  [[nodiscard]] bool full() const { return count_ > max_errors; }
  [[nodiscard]] int count() const { return count_; }
  /// Whatever lies in this range from now on is quiet.
  void quiet_range(std::uint32_t begin, std::uint32_t end) { ranges_.emplace_back(begin, end); }
  /// Drops what is reported from now on: it would follow from the last error.
  void mute() { muted_ = true; }

  /// Reports and quiets the line. The returned diagnostic may be added to.
  template <class... Args>
  diagnostics::Diagnostic& error(diagnostics::Code code, std::uint32_t begin, std::uint32_t end,
                                 std::string label, fmt::format_string<Args...> message, Args&&... args) {
    return add(
        diagnostics::make(code, span(begin, end), std::move(label), message, std::forward<Args>(args)...));
  }

 private:
  diagnostics::Diagnostic& add(diagnostics::Diagnostic d);
  [[nodiscard]] std::uint32_t line_start(std::uint32_t offset) const;

  std::string_view text_;
  source::FileId file_;
  diagnostics::Sink& sink_;
  mutable std::uint32_t seen_ = 0;        // the last offset asked for
  mutable std::uint32_t seen_start_ = 0;  // and where its line begins
  std::vector<std::uint32_t> lines_;      // starts of the lines that have an error
  std::vector<std::pair<std::uint32_t, std::uint32_t>> ranges_;
  int count_ = 0;
  bool muted_ = false;
  diagnostics::Diagnostic dropped_;
};

}  // namespace lab::syntax
