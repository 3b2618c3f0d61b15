// Where fields were given their values: what `labc why` follows.
#pragma once
#include <vector>

#include "compiler/eval/evaluation.h"

namespace lab::eval {

/// The entries, clauses and expressions that were joined to a field, in their order; the default of its
/// declaration when there are none.
[[nodiscard]] std::vector<Origin> contributions(const Evaluation& evaluation, const Record& record,
                                                std::uint32_t field);

}  // namespace lab::eval
