#include "compiler/diagnostics/pages.h"

#include <algorithm>

#include "compiler/source/embedded.h"

namespace lab::embedded {
std::span<const source::Embedded> diagnostic_pages();
}

namespace lab::diagnostics {

std::string_view explanation(Code code) {
  const auto pages = embedded::diagnostic_pages();
  const std::string file = spelled(code) + ".md";
  const auto found = std::ranges::find(pages, file, &source::Embedded::name);
  return found == pages.end() ? std::string_view() : found->bytes;
}

}  // namespace lab::diagnostics
