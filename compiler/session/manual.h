// The reference of all kinds and types of the standard library, from their declarations.
#pragma once
#include <string>
#include <vector>

namespace lab::session {

/// One page: an area of the standard library.
struct Page {
  std::string name;  // "core/apps"
  std::string text;  // Markdown
};

[[nodiscard]] std::vector<Page> manual();

}  // namespace lab::session
