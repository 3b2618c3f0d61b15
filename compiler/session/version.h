// Which labc this is.
#pragma once
#include <string>
#include <string_view>

namespace lab::session {

/// `0.1.0`.
[[nodiscard]] constexpr std::string_view version() {
  return LAB_VERSION;
}

/// What tells this program from any other, also of the same version: the build ids (ld(1), `--build-id`) of
/// it and of all libraries that it has loaded. Empty when the program itself has none.
[[nodiscard]] std::string program_id();

}  // namespace lab::session
