// The pages of docs/diagnostics, built into the program.
#pragma once
#include <string_view>

#include "compiler/diagnostics/code.h"

namespace lab::diagnostics {

/// The page of a code, Markdown; empty when it has none (a test keeps that from happening).
[[nodiscard]] std::string_view explanation(Code code);

}  // namespace lab::diagnostics
