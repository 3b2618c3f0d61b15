// Where things are: definitions, references, symbols, links, folds; and renaming.
#pragma once
#include <string>
#include <variant>
#include <vector>

#include "compiler/ide/analysis.h"

namespace lab::ide {

/// The names of the declarations that the name at an offset means; of a declaration its own.
[[nodiscard]] std::vector<Span> definitions(const Analysis& analysis, FileId file, std::uint32_t offset);
/// Whether an offset is in the body of an environment or a test, which only a compilation with it reads.
[[nodiscard]] bool in_changes(const Analysis& analysis, FileId file, std::uint32_t offset);

/// Compilations of the same texts with the lab's environments and tests.
using Variants = std::vector<std::shared_ptr<Analysis>>;
/// All names that mean what the name at an offset means, ordered by place, those in `variants` too.
[[nodiscard]] std::vector<Reference> references(const Analysis& analysis, const Variants& variants,
                                                FileId file, std::uint32_t offset, bool with_declaration);

enum class SymbolKind : std::uint8_t {
  resource,
  block,
  constant,
  parameter,
  function,
  type,
  kind,
  environment,
  test
};
struct Symbol {
  std::string name, detail;  // "sonarr", "app in media"
  SymbolKind kind{};
  Span whole, selection;
  std::vector<Symbol> children;
};
/// What a file declares, with labelled blocks inside.
[[nodiscard]] std::vector<Symbol> symbols(const Analysis& analysis, FileId file);

struct Link {
  Span span;         // the path, without quotes
  std::string path;  // relative to the lab
};
/// Files that a file names: `text("x.conf")`.
[[nodiscard]] std::vector<Link> links(const Analysis& analysis, FileId file);

/// What `prepareRename` answers: the name and its place, or why it cannot be renamed.
struct Renaming {
  Span span;
  std::string name;
};
[[nodiscard]] std::variant<Renaming, std::string> prepare_rename(const Analysis& analysis, FileId file,
                                                                 std::uint32_t offset);
/// The edits of a renaming, ordered by place, or why it cannot be.
[[nodiscard]] std::variant<std::vector<diagnostics::Edit>, std::string> rename(const Analysis& analysis,
                                                                               const Variants& variants,
                                                                               FileId file,
                                                                               std::uint32_t offset,
                                                                               const std::string& name);

}  // namespace lab::ide
