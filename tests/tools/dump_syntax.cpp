// dump_syntax [--tree|--tokens|--format|--report|--time] FILE…: what the reader makes of a file.
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

#include "compiler/diagnostics/render.h"
#include "compiler/syntax/format.h"
#include "compiler/syntax/parse.h"

using namespace lab;

namespace {

void print(const syntax::Tree& tree, const source::Symbols& symbols, std::uint32_t at, int depth) {
  const syntax::Node& n = tree.nodes[at];
  std::printf("%*s%s", depth * 2, "", std::string(syntax::name(n.kind)).c_str());
  if (n.text != source::Symbol::empty) std::printf(" \"%s\"", std::string(symbols.text(n.text)).c_str());
  if (n.text2 != source::Symbol::empty) std::printf(" \"%s\"", std::string(symbols.text(n.text2)).c_str());
  if (n.op != 0) std::printf(" op=%u", n.op);
  if (n.clauses != 0) std::printf(" clauses=%u", n.clauses);
  if (n.flags != 0) std::printf(" flags=%u", n.flags);
  std::printf(" [%u,%u)\n", n.begin, n.end);
  for (const std::uint32_t c : syntax::Children(tree.nodes.data(), at)) print(tree, symbols, c, depth + 1);
}

}  // namespace

int main(int argc, char** argv) {
  const char* mode = "";
  source::Sources sources;
  source::Symbols symbols;
  diagnostics::Sink sink;
  for (int i = 1; i < argc; ++i) {
    if (std::strncmp(argv[i], "--", 2) == 0) {
      mode = argv[i];
      continue;
    }
    std::ifstream in(argv[i], std::ios::binary);
    std::stringstream buffer;
    buffer << in.rdbuf();
    const source::FileId file = sources.add(argv[i], buffer.str());
    const std::string_view text = sources.text(file);
    if (std::strcmp(mode, "--tokens") == 0) {
      for (const syntax::Token& t : syntax::tokens(text)) {
        std::printf("%s %s\n", std::string(t.kind).c_str(),
                    std::string(text.substr(t.begin, t.end - t.begin)).c_str());
      }
    } else if (std::strcmp(mode, "--format") == 0) {
      const auto formatted = syntax::format(text);
      std::fputs(formatted ? formatted->c_str() : "(errors)\n", stdout);
    } else if (std::strcmp(mode, "--report") == 0) {
      const syntax::GrammarReport r = syntax::grammar_report(text);
      std::printf("%s: %zu errors, %zu ambiguities, %zu full-context\n", argv[i], r.errors, r.ambiguities,
                  r.full_context);
    } else {
      const auto start = std::chrono::steady_clock::now();
      const syntax::Tree tree = syntax::parse(sources, file, symbols, sink);
      const auto end = std::chrono::steady_clock::now();
      if (std::strcmp(mode, "--time") == 0) {
        std::printf("%s: %zu bytes, %zu nodes, %.2f ms\n", argv[i], text.size(), tree.nodes.size(),
                    std::chrono::duration<double, std::milli>(end - start).count());
      }
      if (std::strcmp(mode, "--tree") == 0) print(tree, symbols, 0, 0);
    }
  }
  sink.sort();
  for (const auto& d : sink.all()) std::fputs(diagnostics::render_text(d, sources, {}).c_str(), stdout);
  return sink.has_errors() ? 1 : 0;
}
