// The rules of `checks`, run on a snapshot.
#pragma once
#include "compiler/session/session.h"

namespace lab::session {

/// Judges a lab whose values are all right (a refused value would look like an absent one) and hints at what
/// it never reads. Edits are offered in the lab's own files, those from `first` to before `end`.
void check(Snapshot& snapshot, source::FileId first, source::FileId end);

}  // namespace lab::session
