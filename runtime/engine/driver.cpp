#include "runtime/engine/driver.h"

#include <array>

namespace lab::engine {

std::string_view name(Found found) {
  constexpr std::array<std::string_view, 6> names = {"absent",      "same",    "different",
                                                     "in-progress", "partial", "foreign"};
  return names[static_cast<std::size_t>(found)];
}

}  // namespace lab::engine
