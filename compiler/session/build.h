// From a checked snapshot to the bytes of every emitted file, and to the disk.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "compiler/emit/render.h"
#include "compiler/emit/tree.h"
#include "compiler/session/report.h"
#include "compiler/session/seal.h"
#include "compiler/session/session.h"

namespace lab::session {

/// What a lab becomes. Refers to the snapshot, which must outlive it.
struct Built {
  document::Bundle bundle;
  emit::Rendered rendered;
  std::string sourcemap;   // sourcemap.json
  std::string build_json;  // build.json
  std::string sealed;      // sealed.json; "" when nothing is encrypted
  std::unique_ptr<Sealing> sealing;  // null without a SealRequest
  Report report;

  /// All files of the tree, by path.
  [[nodiscard]] std::vector<emit::Output> outputs() const;
};

/// Lowers: finds the mistakes that only backends see. Nothing as `build`.
[[nodiscard]] bool lower_lab(Snapshot& snapshot, document::Bundle& into);

/// Lowers and renders. Nothing, with errors in the snapshot's sink, for a lab with errors or one that a
/// backend cannot write. Encrypted files are left out without a `SealRequest`. At most `jobs` threads render.
[[nodiscard]] bool build(Snapshot& snapshot, Built& into, const SealRequest* secrets = nullptr,
                         unsigned jobs = 1);

}  // namespace lab::session
