// The rules of `checks`, run on a snapshot.
#pragma once
#include "compiler/session/session.h"

namespace lab::session {

/// Judges a lab whose values are all right (a refused value would look like an absent one) and hints at what
/// it never reads. Files before `first_of_lab` are the standard library's: no edit is offered there.
void check(Snapshot& snapshot, source::FileId first_of_lab);

}  // namespace lab::session
