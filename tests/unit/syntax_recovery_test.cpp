// Damaged text: never a crash, never a cascade, and the errors where the damage is.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <iostream>

#include "tests/unit/syntax_support.h"

using namespace lab;
using lab::tests::Parsed;

namespace {

/// How a corpus file with one token changed reads.
struct Tally {
  int cases = 0;
  int silent = 0;
  int near = 0;  // an error on the line of the damage or the one before or after
  std::size_t worst = 0;
  std::vector<std::string> bad;

  void add(const std::string& what, std::string_view text, std::size_t at) {
    const Parsed p(text);
    ++cases;
    const std::size_t errors = p.sink.all().size();
    worst = std::max(worst, errors);
    if (errors == 0) {
      ++silent;
      return;
    }
    const source::LineIndex lines(text);
    const auto line =
        static_cast<long>(lines.position(static_cast<std::uint32_t>(at), source::Encoding::utf8).line);
    bool close = false;
    for (const auto& d : p.sink.all()) {
      const auto there = static_cast<long>(lines.position(d.primary.begin, source::Encoding::utf8).line);
      close = close || std::abs(there - line) <= 1;
      for (const auto& l : d.labels) {
        const auto other = static_cast<long>(lines.position(l.span.begin, source::Encoding::utf8).line);
        close = close || std::abs(other - line) <= 1;
      }
    }
    if (close) ++near;
    if (errors > 3 || !close) bad.push_back(what + " (" + std::to_string(errors) + " errors)");
  }
};

void check(const Tally& t, const std::string& title) {
  INFO(title << ": " << t.cases << " cases, " << t.silent << " without error, " << t.near << " near, at most "
             << t.worst);
  for (const std::string& b : t.bad) UNSCOPED_INFO(b);
  if (std::getenv("SYNTAX_TALLY") != nullptr) {
    std::cout << title << ": " << t.cases << " cases, " << t.silent << " silent, " << t.near
              << " near, worst " << t.worst << "\n";
    for (const std::string& b : t.bad) std::cout << "  " << b << "\n";
  }
  CHECK(t.worst <= 3);
  // Where the damage shows at all, it shows beside it, but for a few texts that mean something else.
  CHECK(t.near >= (t.cases - t.silent) * 98 / 100);
}

std::string place(std::string_view text, const syntax::Token& t) {
  const source::LineIndex lines(text);
  return std::to_string(lines.position(t.begin, source::Encoding::utf8).line + 1) + ": " +
         std::string(text.substr(t.begin, t.end - t.begin));
}

}  // namespace

TEST_CASE("every prefix of every corpus file is read") {
  for (const auto& [name, text] : tests::corpus()) {
    for (std::size_t n = 0; n <= text.size(); n += 1) {
      const Parsed p(std::string_view(text).substr(0, n));
      INFO(name << " up to byte " << n);
      REQUIRE(p.tree.nodes[0].size == p.tree.nodes.size());
      CHECK(p.sink.all().size() <= 3);
    }
  }
}

TEST_CASE("a token less is at most three errors, near by") {
  for (const auto& [name, text] : tests::corpus()) {
    Tally tally;
    for (const syntax::Token& t : syntax::tokens(text)) {
      std::string damaged = text;
      damaged.erase(t.begin, t.end - t.begin);
      tally.add("without " + place(text, t), damaged, t.begin);
    }
    check(tally, name);
  }
}

TEST_CASE("a token twice is at most three errors, near by") {
  for (const auto& [name, text] : tests::corpus()) {
    Tally tally;
    for (const syntax::Token& t : syntax::tokens(text)) {
      std::string damaged = text;
      damaged.insert(t.end, " " + text.substr(t.begin, t.end - t.begin));
      tally.add("twice " + place(text, t), damaged, t.begin);
    }
    check(tally, name);
  }
}

TEST_CASE("a lost quote costs its line") {
  for (const auto& [name, text] : tests::corpus()) {
    Tally tally;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool triple = text.compare(i, 3, "\"\"\"") == 0 ||
                          (i > 0 && text.compare(i - 1, 3, "\"\"\"") == 0) ||
                          (i > 1 && text.compare(i - 2, 3, "\"\"\"") == 0);
      if (text[i] != '"' || triple) continue;
      std::string damaged = text;
      damaged.erase(i, 1);
      tally.add("without the quote at " + std::to_string(i), damaged, i);
    }
    check(tally, name);
  }
}
