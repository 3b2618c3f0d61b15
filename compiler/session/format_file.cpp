#include "compiler/session/format_file.h"

#include "compiler/syntax/format.h"
#include "compiler/syntax/parse.h"

namespace lab::session {

void format_file(const std::string& path, std::string text, Formatted& into) {
  const source::FileId file = into.sources.add(path, std::move(text));
  into.text = syntax::format(into.sources.text(file));
  if (into.text) return;
  source::Symbols symbols;
  syntax::parse(into.sources, file, symbols, into.sink);
}

}  // namespace lab::session
