// The renderings of diagnostics: terminal text, JSON lines, SARIF. (LSP stands in lsp/.)
#pragma once
#include <span>
#include <string>

#include "compiler/diagnostics/diagnostic.h"
#include "compiler/source/sources.h"

namespace lab::diagnostics {

struct TextOptions {
  bool colour = false;
  std::uint32_t width = 100;  // columns of the terminal; long source lines are cut around the span
};

/// As rustc shows it: message, places with source lines, notes, help with edits, `labc explain`.
std::string render_text(const Diagnostic& d, const source::Sources& sources, const TextOptions& options);
/// "2 errors, 1 warning", or "" for none.
std::string summary(std::span<const Diagnostic> all);
/// One JSON object without line break, as docs/architecture.md's interfaces fix it: code, severity,
/// message, file, range{start{line,character},end}, labels[], notes[], fixes[]. UTF-16 columns, 0-based.
std::string render_json(const Diagnostic& d, const source::Sources& sources);
/// A whole SARIF 2.1.0 log.
std::string render_sarif(std::span<const Diagnostic> all, const source::Sources& sources);

}  // namespace lab::diagnostics
