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

}  // namespace lab::model
