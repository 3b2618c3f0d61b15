#include "compiler/session/version.h"

#include <fmt/format.h>

#include "compiler/cli/commands.h"

namespace lab::cli {

int run_version(const Arguments&, Terminal& terminal) {
  terminal.out(fmt::format("labc {}\n", session::version()));
  return success;
}

}  // namespace lab::cli
