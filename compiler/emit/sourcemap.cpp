#include "compiler/emit/sourcemap.h"

#include <array>
#include <charconv>
#include <span>
#include <unordered_map>

#include "compiler/document/json_text.h"

namespace lab::emit {

namespace {

/// `[1,2,3]`
void append_numbers(std::span<const std::uint32_t> numbers, std::string& out) {
  char text[64];
  char* to = text;
  for (const std::uint32_t number : numbers) {
    *to = to == text ? '[' : ',';
    to = std::to_chars(to + 1, std::end(text), number).ptr;
  }
  *to++ = ']';
  out.append(text, to);
}

}  // namespace

std::string render_sourcemap(const Rendered& rendered, const Locate& locate) {
  std::vector<std::string_view> sources;  // in the order in which they are met: the same for every run
  std::unordered_map<std::string_view, std::size_t> numbers;
  std::size_t last = 0;  // lines that follow each other mostly come from one file
  std::string files;
  files.reserve(rendered.lines.size() * 20 + rendered.files.size() * 64);
  for (const File& file : rendered.files) {
    if (file.first_line == file.last_line) continue;
    files += files.empty() ? "\n" : ",\n";
    document::append_json_string(file.path, files);
    files += ":[";
    bool first = true;
    for (const LineOrigin& entry : rendered.origins(file)) {
      if (!first) files += ',';
      first = false;
      const Place place = entry.origin != document::no_origin ? locate(entry.origin) : Place{};
      if (place.path.empty()) {
        append_numbers(std::array{entry.line}, files);
        continue;
      }
      if (last == sources.size() || sources[last].data() != place.path.data()) {
        const auto [at, added] = numbers.try_emplace(place.path, sources.size());
        if (added) sources.push_back(place.path);
        last = at->second;
      }
      append_numbers(std::array{entry.line, static_cast<std::uint32_t>(last), place.begin, place.end}, files);
    }
    files += ']';
  }
  std::string out = "{\"format\":\"lab.sourcemap/1\",\n\"sources\":[";
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (i > 0) out += ',';
    document::append_json_string(sources[i], out);
  }
  out += "],\n\"files\":{";
  out += files;
  out += "}}\n";
  return out;
}

}  // namespace lab::emit
