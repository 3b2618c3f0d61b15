// From the evaluated lab to the model: every resource in the store of its kind, every field read once.
#pragma once
#include "compiler/document/document.h"
#include "compiler/eval/evaluation.h"
#include "compiler/model/lab.h"
#include "compiler/source/symbols.h"

namespace lab::model {

/// Builds the model. Reading a field evaluates it, so this is where errors of values are reported; a field
/// with an error has its struct's own default and says nothing more. Free-form data goes into `arena`. Views
/// into the result's texts live as long as the evaluation, the symbols and the arena.
Lab build(eval::Evaluation& evaluation, document::Arena& arena, const source::Symbols& symbols);

/// A value as ends of flows, for questions that an expression asks about a lab that was built: `sonarr`,
/// `[plex.http, homelab.api]`, `internet`. What is no end of a flow is left out.
List<Endpoint> read_endpoints(eval::Evaluation& evaluation, document::Arena& arena,
                              const source::Symbols& symbols, const eval::Value& value);
/// A value as a port, likewise: `tcp/443`, `8080`.
PortSpec read_port(eval::Evaluation& evaluation, document::Arena& arena, const source::Symbols& symbols,
                   const eval::Value& value);

}  // namespace lab::model
