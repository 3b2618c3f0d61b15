// What commands that compile a lab have in common.
#pragma once
#include <memory>

#include "compiler/cli/commands.h"
#include "compiler/session/session.h"

namespace lab::cli {

/// The request that LAB, `--env` and `--set` make; nothing, with words said, when they are no request.
[[nodiscard]] bool make_request(const Arguments& arguments, Terminal& terminal, session::Request& into);
/// Compiles with `--deny` applied; null, with words said, when there is no such folder.
[[nodiscard]] std::unique_ptr<session::Snapshot> compile(const Arguments& arguments, Terminal& terminal,
                                                         const source::FileSystem& files);
/// Sorted diagnostics to standard error, with the count of them.
void show_diagnostics(session::Snapshot& snapshot, Terminal& terminal);

}  // namespace lab::cli
