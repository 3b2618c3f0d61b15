#include "compiler/source/sources.h"

#include <algorithm>

namespace lab::source {

FileId Sources::add(std::string path, std::string text) {
  File& file = files_.emplace_back();  // a deque: neither this file nor its text moves again
  file.path = std::move(path);
  file.owned = std::move(text);
  file.text = file.owned;
  return static_cast<FileId>(files_.size() - 1);
}

FileId Sources::add_view(std::string path, std::string_view text) {
  File& file = files_.emplace_back();
  file.path = std::move(path);
  file.text = text;
  return static_cast<FileId>(files_.size() - 1);
}

std::string_view Sources::text(FileId file) const {
  return files_[static_cast<std::uint32_t>(file)].text;
}

const std::string& Sources::path(FileId file) const {
  return files_[static_cast<std::uint32_t>(file)].path;
}

const LineIndex& Sources::lines(FileId file) const {
  const File& found = files_[static_cast<std::uint32_t>(file)];
  if (!found.lines) found.lines = std::make_unique<LineIndex>(found.text);
  return *found.lines;
}

std::string_view Sources::slice(Span span) const {
  if (!span.valid()) return {};
  const std::string_view whole = text(span.file);
  const std::size_t begin = std::min<std::size_t>(span.begin, whole.size());
  return whole.substr(begin, std::max(span.begin, span.end) - span.begin);
}

}  // namespace lab::source
