// Text as JSON writes it.
#pragma once
#include <string>
#include <string_view>

namespace lab::document {

/// Appends `text` as a string of JSON (RFC 8259 §7): quotes, backslashes and controls are escaped, by their
/// short forms where there are some; the rest is UTF-8.
void append_json_string(std::string_view text, std::string& out);
/// Whether `text` stands between the quotes as it is.
[[nodiscard]] bool is_plain_json(std::string_view text);

}  // namespace lab::document
