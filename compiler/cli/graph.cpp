#include "compiler/session/graph.h"

#include "compiler/cli/compile.h"

namespace lab::cli {

int run_graph(const Arguments& arguments, Terminal& terminal) {
  const auto files = source::real_file_system();
  session::Snapshot* const snapshot = compile(arguments, terminal, *files);
  if (snapshot == nullptr) return usage_or_io;
  if (!snapshot->complete) {
    show_diagnostics(*snapshot, terminal);
    return errors_found;
  }
  const session::Graph graph = session::graph(*snapshot);
  terminal.out(arguments.format == "svg"    ? session::render_svg(graph)
               : arguments.format == "json" ? session::render_graph_json(graph)
                                            : session::render_dot(graph));
  return success;
}

}  // namespace lab::cli
