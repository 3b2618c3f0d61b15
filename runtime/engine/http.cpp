#include "runtime/engine/http.h"

#include <algorithm>

namespace lab::engine {

std::optional<std::string_view> header(const Headers& headers, std::string_view name) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
  const auto found = std::ranges::find_if(
      headers, [&](const Header& each) { return std::ranges::equal(each.first, name, {}, lower, lower); });
  if (found == headers.end()) return std::nullopt;
  return found->second;
}

}  // namespace lab::engine
