// File URIs (RFC 8089, RFC 3986 §2.1) and paths.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace lab::lsp {

/// The path of a `file:` URI, percent-decoded, without `.` and `..`; nothing for other schemes.
[[nodiscard]] std::optional<std::string> path_of(std::string_view uri);
/// The `file:` URI of an absolute path.
[[nodiscard]] std::string uri_of(std::string_view path);

}  // namespace lab::lsp
