#include "compiler/syntax/reporter.h"

#include <algorithm>

namespace lab::syntax {

std::uint32_t Reporter::line_start(std::uint32_t offset) const {
  // Offsets mostly grow: only what lies between is searched.
  if (offset < seen_) seen_ = seen_start_ = 0;
  const std::size_t at = text_.substr(seen_, offset - seen_).rfind('\n');
  if (at != std::string_view::npos) seen_start_ = seen_ + static_cast<std::uint32_t>(at) + 1;
  seen_ = offset;
  return seen_start_;
}

bool Reporter::quiet(std::uint32_t offset) const {
  for (const auto& [begin, end] : ranges_) {
    if (offset >= begin && offset < end) return true;
  }
  return !lines_.empty() && std::find(lines_.begin(), lines_.end(), line_start(offset)) != lines_.end();
}

diagnostics::Diagnostic& Reporter::add(diagnostics::Diagnostic d) {
  if (muted_ || count_ > max_errors) return dropped_ = std::move(d);
  const std::uint32_t line = line_start(d.primary.begin);
  if (std::find(lines_.begin(), lines_.end(), line) == lines_.end()) lines_.push_back(line);
  if (++count_ > max_errors) {
    sink_.report(diagnostics::make(diagnostics::Code::too_many_errors, d.primary,
                                   "the errors from here on are not shown",
                                   "more than {} syntax errors in this file", max_errors));
    return dropped_ = std::move(d);
  }
  return sink_.report(std::move(d));
}

}  // namespace lab::syntax
