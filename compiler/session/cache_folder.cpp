#include "compiler/session/cache_folder.h"

#include <fmt/format.h>

#include <cstdlib>

namespace lab::session {

std::string cache_folder() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && cache[0] == '/') return fmt::format("{}/lab", cache);
  const char* home = std::getenv("HOME");
  if (home == nullptr || home[0] != '/') return {};
  return fmt::format("{}/.cache/lab", home);
}

std::string cache_folder(std::string_view name) {
  const std::string base = cache_folder();
  return base.empty() ? base : fmt::format("{}/{}", base, name);
}

}  // namespace lab::session
