// What the tests of the reader share.
#pragma once
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "compiler/syntax/parse.h"

namespace lab::tests {

/// A text and what became of it.
struct Parsed {
  source::Sources sources;
  source::Symbols symbols;
  diagnostics::Sink sink;
  source::FileId file;
  syntax::Tree tree;

  explicit Parsed(std::string_view text, bool expression = false)
      : file(sources.add("test.lab", std::string(text))) {
    tree = expression ? syntax::parse_expression(sources, file, symbols, sink)
                      : syntax::parse(sources, file, symbols, sink);
  }
  [[nodiscard]] std::string_view text(source::Symbol s) const { return symbols.text(s); }
  /// The subtree as one line: Kind"text"(child child).
  [[nodiscard]] std::string shape(std::uint32_t at = 0) const {
    const syntax::Node& n = tree.nodes[at];
    std::string s(syntax::name(n.kind));
    if (n.text != source::Symbol::empty) s += "'" + std::string(text(n.text)) + "'";
    std::string inside;
    for (const std::uint32_t c : syntax::Children(tree.nodes.data(), at))
      inside += (inside.empty() ? "" : " ") + shape(c);
    return inside.empty() ? s : s + "(" + inside + ")";
  }
  /// "LAB0004 1:5 message", one a line.
  [[nodiscard]] std::string errors() const {
    std::string s;
    for (const auto& d : sink.all()) {
      const source::Position p = sources.lines(file).position(d.primary.begin, source::Encoding::utf8);
      s += diagnostics::spelled(d.code) + " " + std::to_string(p.line + 1) + ":" +
           std::to_string(p.character + 1) + " " + d.message + "\n";
    }
    return s;
  }
};

/// Name and text of every file of tests/corpus, by name.
inline std::vector<std::pair<std::string, std::string>> corpus() {
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& entry : std::filesystem::directory_iterator(LAB_ROOT "/tests/corpus")) {
    std::ifstream in(entry.path(), std::ios::binary);
    std::stringstream buffer;
    buffer << in.rdbuf();
    all.emplace_back(entry.path().filename().string(), buffer.str());
  }
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace lab::tests
