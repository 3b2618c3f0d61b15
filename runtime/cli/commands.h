// One function a command; each returns the exit code.
#pragma once

#include "runtime/cli/session.h"

namespace lab::labrun {

int run_preview(const Options& options, Terminal& terminal);
int run_apply(const Options& options, Terminal& terminal);
int run_drift(const Options& options, Terminal& terminal);
int run_destroy(const Options& options, Terminal& terminal);
int run_adopt(const Options& options, Terminal& terminal);
int run_simulate(const Options& options, Terminal& terminal);
int run_status(const Options& options, Terminal& terminal);
int run_log(const Options& options, Terminal& terminal);

}  // namespace lab::labrun
