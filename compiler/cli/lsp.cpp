#include "compiler/lsp/lsp.h"

#include "compiler/cli/commands.h"

namespace lab::cli {

int run_lsp(const Arguments&, Terminal&) {
  return lsp::serve();
}

}  // namespace lab::cli
