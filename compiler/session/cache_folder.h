// Where what can be made again is kept.
#pragma once
#include <string>
#include <string_view>

namespace lab::session {

/// `$XDG_CACHE_HOME/lab`, or `~/.cache/lab` (XDG Base Directory Specification 0.8); empty where neither
/// $XDG_CACHE_HOME nor $HOME is set.
[[nodiscard]] std::string cache_folder();
/// A folder in it; likewise.
[[nodiscard]] std::string cache_folder(std::string_view name);

}  // namespace lab::session
