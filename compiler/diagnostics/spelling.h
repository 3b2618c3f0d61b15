// Words that the renderers share.
#pragma once
#include <string_view>

#include "compiler/diagnostics/diagnostic.h"

namespace lab::diagnostics {

/// As rustc's JSON spells it.
[[nodiscard]] constexpr std::string_view spelled(Applicability applicability) {
  switch (applicability) {
    case Applicability::machine:
      return "machine-applicable";
    case Applicability::maybe:
      return "maybe-incorrect";
    case Applicability::placeholders:
      break;
  }
  return "has-placeholders";
}

}  // namespace lab::diagnostics
