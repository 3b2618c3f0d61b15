// The file in an output folder that remembers which files builds wrote, and how they are read again.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/emit/tree.h"

namespace lab::emit {

/// Where changed files wait until all of them are on the disk.
inline constexpr const char* staging_name = ".lab-staging";

/// Whether a path leads to a file below the output folder that a build may write.
[[nodiscard]] bool is_safe(std::string_view path);
/// The manifest of these outputs.
[[nodiscard]] std::string manifest_of(const std::vector<Output>& outputs);
/// Adds the paths of a manifest that are safe.
void parse_manifest(std::string_view text, std::vector<std::string>& into);
/// The bytes of a file, in `buffer`, which only grows. Nothing, with errno, when it cannot be read or is no
/// regular file; never waits for a pipe, never follows a link.
[[nodiscard]] std::optional<std::string_view> read_whole(int folder, const char* name, std::string& buffer);

}  // namespace lab::emit
