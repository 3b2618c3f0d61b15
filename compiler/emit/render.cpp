#include "compiler/emit/render.h"

#include <algorithm>

#include "compiler/emit/directories.h"

namespace lab::emit {

namespace {

void append_header(std::string_view header, std::string& out, std::uint32_t& line) {
  while (!header.empty()) {
    const std::size_t end = header.find('\n');
    out += end == 0 ? "#" : "# ";
    out += header.substr(0, end);
    out += '\n';
    ++line;
    header = end == std::string_view::npos ? std::string_view{} : header.substr(end + 1);
  }
}

/// Whether there is anything to write.
bool write(const document::Artifact& artifact, const Seal& seal, std::string& out,
           std::vector<LineOrigin>& lines, PlainTexts& plain) {
  using document::Format;
  std::uint32_t line = 1;
  switch (artifact.format) {
    case Format::text:
      out += artifact.raw;
      break;
    case Format::json:
      for (const document::Node* node : artifact.documents) write_json(*node, out, line, lines);
      break;
    case Format::yaml:
    case Format::talos: {
      append_header(artifact.header, out, line);
      bool first = true;
      for (const document::Node* node : artifact.documents) {
        if (!first) {
          out += "---\n";
          ++line;
        }
        first = false;
        write_yaml(*node, artifact.format == Format::talos ? Indent::four : Indent::two, out, line, lines,
                   plain);
      }
      break;
    }
    case Format::sops: {
      const auto sealed = seal ? seal(artifact, lines) : std::nullopt;
      if (!sealed) return false;
      out += *sealed;
      break;
    }
  }
  return true;
}

/// Appends the bytes and origins of `artifact`, which from now on are those of `file`. Whether there are any.
bool append(Rendered& rendered, File& file, const document::Artifact& artifact, const Seal& seal,
            std::vector<LineOrigin>& lines, PlainTexts& plain) {
  lines.clear();
  file.begin = rendered.bytes.size();
  file.first_line = rendered.lines.size();
  if (!write(artifact, seal, rendered.bytes, lines, plain)) return false;
  rendered.lines.insert(rendered.lines.end(), lines.begin(), lines.end());
  file.end = rendered.bytes.size();
  file.last_line = rendered.lines.size();
  return true;
}

}  // namespace

const File* Rendered::find(std::string_view path) const {
  const auto at =
      std::lower_bound(files.begin(), files.end(), path,
                       [](const File& file, std::string_view p) { return path_less(file.path, p); });
  return at != files.end() && at->path == path ? &*at : nullptr;
}

void render_late(Rendered& rendered, const document::Artifact& artifact) {
  const auto file = std::ranges::find(rendered.files, std::string_view(artifact.path), &File::path);
  std::vector<LineOrigin> lines;
  PlainTexts plain;
  if (file != rendered.files.end()) append(rendered, *file, artifact, {}, lines, plain);
}

Rendered render(const document::Bundle& bundle, const Seal& seal) {
  std::vector<const document::Artifact*> order;
  order.reserve(bundle.artifacts.size());
  for (const document::Artifact& artifact : bundle.artifacts) order.push_back(&artifact);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto* a, const auto* b) { return path_less(a->path, b->path); });

  Rendered result;
  result.files.reserve(order.size());
  result.bytes.reserve(order.size() * 1024);
  std::vector<LineOrigin> lines;
  PlainTexts plain;
  for (const document::Artifact* artifact : order) {
    File file;
    file.path = artifact->path;
    file.rule = artifact->rule;
    if (artifact->late || append(result, file, *artifact, seal, lines, plain)) result.files.push_back(file);
  }
  return result;
}

}  // namespace lab::emit
