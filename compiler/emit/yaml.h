// Documents to YAML and JSON bytes, as a careful person writes them.
//
// Scalars are plain wherever a YAML 1.1 reader (go-yaml, which Kubernetes and Talos use) and a YAML 1.2
// reader give the same string back, else quoted; text of several lines is a block literal. Sources of
// the rules: YAML 1.1 type repository (bool, int, float, null, merge, timestamp, value), YAML 1.2.2 §7.3
// and §10.2, and resolve.go of go-yaml v2 and v3.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/document/document.h"

namespace lab::emit {

/// From this line (1-based) on, until the next entry, the text comes from `origin` (0: from nowhere).
struct LineOrigin {
  std::uint32_t line = 0;
  document::Origin origin = document::no_origin;
  bool operator==(const LineOrigin&) const = default;
};

/// How wide YAML is indented. Sequences stand indented under their key; widths round up to multiples,
/// as go-yaml v3 does it.
enum class Indent : std::uint8_t { two = 2, four = 4 };

/// Remembers which texts may stand without quotes, by their place in memory: keys of documents and many of
/// their values are literals and names, which return in each. No text that one was asked about may go before
/// it.
class PlainTexts {
 public:
  /// What `is_plain_safe` says.
  [[nodiscard]] bool contains(std::string_view text) {
    const auto place = reinterpret_cast<std::uintptr_t>(text.data());
    std::string_view& known = known_[(place ^ place >> 10U) % known_.size()];
    const bool same = known.data() == text.data() && known.size() == text.size() && !text.empty();
    return same || learn(text, known);
  }

 private:
  static bool learn(std::string_view text, std::string_view& known);
  std::array<std::string_view, 4096> known_;
};

/// Appends one document to `out`. `line` is the number of the line that the first byte stands on, and is
/// advanced past the document; `lines` receives where origins change.
void write_yaml(const document::Node& document, Indent indent, std::string& out, std::uint32_t& line,
                std::vector<LineOrigin>& lines, PlainTexts& plain);
/// Likewise as JSON, indented by two.
void write_json(const document::Node& document, std::string& out, std::uint32_t& line,
                std::vector<LineOrigin>& lines);

/// Whether `text` may be written without quotes.
[[nodiscard]] bool is_plain_safe(std::string_view text);
/// Appends `text`, which is not safe without quotes, in 'single' or "double" ones, on one line.
void append_quoted(std::string_view text, std::string& out);

}  // namespace lab::emit
