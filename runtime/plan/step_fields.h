// `key` and `desired` of a step against the table of kinds. Private to runtime/plan.
#pragma once
#include <functional>

#include "runtime/plan/reader.h"

namespace lab::plan {

/// Checks an object against the fields of its kind; `on_reference` is told of each reference and its place.
void check_fields(const Json& object, const std::string& at, std::span<const Field> fields, Reader& reader,
                  const std::function<void(const Reference&, const std::string& at)>& on_reference);

}  // namespace lab::plan
