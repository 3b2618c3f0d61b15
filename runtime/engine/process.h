// Programs run beside the loop.
#pragma once

#include "runtime/engine/loop.h"

namespace lab::engine {

// Starts the program without a shell, in a process group of its own (an interrupt of the terminal is labrun's
// to deal with), with a minimal environment: PATH, HOME and LANG=C, and what the program is given. At most 1
// MiB of each output is kept. Failure: not_sent when it cannot be started, timeout after killing its group.
// Cancelling kills it too.
Task<Outcome<Exited>> run_program(Loop& loop, Program program);

}  // namespace lab::engine
