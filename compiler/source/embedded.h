// Files built into the program by lab_embed() (cmake/embed.cmake).
#pragma once
#include <span>
#include <string_view>

namespace lab::source {

/// One file: its path below the embedded folder, with `/`, and its bytes. Tables are sorted by name.
struct Embedded {
  std::string_view name;
  std::string_view bytes;
};

}  // namespace lab::source
