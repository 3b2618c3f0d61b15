// Text encodings that requests need.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace lab::drivers {

/// RFC 3986 §2.1: everything but unreserved characters becomes %XX.
std::string percent_encode(std::string_view text);

/// "a=1&b=x%20y" of an object of scalars: true and false become 1 and 0.
std::string form_encode(const nlohmann::json& parameters);

/// A scalar as text: strings without quotes, booleans as 1 and 0.
std::string scalar_text(const nlohmann::json& value);

/// RFC 4648 §4, white space ignored; empty when the text is not base64.
std::string base64_decode(std::string_view text);

/// The bytes that a gzip file (RFC 1952) holds; empty when it is damaged.
std::string gunzip(std::string_view bytes);

/// The file `name` of a tar archive (POSIX ustar); empty when it is not in it.
std::string untar(std::string_view archive, std::string_view name);

/// Whether JSON parses; the value is null when it does not.
bool parse_json(std::string_view text, nlohmann::json& value);

}  // namespace lab::drivers
