#include <unistd.h>

#include <cstdio>
#include <string>

#include "compiler/diagnostics/render.h"
#include "compiler/session/session.h"

int main(int argc, char** argv) {
  using namespace lab;
  const std::string command = argc > 1 ? argv[1] : "";
  session::Request request;
  if (argc > 2) request.folder = argv[argc - 1];
  const auto files = source::real_file_system();
  const auto snapshot = session::compile(*files, request);
  if (command == "eval" && argc > 3) {
    const eval::Value v = snapshot->evaluate(argv[2]);
    std::printf("%s\n", snapshot->evaluation->display(v).c_str());
  }
  snapshot->sink.sort();
  for (const auto& d : snapshot->sink.all()) std::fputs(diagnostics::render_text(d, snapshot->sources, {isatty(2) != 0, 120}).c_str(), stderr);
  std::fprintf(stderr, "%s\n", diagnostics::summary(snapshot->sink.all()).c_str());
  return snapshot->sink.has_errors() ? 1 : 0;
}
