#include "compiler/session/parse_cache.h"

#include "compiler/syntax/parse.h"

namespace lab::session {

using source::Symbol;

namespace {

/// The same text in another table.
class Renumbering {
 public:
  Renumbering(const source::Symbols& from, source::Symbols& to) : from_(from), to_(to), known_(from.size()) {}
  void operator()(Symbol& s) {
    if (s == Symbol::empty) return;
    Symbol& known = known_[static_cast<std::uint32_t>(s)];
    if (known == Symbol::empty) known = to_.intern(from_.text(s));
    s = known;
  }

 private:
  const source::Symbols& from_;
  source::Symbols& to_;
  std::vector<Symbol> known_;
};

void move_to(source::FileId file, source::Span& span) {
  if (span.valid()) span.file = file;
}

}  // namespace

syntax::Tree ParseCache::parse(const source::Sources& sources, source::FileId file, source::Symbols& symbols,
                               diagnostics::Sink& sink) {
  std::unique_ptr<Kept>& kept = files_[sources.path(file)];
  if (kept == nullptr || kept->text != sources.text(file)) {
    kept = std::make_unique<Kept>();
    kept->text = sources.text(file);
    diagnostics::Sink own;
    kept->tree = syntax::parse(sources, file, kept->symbols, own);
    kept->diagnostics = own.all();
  }
  syntax::Tree tree = kept->tree;
  Renumbering renumber(kept->symbols, symbols);
  for (syntax::Node& node : tree.nodes) {
    renumber(node.text);
    renumber(node.text2);
  }
  for (syntax::Doc& doc : tree.docs) renumber(doc.text);
  for (diagnostics::Diagnostic d : kept->diagnostics) {
    // The file may have another number among the files of now.
    move_to(file, d.primary);
    for (diagnostics::Label& label : d.labels) move_to(file, label.span);
    for (diagnostics::Fix& fix : d.fixes)
      for (diagnostics::Edit& edit : fix.edits) move_to(file, edit.span);
    sink.report(std::move(d));
  }
  return tree;
}

}  // namespace lab::session
