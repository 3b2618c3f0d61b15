// LAB0329: who says where another workload is calls it too. Facts of the evaluator, told as data.
#pragma once
#include <span>
#include <string>

#include "compiler/checks/context.h"

namespace lab::checks {

/// A workload that names the place of another and has no flow to it.
struct MissingCall {
  std::string_view reader, target;
  Span at;           // where it says so: `plex.internal-url`
  std::string call;  // what `calls` lacks: `plex.http`
  Span list;         // the start of the list it goes into, inside of its bracket; invalid without one
  Span body;         // the closing brace of the reader, when it has no `calls` of its own; invalid otherwise
};

/// A warning for each, with the edit that adds the call.
void missing_calls(std::span<const MissingCall> missing, Context& context);

}  // namespace lab::checks
