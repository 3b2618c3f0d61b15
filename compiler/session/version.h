// Which labc this is.
#pragma once
#include <string_view>

namespace lab::session {

/// `0.1.0`.
[[nodiscard]] constexpr std::string_view version() {
  return LAB_VERSION;
}

}  // namespace lab::session
