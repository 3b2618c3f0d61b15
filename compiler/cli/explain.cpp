#include <fmt/format.h>

#include "compiler/cli/commands.h"
#include "compiler/diagnostics/pages.h"

namespace lab::cli {

int run_explain(const Arguments& arguments, Terminal& terminal) {
  const auto code = diagnostics::parse_code(arguments.first);
  if (!code) {
    terminal.complain(
        fmt::format("there is no diagnostic `{}`; codes are written like LAB0102", arguments.first));
    return usage_or_io;
  }
  terminal.out(diagnostics::explanation(*code));
  return success;
}

}  // namespace lab::cli
