// The one layout (`labc fmt`).
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace lab::syntax {

/// The formatted text, or nothing when the text has syntax errors (it is then left alone).
/// Idempotent; never loses, adds or moves a comment; changes white space, trailing commas and
/// `f = { … }` to `f { … }` alone.
std::optional<std::string> format(std::string_view text);

}  // namespace lab::syntax
