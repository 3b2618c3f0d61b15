#include "compiler/emit/sourcemap.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace lab::emit {

namespace {

void append_number(std::uint32_t value, std::string& out) {
  const fmt::format_int text(value);
  out.append(text.data(), text.size());
}

void append_string(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace

std::string render_sourcemap(const Rendered& rendered, const Locate& locate) {
  std::vector<std::string_view> sources;  // in the order in which they are met: the same for every run
  std::unordered_map<std::string_view, std::uint32_t> numbers;
  std::string files;
  files.reserve(rendered.lines.size() * 20 + rendered.files.size() * 64);
  for (const File& file : rendered.files) {
    if (file.first_line == file.last_line) continue;
    files += files.empty() ? "\n" : ",\n";
    append_string(file.path, files);
    files += ":[";
    bool first = true;
    for (const LineOrigin& entry : rendered.origins(file)) {
      if (!first) files += ',';
      first = false;
      files += '[';
      append_number(entry.line, files);
      const Place place = entry.origin != document::no_origin ? locate(entry.origin) : Place{};
      if (!place.path.empty()) {
        const auto [at, added] = numbers.try_emplace(place.path, static_cast<std::uint32_t>(sources.size()));
        if (added) sources.push_back(place.path);
        for (const std::uint32_t number : {at->second, place.begin, place.end}) {
          files += ',';
          append_number(number, files);
        }
      }
      files += ']';
    }
    files += ']';
  }
  std::string out = "{\"format\":\"lab.sourcemap/1\",\n\"sources\":[";
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (i > 0) out += ',';
    append_string(sources[i], out);
  }
  out += "],\n\"files\":{";
  out += files;
  out += "}}\n";
  return out;
}

}  // namespace lab::emit
