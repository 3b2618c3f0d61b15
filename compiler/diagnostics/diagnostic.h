// One diagnostic as data; the renderers know how it looks.
#pragma once
#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "compiler/diagnostics/code.h"
#include "compiler/source/span.h"

namespace lab::diagnostics {

/// How sure a fix is, as rustc counts it.
enum class Applicability : std::uint8_t { machine, maybe, placeholders };

struct Edit {
  source::Span span;  // empty: an insertion
  std::string text;
};

struct Fix {
  std::string title;  // "write `run = media-user`"
  Applicability applicability = Applicability::machine;
  std::vector<Edit> edits;  // empty: advice in words alone
};

struct Label {
  source::Span span;
  std::string text;
};

/// Message: stands alone, lower case, no full stop. Primary label: makes sense alone in an editor.
struct Diagnostic {
  Code code{};
  Severity severity{};
  std::string message;
  source::Span primary;
  std::string label;
  std::vector<Label> labels;  // secondary places: the value, the rule that demands it
  std::vector<std::string> notes;
  std::vector<Fix> fixes;

  Diagnostic& at(source::Span span, std::string text) {
    labels.push_back({span, std::move(text)});
    return *this;
  }
  Diagnostic& note(std::string text) {
    notes.push_back(std::move(text));
    return *this;
  }
  Diagnostic& help(Fix fix) {
    fixes.push_back(std::move(fix));
    return *this;
  }
  /// One edit: replaces `span` by `text`.
  Diagnostic& replace(source::Span span, std::string text, std::string title,
                      Applicability applicability = Applicability::machine) {
    return help({std::move(title), applicability, {{span, std::move(text)}}});
  }
};

/// Builds a diagnostic with the registry's severity.
/// Example: `sink.report(make(Code::unclosed_brace, span, "never closed", "unclosed `{{`"))`.
template <class... Args>
Diagnostic make(Code code, source::Span primary, std::string label, fmt::format_string<Args...> message,
                Args&&... args) {
  Diagnostic d;
  d.code = code;
  d.severity = info(code).severity;
  d.message = fmt::format(message, std::forward<Args>(args)...);
  d.primary = primary;
  d.label = std::move(label);
  return d;
}

}  // namespace lab::diagnostics
