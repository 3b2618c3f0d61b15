// Any bytes as a file: the parser always yields a tree.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "compiler/syntax/parse.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  lab::source::Sources sources;
  lab::source::Symbols symbols;
  lab::diagnostics::Sink sink;
  const auto file = sources.add("fuzz.lab", std::string(reinterpret_cast<const char*>(data), size));
  const lab::syntax::Tree tree = lab::syntax::parse(sources, file, symbols, sink);
  if (tree.nodes.empty() || tree.nodes[0].size != tree.nodes.size()) std::abort();
  return 0;
}
