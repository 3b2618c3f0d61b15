// A resource with everything it has, as Lab text.
#pragma once
#include <string>

#include "compiler/session/session.h"

namespace lab::session {

/// A value as a person writes it, one field a line where that does not fit one; computed fields of the record
/// stand last, below `// computed`. Secrets are `a secret`, never their text.
[[nodiscard]] std::string show(Snapshot& snapshot, const eval::Value& value);

}  // namespace lab::session
