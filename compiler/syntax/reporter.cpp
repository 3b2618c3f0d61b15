#include "compiler/syntax/reporter.h"

#include <algorithm>

namespace lab::syntax {

std::uint32_t Reporter::line_start(std::uint32_t offset) const {
  const std::size_t at = offset == 0 ? std::string_view::npos : text_.rfind('\n', offset - 1);
  return at == std::string_view::npos ? 0 : static_cast<std::uint32_t>(at) + 1;
}

bool Reporter::quiet(std::uint32_t offset) const {
  for (const auto& [begin, end] : ranges_) {
    if (offset >= begin && offset < end) return true;
  }
  return !lines_.empty() && std::find(lines_.begin(), lines_.end(), line_start(offset)) != lines_.end();
}

diagnostics::Diagnostic& Reporter::add(diagnostics::Diagnostic d) {
  if (muted_) return dropped_ = std::move(d);
  const std::uint32_t line = line_start(d.primary.begin);
  if (std::find(lines_.begin(), lines_.end(), line) == lines_.end()) lines_.push_back(line);
  if (count_ > max_errors) return dropped_ = std::move(d);
  if (++count_ > max_errors) {
    sink_.report(diagnostics::make(diagnostics::Code::too_many_errors, d.primary,
                                   "the errors from here on are not shown",
                                   "more than {} syntax errors in this file", max_errors));
    return dropped_ = std::move(d);
  }
  return sink_.report(std::move(d));
}

}  // namespace lab::syntax
