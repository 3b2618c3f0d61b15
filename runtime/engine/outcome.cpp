#include "runtime/engine/outcome.h"

#include <array>

namespace lab::engine {

std::string_view name(FailureClass cls) {
  constexpr std::array<std::string_view, 11> names = {
      "not-sent", "sent",     "rate-limited", "retryable-server", "permanent", "auth",
      "tls",      "conflict", "foreign",      "cancelled",        "timeout"};
  return names[static_cast<std::size_t>(cls)];
}

}  // namespace lab::engine
