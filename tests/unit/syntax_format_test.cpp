// The one layout.
#include <catch2/catch.hpp>

#include "compiler/syntax/format.h"
#include "tests/unit/syntax_support.h"

using namespace lab;

namespace {

std::string formatted(std::string_view text) {
  return syntax::format(text).value_or("(errors)");
}

/// Kinds and texts of all tokens but commas and the `=` that formatting may take.
std::vector<std::string> kept(std::string_view text) {
  std::vector<std::string> all;
  for (const syntax::Token& t : syntax::tokens(text)) {
    if (t.kind != "COMMA" && t.kind != "ASSIGN") all.emplace_back(text.substr(t.begin, t.end - t.begin));
  }
  return all;
}

}  // namespace

TEST_CASE("formatting loses nothing, means the same and is done after once") {
  for (const auto& [name, text] : tests::corpus()) {
    INFO(name);
    const std::string once = formatted(text);
    CHECK(formatted(once) == once);
    CHECK(kept(once) == kept(text));
    // Squeezed and torn texts end in a layout that stays, too.
    const tests::Parsed before(text);
    const tests::Parsed after(once);
    CHECK(after.errors().empty());
    // `f = { }` is `f { }`: the same children.
    CHECK(after.shape() == before.shape());
  }
}

TEST_CASE("a file with errors is left alone") {
  CHECK_FALSE(syntax::format("app a {").has_value());
}

TEST_CASE("blanks") {
  CHECK(formatted("let  a=1+2*-3") == "let a = 1 + 2 * -3\n");
  CHECK(formatted("x=f ( a,b ) [ 0 ] . c") == "x = f(a, b)[0].c\n");
  CHECK(formatted("x={a=1,b=[ 1,2 ]}") == "x { a = 1, b = [1, 2] }\n");
  CHECK(formatted("x = { }") == "x {}\n");
  CHECK(formatted("r = 1 .. 3") == "r = 1..3\n");
  CHECK(formatted("x = not(a)and(b)") == "x = not (a) and (b)\n");
  CHECK(formatted("vm a on[b][0]like c{}") == "vm a on [b][0] like c {}\n");
  CHECK(formatted("type t=map < string,list<int> >?|a where it<3") ==
        "type t = map<string, list<int>>? | a where it < 3\n");
  CHECK(formatted("fn f ( x:int ) :int=x") == "fn f(x: int): int = x\n");
  CHECK(formatted("x = [for a in[1]if a<2:a]") == "x = [for a in [1] if a < 2: a]\n");
  CHECK(formatted("a += [x]") == "a += [x]\n");
}

TEST_CASE("lines and indentation") {
  CHECK(formatted("\n\na {\n\n b = 1\n\n\n c = 2\n\n}\n\n") == "a {\n  b = 1\n\n  c = 2\n}\n");
  CHECK(formatted("f = yaml([{ A = [\nfor a in b: a\n] }])") ==
        "f = yaml([{ A = [\n  for a in b: a\n] }])\n");
  CHECK(formatted("x = [\na,\nb\n]") == "x = [\n  a,\n  b,\n]\n");
  CHECK(formatted("x = [a, b,]") == "x = [a, b]\n");
  CHECK(formatted("x = a\n+ b") == "x = a\n  + b\n");
  CHECK(formatted("assert a\nelse \"b\"") == "assert a\n  else \"b\"\n");
  CHECK(formatted("a {\r\n\tb = 1,\r\n}\r\n") == "a {\n  b = 1\n}\n");
  CHECK(formatted("a { b = 1 }\n    // note\nc {\n// inside\n}") ==
        "a { b = 1 }\n// note\nc {\n  // inside\n}\n");
}

TEST_CASE("columns") {
  CHECK(formatted("a {\n  b = 1\n  long = 2\n\n  c = 3\n}") == "a {\n  b    = 1\n  long = 2\n\n  c = 3\n}\n");
  CHECK(formatted("env A = 1\nenv LONG = 2\nport x = 3") == "env A    = 1\nenv LONG = 2\nport x = 3\n");
  CHECK(formatted("storage a { b = 1 }\nstorage long { c = 1 }") ==
        "storage a    { b = 1 }\nstorage long { c = 1 }\n");
  CHECK(formatted("allow a from b to c { }\nallow long from bb to cc { }") ==
        "allow a    from b  to c  {}\nallow long from bb to cc {}\n");
  CHECK(formatted("let a = 1\nlet long = 2") == "let a    = 1\nlet long = 2\n");
  CHECK(formatted("schema s {\n  a: int\n  long: int = 2\n}") ==
        "schema s {\n  a:    int\n  long: int = 2\n}\n");
  CHECK(formatted("assert a else \"x\"\nassert long else \"y\"") ==
        "assert a    else \"x\"\nassert long else \"y\"\n");
  CHECK(formatted("a = 1\nb = 2\nmuch-longer-than-both = 3\n") ==
        "a = 1\nb = 2\nmuch-longer-than-both = 3\n");
  CHECK(formatted("\"ü\" = 1\n\"ab\" = 2") == "\"ü\"  = 1\n\"ab\" = 2\n");
}

TEST_CASE("comments at the end of lines stand in one column") {
  const std::string blanks(41, ' ');
  CHECK(formatted("a = 1 // x\nbb = 2 // y") == "a  = 1" + blanks + "// x\nbb = 2" + blanks + "// y\n");
}

TEST_CASE("braces need no `=` in a body") {
  CHECK(formatted("a { b = { c = 1 } }") == "a { b { c = 1 } }\n");
  CHECK(formatted("let a = { c = 1 }") == "let a = { c = 1 }\n");
  CHECK(formatted("a { env x = { c = 1 } }") == "a { env x = { c = 1 } }\n");
  CHECK(formatted("a { in = { c = 1 } }") == "a { in = { c = 1 } }\n");
  CHECK(formatted("a { b = { c = 1 }.c }") == "a { b = { c = 1 }.c }\n");
  CHECK(formatted("a { b += { c = 1 } }") == "a { b += { c = 1 } }\n");
  CHECK(formatted("a { b = { c = 1 } because \"x\" }") == "a { b = { c = 1 } because \"x\" }\n");
}

TEST_CASE("strings of several lines are untouched") {
  const std::string text = "a {\n  b = \"\"\"\n      x  ${ y }\n    \"\"\"\n}\n";
  CHECK(formatted(text) == text);
}
