// Labs that ask for too much: each ends with a diagnostic, or well, and soon.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>

#include "tests/property/labs.h"

using namespace lab;
using diagnostics::Code;

namespace {

std::string times(const std::string& what, int n) {
  std::string out;
  for (int i = 0; i < n; ++i) out += what;
  return out;
}

/// `make(i)` for i from 0 below n, one a line.
template <class F>
std::string lines(int n, F make) {
  std::string out;
  for (int i = 0; i < n; ++i) out += make(std::to_string(i), std::to_string(i + 1)) + "\n";
  return out;
}

/// The diagnostics of a lab that has this text beside its `lab` block.
std::string said(const std::string& text) {
  const auto s = tests::compile(
      {{"lab.lab",
        "lab x {\n  domain = \"a.example\"\n  timezone = \"Europe/Brussels\"\n"
        "  operators = [\"age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs3290gq\"]\n}\n"},
       {"more.lab", text}});
  return tests::diagnostics_of(*s);
}

bool says(const std::string& text, Code code) {
  const std::string all = said(text);
  UNSCOPED_INFO(text.substr(0, 80) << " …\n" << all.substr(0, 2000));
  return all.find(diagnostics::spelled(code)) != std::string::npos;
}

using S = const std::string&;

}  // namespace

TEST_CASE("nesting has a limit") {
  CHECK(says("let a = " + times("(", 100000) + "1" + times(")", 100000) + "\n", Code::nesting_too_deep));
  CHECK(says("let a = " + times("[", 100000) + "1" + times("]", 100000) + "\n", Code::nesting_too_deep));
  CHECK(says("let a = " + times("(", 100000), Code::nesting_too_deep));
  CHECK(says("let a = " + times("-", 100000) + "1\n", Code::nesting_too_deep));
  CHECK(says("let a = 1" + times(" + 1", 100000) + "\n", Code::nesting_too_deep));
  CHECK(says("let a = lab" + times(".x", 100000) + "\n", Code::nesting_too_deep));
  CHECK(says("app a { " + times("env { ", 20000) + times("}", 20000) + " }\n", Code::nesting_too_deep));
}

TEST_CASE("lines, declarations and files have a limit of size") {
  CHECK(says("let a = [" + times("1, ", 3'500'000) + "]\n", Code::file_too_large));
  CHECK(says("let a = \"" + std::string(10'000'000, 'x') + "\"\n", Code::file_too_large));
  CHECK(says("let a = [\n" + times("1,\n", 400'000) + "]\n", Code::file_too_large));
  CHECK(says(times("// x\n", 4'000'000), Code::file_too_large));
  CHECK(said("assert \"" + std::string(1'000'000, 'x') + "\" != \"\" else \"no\"\n").empty());
}

TEST_CASE("a refused line takes no more memory than its text") {
  const std::string text = "let a = [" + times("1, ", 3'500'000) + "]\n";
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {  // allowed what it has, and five times the text
    long pages = 0;
    if (std::FILE* statm = std::fopen("/proc/self/statm", "r"); std::fscanf(statm, "%ld", &pages) != 1)
      ::_exit(2);
    const rlim_t most =
        static_cast<rlim_t>(pages) * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + 5 * text.size();
    const rlimit limit{most, most};
    if (::setrlimit(RLIMIT_AS, &limit) != 0) ::_exit(2);
    ::_exit(said(text).find(diagnostics::spelled(Code::file_too_large)) == std::string::npos ? 1 : 0);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  CHECK(status == 0);
}

TEST_CASE("a byte order mark is passed over") {
  CHECK(said("\xEF\xBB\xBF// a comment\nassert 1 == 1 else \"no\"\n").empty());
}

TEST_CASE("bytes that are no text are said") {
  CHECK(says("let a = \"\xff\xfe\x80\"\n", Code::invalid_utf8));
  CHECK(says(std::string("let a = \"x\0y\"\n", 14), Code::nul_byte));
}

TEST_CASE("components have a limit of depth") {
  const auto chain = [](S i, S next) { return "component c" + i + " {\n  c" + next + " inner { }\n}"; };
  CHECK(says(lines(1000, chain) + "component c1000 { }\nc0 top { }\n", Code::limit_exceeded));
  CHECK(says("component c {\n  c inner { }\n}\nc top { }\n", Code::limit_exceeded));
}

TEST_CASE("circles are found") {
  CHECK(says("vm a like b { cores = 1 }\nvm b like a { cores = 1 }\n", Code::like_cycle));
  CHECK(says("let a = b + 1\nlet b = c\nlet c = a\n", Code::evaluation_cycle));
  CHECK(says("vm v { cores = vm.w.cores }\nvm w { cores = vm.v.cores }\n", Code::evaluation_cycle));
  CHECK(says("fn f(n: int): int = f(n)\nassert f(1) == 2 else \"no\"\n", Code::evaluation_cycle));
}

TEST_CASE("long chains have a limit") {
  CHECK(says(
      lines(100000, [](S i, S next) { return "let a" + i + " = a" + next + " + 1"; }) + "let a100000 = 1\n",
      Code::limit_exceeded));
}

TEST_CASE("walks have a limit") {
  CHECK(says("for i in 1..100000000 { vm \"v${i}\" { cores = 1 } }\n", Code::limit_exceeded));
  CHECK(says("assert [for i in 1..100000000: i] == [] else \"no\"\n", Code::limit_exceeded));
  CHECK(says(lines(6, [](S i, S) { return "for a" + i + " in 1..1000 {"; }) +
                 "network \"v${a0}-${a5}\" { }\n" + times("}", 6) + "\n",
             Code::limit_exceeded));
}

TEST_CASE("doubling has a limit") {
  const auto both = [](S i, S next) { return "let a" + next + " = a" + i + " + a" + i; };
  CHECK(says("let a0 = [1]\n" + lines(40, both) + "assert a40 == [] else \"no\"\n", Code::limit_exceeded));
  CHECK(says("let a0 = \"xxxxxxxx\"\n" + lines(40, both) + "assert a40 == \"\" else \"no\"\n",
             Code::limit_exceeded));
  CHECK(says("let a0 = \"xxxxxxxx\"\n" +
                 lines(40, [](S i, S next) { return "let a" + next + " = \"${a" + i + "}${a" + i + "}\""; }) +
                 "assert a40 == \"\" else \"no\"\n",
             Code::limit_exceeded));
}

TEST_CASE("comparing has a limit") {
  const auto tree = [](const std::string& name) {
    return "let " + name + "0 = [1]\n" + lines(40, [&](S i, S next) {
             return "let " + name + next + " = [" + name + i + ", " + name + i + "]";
           });
  };
  CHECK(says(tree("a") + tree("b") + "assert a40 == b40 else \"no\"\n", Code::limit_exceeded));
}
