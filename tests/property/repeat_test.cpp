// What is done twice comes out the same: compiling, building, formatting.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "compiler/session/build.h"
#include "compiler/syntax/format.h"
#include "compiler/syntax/parse.h"
#include "tests/property/labs.h"

using namespace lab;
using tests::Files;

namespace {

/// The emitted tree as one text.
std::string tree_of(session::Snapshot& s) {
  session::Built built;
  std::string out;
  if (!session::build(s, built)) return out;
  for (const auto& file : built.outputs())
    out += std::string(file.path) + "\n" + std::string(file.bytes) + "\n";
  return out;
}

/// A tree without its places, one node a line. Braces after `=` are written without it: `f = { }` and `f { }`
/// are one thing, and the formatter makes the first the second.
std::string shape(const std::string& text) {
  source::Sources sources;
  source::Symbols symbols;
  diagnostics::Sink sink;
  const source::FileId file = sources.add("a.lab", text);
  const syntax::Tree tree = syntax::parse(sources, file, symbols, sink);
  std::string out;
  for (std::uint32_t i = 0; i < tree.nodes.size(); ++i) {
    const syntax::Node& n = tree.nodes[i];
    unsigned flags = n.flags;
    std::uint32_t last = 0;
    for (const std::uint32_t c : syntax::Children(tree.nodes.data(), i)) last = c;
    if (n.kind == syntax::NodeKind::Entry && n.has(syntax::has_value) && !n.has(syntax::append) &&
        tree.nodes[last].kind == syntax::NodeKind::Body)
      flags = (flags & ~unsigned{syntax::has_value}) | syntax::has_body;
    out += fmt::format("{} {} {} {} {} `{}` `{}`\n", static_cast<int>(n.kind), flags, n.op, n.clauses, n.size,
                       symbols.text(n.text), symbols.text(n.text2));
  }
  for (const syntax::Doc& d : tree.docs) out += fmt::format("{} /// {}\n", d.node, symbols.text(d.text));
  return out;
}

}  // namespace

TEST_CASE("formatting leaves the tree as it is") {
  for (const Files& lab : tests::labs()) {
    for (const auto& [name, text] : lab) {
      INFO(name);
      const auto formatted = syntax::format(text);
      REQUIRE(formatted.has_value());
      CHECK(shape(*formatted) == shape(text));
    }
  }
}

TEST_CASE("compiling twice says and emits the same") {
  bool emitted = false;
  for (const Files& lab : tests::labs()) {
    const auto first = tests::compile(lab), second = tests::compile(lab);
    const std::string tree = tree_of(*first);
    CHECK(tree == tree_of(*second));
    CHECK(tests::diagnostics_of(*first) == tests::diagnostics_of(*second));
    emitted = emitted || !tree.empty();
  }
  CHECK(emitted);
}

TEST_CASE("formatting changes nothing the second time") {
  for (const Files& lab : tests::labs()) {
    for (const auto& [name, text] : lab) {
      INFO(name);
      const auto once = syntax::format(text);
      REQUIRE(once.has_value());
      CHECK(syntax::format(*once) == once);
    }
  }
}
