#include "compiler/emit/sourcemap.h"

#include <array>
#include <charconv>
#include <span>
#include <type_traits>
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

/// The lines of files, each list of them written once: what a loop makes comes from the same places.
class Lists {
 public:
  Lists(const Locate& locate, std::string& out) : locate_(locate), out_(out) {}

  void append(std::span<const LineOrigin> lines) {
    const std::string_view bytes(reinterpret_cast<const char*>(lines.data()), lines.size_bytes());
    const auto [known, fresh] = written_.try_emplace(bytes, out_.size(), 0);
    auto& [begin, size] = known->second;
    if (!fresh) {
      out_.append(out_, begin, size);
      return;
    }
    out_ += '[';
    for (const LineOrigin& entry : lines) {
      if (out_.size() > begin + 1) out_ += ',';
      const Place place = entry.origin != document::no_origin ? locate_(entry.origin) : Place{};
      if (place.path.empty())
        append_numbers(std::array{entry.line}, out_);
      else
        append_numbers(std::array{entry.line, source(place.path), place.begin, place.end}, out_);
    }
    out_ += ']';
    size = out_.size() - begin;
  }
  /// Paths in the order in which they were met: the same for every run.
  [[nodiscard]] const std::vector<std::string_view>& sources() const { return sources_; }

 private:
  std::uint32_t source(std::string_view path) {
    // Lines that follow each other mostly come from one file.
    if (last_ < sources_.size() && sources_[last_].data() == path.data()) return last_;
    const auto [at, added] = numbers_.try_emplace(path, static_cast<std::uint32_t>(sources_.size()));
    if (added) sources_.push_back(path);
    return last_ = at->second;
  }

  static_assert(std::has_unique_object_representations_v<LineOrigin>);
  const Locate& locate_;
  std::string& out_;
  std::vector<std::string_view> sources_;
  std::unordered_map<std::string_view, std::uint32_t> numbers_;
  std::uint32_t last_ = 0;
  std::unordered_map<std::string_view, std::pair<std::size_t, std::size_t>> written_;  // begin and size
};

}  // namespace

std::string render_sourcemap(const Rendered& rendered, const Locate& locate) {
  std::string files;
  files.reserve(rendered.files.size() * 160);
  Lists lists(locate, files);
  for (const File& file : rendered.files) {
    if (file.first_line == file.last_line) continue;
    files += files.empty() ? "\n" : ",\n";
    document::append_json_string(file.path, files);
    files += ':';
    lists.append(rendered.origins(file));
  }
  std::string out = "{\"format\":\"lab.sourcemap/1\",\n\"sources\":[";
  for (std::size_t i = 0; i < lists.sources().size(); ++i) {
    if (i > 0) out += ',';
    document::append_json_string(lists.sources()[i], out);
  }
  out += "],\n\"files\":{";
  out += files;
  out += "}}\n";
  return out;
}

}  // namespace lab::emit
