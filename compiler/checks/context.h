// What a rule has beside the model: places in the sources, and where to report.
#pragma once
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include "compiler/checks/addresses.h"
#include "compiler/diagnostics/diagnostic.h"
#include "compiler/diagnostics/sink.h"
#include "compiler/model/lab.h"
#include "compiler/source/span.h"

namespace lab::checks {

using diagnostics::Applicability;
using diagnostics::Code;
using diagnostics::Diagnostic;
using diagnostics::make;
using model::Origin;
using source::Span;

/// Where origins stand, as the session knows it.
struct Places {
  /// Place of a value or of a declaration's header; invalid for origin 0.
  std::function<Span(Origin)> span;
  /// Source text of a place.
  std::function<std::string_view(Span)> text;
  /// Whether the file is the lab's own: no edit is offered elsewhere.
  std::function<bool(source::FileId)> editable;
};

class Context {
 public:
  Context(Places places, diagnostics::Sink& sink) : places_(std::move(places)), sink_(sink) {}

  [[nodiscard]] Span span(Origin at) const { return at == 0 ? Span{} : places_.span(at); }
  /// Source text of an origin when an edit may replace it; empty otherwise.
  [[nodiscard]] std::string_view editable_text(Origin at) const;
  /// Whether `a` stands before `b`: by file, then position.
  [[nodiscard]] bool before(Origin a, Origin b) const { return span(a) < span(b); }
  /// Addresses of the lab, collected on first use.
  [[nodiscard]] const Addresses& addresses(const model::Lab& lab);
  Diagnostic& report(Diagnostic d) { return sink_.report(std::move(d)); }
  /// A label at `at`, or a note when it has no place or shares the primary one.
  void label(Diagnostic& d, Origin at, std::string text) const;

 private:
  Places places_;
  diagnostics::Sink& sink_;
  std::unique_ptr<Addresses> addresses_;
};

}  // namespace lab::checks
