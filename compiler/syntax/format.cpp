#include "compiler/syntax/format.h"

#include "compiler/syntax/parse.h"

namespace lab::syntax {

std::optional<std::string> format(std::string_view text) {
  source::Sources sources;
  source::Symbols symbols;
  diagnostics::Sink sink;
  const source::FileId file = sources.add_view("", text);
  parse(sources, file, symbols, sink);
  if (sink.has_errors()) return std::nullopt;
  return std::string(text);
}

}  // namespace lab::syntax
