// English of messages.
#pragma once
#include <string>
#include <string_view>

namespace lab::diagnostics {

/// `an app`, `a vm`: names of kinds and types with their article. Those that begin with `u` (`ups`, `url`)
/// are spoken with a consonant.
[[nodiscard]] inline std::string with_article(std::string_view noun) {
  const bool vowel = !noun.empty() && std::string_view("aeio").find(noun.front()) != std::string_view::npos;
  return std::string(vowel ? "an " : "a ").append(noun);
}

}  // namespace lab::diagnostics
