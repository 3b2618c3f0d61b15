// What is done twice comes out the same: compiling, building, formatting.
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

}  // namespace

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
