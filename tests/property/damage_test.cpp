// Damaged labs through the whole of checking: never a crash, an error for each damage of the syntax, and few.
#include <catch2/catch.hpp>

#include "compiler/syntax/parse.h"
#include "tests/property/labs.h"

using namespace lab;
using tests::Files;

namespace {

constexpr std::size_t prefix_step = 97;  // bytes
constexpr std::size_t most_errors = 7;   // of one damage to a lab without errors

bool damaged(const std::string& text) {
  source::Sources sources;
  source::Symbols symbols;
  diagnostics::Sink sink;
  syntax::parse(sources, sources.add("damaged.lab", text), symbols, sink);
  return sink.has_errors();
}

/// Compiles the lab with one file changed. Of a lab without errors, says more than a few when it does.
void try_damage(Files lab, const std::string& name, std::string text, bool sound, const std::string& what) {
  const bool broken = damaged(text);
  lab[name] = std::move(text);
  const auto s = tests::compile(lab);
  INFO(name << ": " << what << "\n" << tests::diagnostics_of(*s));
  if (broken) CHECK(s->sink.has_errors());
  if (broken && sound) CHECK(s->sink.errors() <= most_errors);
  CHECK(s->complete == !s->sink.has_errors());
}

}  // namespace

TEST_CASE("a lab that breaks off is checked") {
  for (const Files& lab : tests::labs())
    for (const auto& [name, text] : lab)
      for (std::size_t n = 0; n < text.size(); n += prefix_step)
        try_damage(lab, name, text.substr(0, n), false, "up to byte " + std::to_string(n));
}

TEST_CASE("a lab with a token less or twice is checked, with few errors") {
  std::size_t count = 0;
  for (const Files& lab : tests::labs()) {
    const bool sound = !tests::compile(lab)->sink.has_errors();
    const std::size_t step = 41;  // a prime: no rhythm of the text hides from it
    for (const auto& [name, text] : lab) {
      for (const syntax::Token& t : syntax::tokens(text)) {
        if (++count % step != 0) continue;
        const std::string at = " the token at byte " + std::to_string(t.begin);
        std::string less = text;
        less.erase(t.begin, t.end - t.begin);
        try_damage(lab, name, std::move(less), sound, "without" + at);
        std::string twice = text;
        twice.insert(t.end, " " + text.substr(t.begin, t.end - t.begin));
        try_damage(lab, name, std::move(twice), sound, "twice" + at);
      }
    }
  }
  REQUIRE(count > 4000);
}
