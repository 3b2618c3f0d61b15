// From the typed lab to documents: an explicit list of backends, each a function of the model.
//
// A backend reads the model alone, adds artifacts to the bundle and reports to the sink what it cannot
// write. Every leaf carries the origin of the value it was made of. Backends do not see each other; what
// two of them need stands in a header directly in this folder.
#pragma once
#include <functional>
#include <span>
#include <string_view>

#include "compiler/diagnostics/sink.h"
#include "compiler/document/document.h"
#include "compiler/flows/world.h"
#include "compiler/model/lab.h"
#include "compiler/source/span.h"

namespace lab::lower {

using document::Bundle;
using document::Origin;

struct Options {
  /// Where an origin stands in the lab; an empty span for 0.
  std::function<source::Span(Origin)> locate = [](Origin) { return source::Span{}; };
  /// What talks to what in the lab, which whoever checks it may have found already.
  std::function<const flows::World&()> flows;
};

using Lower = void (*)(const model::Lab& lab, document::Arena& arena, Bundle& bundle, diagnostics::Sink& sink,
                       const Options& options);

struct Backend {
  std::string_view name;
  Lower lower;
};

/// All backends, in the order in which they run.
[[nodiscard]] std::span<const Backend> backends();

/// Runs every backend on a lab without errors. The texts of the bundle are views into the model.
[[nodiscard]] Bundle lower(const model::Lab& lab, diagnostics::Sink& sink, const Options& options);

}  // namespace lab::lower
