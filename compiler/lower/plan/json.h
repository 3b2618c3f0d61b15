// Documents as JSON values. Inside of this folder only.
#pragma once
#include "compiler/document/document.h"
#include "runtime/plan/plan.h"

namespace lab::lower::plan {

/// The same data; a plain scalar is the number it spells, else a string.
[[nodiscard]] ::lab::plan::Json to_json(const document::Node& node);

/// What `canonical` of runtime/plan makes of the same data, whose numbers are integers.
[[nodiscard]] std::string canonical(const document::Node& node);

}  // namespace lab::lower::plan
