// Build-time tool: parses the standard library and writes its trees as bytes, so that no start of labc
// parses it again. Usage: precompile OUT STDLIB-FOLDER FILE…
#include <cstdio>
#include <string>

#include "compiler/diagnostics/render.h"
#include "compiler/session/precompiled.h"
#include "compiler/source/file_system.h"
#include "compiler/syntax/parse.h"

namespace {

using namespace lab;

void put(std::string& out, const void* data, std::size_t size) { out.append(static_cast<const char*>(data), size); }

void put_count(std::string& out, std::size_t n) {
  const auto count = static_cast<std::uint32_t>(n);
  put(out, &count, sizeof count);
}

void put_text(std::string& out, std::string_view text) {
  put_count(out, text.size());
  out.append(text);
  out.append((4 - out.size() % 4) % 4, '\0');
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const auto files = source::real_file_system();
  source::Sources sources;
  source::Symbols symbols;
  diagnostics::Sink sink;
  std::string trees;
  for (int i = 3; i < argc; ++i) {
    std::string text;
    const std::string path = argv[i];
    if (const auto status = files->read(std::string(argv[2]) + "/" + path, text); !status.ok()) {
      std::fprintf(stderr, "%s\n", status.error.c_str());
      return 2;
    }
    const source::FileId id = sources.add("std/" + path, std::move(text));
    const syntax::Tree tree = syntax::parse(sources, id, symbols, sink);
    put_text(trees, sources.path(id));
    put_text(trees, sources.text(id));
    put_count(trees, tree.nodes.size());
    put(trees, tree.nodes.data(), tree.nodes.size() * sizeof(syntax::Node));
    put_count(trees, tree.docs.size());
    put(trees, tree.docs.data(), tree.docs.size() * sizeof(syntax::Doc));
  }
  for (const auto& d : sink.all()) std::fputs(diagnostics::render_text(d, sources, {}).c_str(), stderr);
  if (sink.has_errors()) return 1;
  std::string out;
  put_count(out, symbols.size());
  for (std::uint32_t i = 0; i < symbols.size(); ++i) put_text(out, symbols.text(static_cast<source::Symbol>(i)));
  put_count(out, static_cast<std::size_t>(argc - 3));
  out += trees;
  const auto status = source::real_file_system()->write(argv[1], out);
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.error.c_str());
  return status.ok() ? 0 : 2;
}
