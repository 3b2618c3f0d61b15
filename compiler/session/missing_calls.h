// Which workloads say where another is and do not call it.
#pragma once
#include <vector>

#include "compiler/checks/missing_calls.h"
#include "compiler/session/session.h"

namespace lab::session {

/// In the order in which the places were read, each pair once; only what the lab's own files say.
[[nodiscard]] std::vector<checks::MissingCall> missing_calls(const Snapshot& snapshot);

}  // namespace lab::session
