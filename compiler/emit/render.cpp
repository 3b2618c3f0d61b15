#include "compiler/emit/render.h"

#include <algorithm>

#include "compiler/emit/directories.h"
#include "compiler/emit/parallel.h"

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

/// Writes artifacts into one part, one after the other.
class Renderer {
 public:
  Renderer(Rendered& rendered, std::size_t part) : part_(rendered.parts[part]), number_(part) {}

  /// The bytes and origins of `artifact`, which from now on are those of `file`. Whether there are any.
  bool append(const document::Artifact& artifact, const Seal& seal, File& file) {
    lines_.clear();
    file.part = number_;
    file.begin = part_.bytes.size();
    file.first_line = part_.lines.size();
    if (!write(artifact, seal)) return false;
    part_.lines.insert(part_.lines.end(), lines_.begin(), lines_.end());
    file.end = part_.bytes.size();
    file.last_line = part_.lines.size();
    return true;
  }

 private:
  /// Whether there is anything to write.
  bool write(const document::Artifact& artifact, const Seal& seal) {
    using document::Format;
    std::string& out = part_.bytes;
    std::uint32_t line = 1;
    switch (artifact.format) {
      case Format::text:
        out += artifact.raw;
        break;
      case Format::json:
        for (const document::Node* node : artifact.documents) write_json(*node, out, line, lines_);
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
          write_yaml(*node, artifact.format == Format::talos ? Indent::four : Indent::two, out, line, lines_,
                     plain_);
        }
        break;
      }
      case Format::sops: {
        const auto sealed = seal ? seal(artifact, lines_) : std::nullopt;
        if (!sealed) return false;
        out += *sealed;
        break;
      }
    }
    return true;
  }

  Rendered::Part& part_;
  std::size_t number_;
  std::vector<LineOrigin> lines_;  // of one artifact: a writer looks at the last
  PlainTexts plain_;
};

}  // namespace

const File* Rendered::find(std::string_view path) const {
  const auto at =
      std::lower_bound(files.begin(), files.end(), path,
                       [](const File& file, std::string_view p) { return path_less(file.path, p); });
  return at != files.end() && at->path == path ? &*at : nullptr;
}

void render_late(Rendered& rendered, const document::Artifact& artifact) {
  const auto file = std::ranges::find(rendered.files, std::string_view(artifact.path), &File::path);
  if (file != rendered.files.end()) Renderer(rendered, rendered.parts.size() - 1).append(artifact, {}, *file);
}

Rendered render(const document::Bundle& bundle, const Seal& seal, unsigned jobs) {
  std::vector<const document::Artifact*> order;
  order.reserve(bundle.artifacts.size());
  for (const document::Artifact& artifact : bundle.artifacts) order.push_back(&artifact);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto* a, const auto* b) { return path_less(a->path, b->path); });

  Rendered result;
  result.files.resize(order.size());
  const std::size_t ranges = ranges_of(order.size(), jobs);
  result.parts.resize(ranges + 1);  // the last: what is encrypted, and what comes late
  in_ranges(order.size(), ranges, [&](std::size_t range, std::size_t begin, std::size_t end) {
    result.parts[range].bytes.reserve((end - begin) * 1024);
    Renderer renderer(result, range);
    for (std::size_t i = begin; i < end; ++i) {
      File& file = result.files[i];
      file.path = order[i]->path;
      file.rule = order[i]->rule;
      if (!order[i]->late && order[i]->format != document::Format::sops) renderer.append(*order[i], {}, file);
    }
  });
  Renderer last(result, ranges);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    File& file = result.files[i];
    if (order[i]->format == document::Format::sops && !last.append(*order[i], seal, file)) continue;
    if (kept != i) result.files[kept] = file;
    ++kept;
  }
  result.files.resize(kept);
  return result;
}

}  // namespace lab::emit
