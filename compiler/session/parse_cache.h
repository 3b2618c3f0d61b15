// Trees of texts that were parsed before: an editor changes one file of a lab and compiles all of it.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compiler/diagnostics/sink.h"
#include "compiler/source/sources.h"
#include "compiler/source/symbols.h"
#include "compiler/syntax/ast.h"

namespace lab::session {

class ParseCache {
 public:
  /// As `syntax::parse`: the same tree and diagnostics, whatever was parsed before. One text is kept a path.
  syntax::Tree parse(const source::Sources& sources, source::FileId file, source::Symbols& symbols,
                     diagnostics::Sink& sink);

 private:
  struct Kept {
    std::string text;
    source::Symbols symbols;  // what the numbers in `tree` mean
    syntax::Tree tree;
    std::vector<diagnostics::Diagnostic> diagnostics;
  };
  std::map<std::string, std::unique_ptr<Kept>> files_;
};

}  // namespace lab::session
