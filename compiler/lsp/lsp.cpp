#include "compiler/lsp/lsp.h"

#include <unistd.h>

#include "compiler/lsp/server.h"

namespace lab::lsp {

int serve() {
  const auto files = source::real_file_system();
  Server server(STDIN_FILENO, STDOUT_FILENO, *files);
  return server.run();
}

}  // namespace lab::lsp
