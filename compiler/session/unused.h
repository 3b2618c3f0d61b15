// What a lab declares and never reads, for hints.
#pragma once
#include <vector>

#include "compiler/checks/hints.h"
#include "compiler/eval/evaluation.h"
#include "compiler/source/symbols.h"

namespace lab::session {

/// The `let`s at the top of the lab's own files whose name stands nowhere else, in no branch, environment or
/// test. In order of declaration.
std::vector<checks::Unused> unused(eval::Evaluation& evaluation, const source::Symbols& symbols);

}  // namespace lab::session
