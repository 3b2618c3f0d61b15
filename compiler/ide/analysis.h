// One compilation of a lab as editors ask about it: which declaration stands behind each place.
//
// All queries of this folder are plain functions of an Analysis and byte offsets; they know no protocol.
// A query may evaluate fields that nothing has read yet. What that reports is dropped: the diagnostics of a
// lab are those in `diagnostics`.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/diagnostics/diagnostic.h"
#include "compiler/session/session.h"

namespace lab::ide {

using names::NodeRef;
using source::FileId;
using source::Span;

/// A name in the lab's own files and the declaration it means.
struct Reference {
  Span span;           // of the name alone
  NodeRef node = 0;    // that holds it
  NodeRef target = 0;  // the declaration
  Span target_name;    // the declaration's own name: two references are to one thing when these are equal
  bool declaration = false;
  eval::Res res = eval::Res::none;
};

class Analysis {
 public:
  /// Takes a compilation made with `Request::record_uses` and lowers it, so that `diagnostics` are those
  /// of `labc check`, in its order.
  explicit Analysis(std::unique_ptr<session::Snapshot> snapshot);

  [[nodiscard]] session::Snapshot& snapshot() const { return *snapshot_; }
  [[nodiscard]] eval::Evaluation& evaluation() const { return *snapshot_->evaluation; }
  [[nodiscard]] const names::Program& program() const { return *snapshot_->program; }
  [[nodiscard]] std::string_view text(source::Symbol s) const { return snapshot_->symbols.text(s); }
  [[nodiscard]] std::string_view text(FileId file) const { return snapshot_->sources.text(file); }
  [[nodiscard]] std::string_view doc(NodeRef n) const { return text(program().doc(n)); }
  [[nodiscard]] const std::vector<diagnostics::Diagnostic>& diagnostics() const { return diagnostics_; }
  /// False when the folder could not be read: there is nothing to ask then.
  [[nodiscard]] bool ready() const { return snapshot_->evaluation != nullptr; }

  /// The lab's own files.
  [[nodiscard]] const std::vector<FileId>& files() const { return files_; }
  /// By path relative to the lab.
  [[nodiscard]] std::optional<FileId> file(std::string_view path) const;
  /// The File node of one of the lab's own files.
  [[nodiscard]] NodeRef root(FileId file) const;
  /// Whether a file was read whole.
  [[nodiscard]] bool damaged(FileId file) const;

  /// All names of the lab's own files, ordered by place; made when first asked.
  [[nodiscard]] const std::vector<Reference>& references() const;
  /// The name that stands at an offset, or ends there.
  [[nodiscard]] const Reference* reference_at(FileId file, std::uint32_t offset) const;
  /// The nodes around an offset from the File inwards, those that end there too.
  [[nodiscard]] std::vector<NodeRef> path_to(FileId file, std::uint32_t offset) const;
  /// The name of a declaration, without quotes; the whole header where it has none.
  [[nodiscard]] Span name_of(NodeRef declaration) const;
  /// The value that a chain of entries, a resource first, came to; nothing where it yields none or several.
  [[nodiscard]] std::optional<eval::Value> value_of(const std::vector<NodeRef>& entries) const;
  /// The Entries of a path, the outermost first.
  [[nodiscard]] std::vector<NodeRef> entries(const std::vector<NodeRef>& path) const;
  /// The resources that a declaration yields.
  [[nodiscard]] std::vector<eval::Record*> resources_of(NodeRef entry) const;
  /// What an expression comes to that needs nothing bound around it.
  [[nodiscard]] std::optional<eval::Value> constant(NodeRef expression) const;

 private:
  std::unique_ptr<session::Snapshot> snapshot_;
  std::vector<diagnostics::Diagnostic> diagnostics_;
  std::vector<FileId> files_;
  std::vector<NodeRef> roots_;
  mutable std::vector<Reference> references_;
  mutable bool indexed_ = false;
};

}  // namespace lab::ide
