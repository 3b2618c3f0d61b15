// Texts in schematics of the Talos image factory, whose YAML is hashed and so must be spelled to the byte.
#pragma once
#include <string>
#include <string_view>

#include "compiler/types/result.h"

namespace lab::types {

/// A one-line text as the factory's YAML library spells it: plain, "double quoted" when a reader would take
/// it for something else than text, 'single quoted' when it clashes with YAML's own signs. A problem where
/// releases of that library disagree (`yes`, `12:30`, `0x1f`) and for anything but printable ASCII.
Result<std::string> schematic_text(std::string_view text);

}  // namespace lab::types
