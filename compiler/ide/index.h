// Every name of a lab's own files with the declaration it means, from what elaboration and evaluation found.
#pragma once
#include <vector>

#include "compiler/ide/analysis.h"

namespace lab::ide {

/// Ordered by place; of several meanings of one place the first found.
[[nodiscard]] std::vector<Reference> index(const Analysis& analysis);

/// The name that a declaration declares, without quotes; the header of what has no name of its own.
[[nodiscard]] Span name_span(const names::Program& program, const source::Symbols& symbols,
                             NodeRef declaration);

/// Where a variable of `for`, or a parameter of `fn`, that is read at a place is declared; invalid when it
/// is none. The place is in the tree of the file itself, not in a copy.
[[nodiscard]] Span binding(const Analysis& analysis, Span use, NodeRef& declaration);

}  // namespace lab::ide
