// The reader on text without damage, and its words about the common slips.
#include <catch2/catch.hpp>
#include <chrono>

#include "compiler/syntax/tokens.h"
#include "tests/unit/syntax_support.h"

using namespace lab;
using tests::Parsed;

namespace {

std::string expression(std::string_view text) {
  const Parsed p(text, true);
  return p.sink.all().empty() ? p.shape() : p.errors();
}

/// Shape of the only member of a file.
std::string member(std::string_view text) {
  const Parsed p(text);
  return p.sink.all().empty() ? p.shape(1) : p.errors();
}

std::string errors(std::string_view text) {
  return Parsed(text).errors();
}

std::string first_text(std::string_view literal) {
  const Parsed p(literal, true);
  CHECK(p.sink.all().empty());
  return std::string(p.text(p.tree.nodes[0].text));
}

}  // namespace

TEST_CASE("every literal has its kind and keeps its spelling") {
  const auto [text, kind] = GENERATE(table<std::string, std::string>({
      {"4", "Int"},
      {"0777", "Int"},
      {"0.5", "Decimal"},
      {"2025.12", "Decimal"},
      {"4GiB", "Quantity"},
      {"1.8TiB", "Quantity"},
      {"99.9%", "Quantity"},
      {"50mcpu", "Quantity"},
      {"v1.13", "Version"},
      {"82.2.0", "Version"},
      {"1.19.0-rc.1", "Version"},
      {"v1.29.3+k3s1", "Version"},
      {"192.168.40.51", "Ip"},
      {"fd00::1", "Ip"},
      {"::", "Ip"},
      {"2001:db8:0:1:2:3:4:5", "Ip"},
      {"192.168.40.0/24", "Prefix"},
      {"2001:db8::/32", "Prefix"},
      {"192.168.40.60-192.168.40.80", "IpRange"},
      {".51", "HostPart"},
      {".1.51", "HostPart"},
      {".60-.80", "HostRange"},
      {"bc:24:11:00:00:01", "Mac"},
      {"tcp/443", "PortLiteral"},
      {"tcp+udp/53", "PortLiteral"},
      {"tcp/8000-8100", "PortLiteral"},
      {"cert-manager", "Name"},
      {"x86-64-v2-AES", "Name"},
      {"v1", "Name"},
      {"tcp", "Name"},
      {"test", "Name"},
      {"i-1", "Name"},
  }));
  CHECK(expression(text) == kind + "'" + text + "'");
}

TEST_CASE("words of the language are values") {
  CHECK(expression("true") == "True'true'");
  CHECK(expression("false") == "False'false'");
  CHECK(expression("none") == "None'none'");
  CHECK(expression("self") == "Self'self'");
}

TEST_CASE("strings lose their quotes and escapes") {
  CHECK(first_text(R"("")").empty());
  CHECK(first_text(R"("a\n\t\\\"b")") == "a\n\t\\\"b");
  CHECK(first_text(R"("\u{2764}\u{1F3E0}\u{e9}")") == "❤🏠é");
  CHECK(first_text(R"("costs 5$ or $${x}")") == "costs 5$ or ${x}");
  CHECK(first_text(R"("Grüße")") == "Grüße");
  CHECK(first_text("\"\"\"\n  a\n    b\n\n  c\n  \"\"\"") == "a\n  b\n\nc");
  CHECK(first_text("\"\"\"a \"quoted\" b\"\"\"") == "a \"quoted\" b");
  CHECK(first_text("\"\"\"\r\n  a\r\n  b\r\n  \"\"\"") == "a\nb");
  CHECK(first_text("\"\"\"\n  \\u{41}\\\\\n  \"\"\"") == "A\\");
}

TEST_CASE("strings interpolate") {
  CHECK(expression(R"("a${b}c${d.e[0]}")") ==
        "Interpolation(String'a' Name'b' String'c' Index(Member'e'(Name'd') Int'0'))");
  CHECK(expression(R"("${f("x", y = 1)}")") == "Interpolation(Call(Name'f' Arg(String'x') Arg'y'(Int'1')))");
  CHECK(expression(R"("${if a then "b" else "c"}")") ==
        "Interpolation(Conditional(Name'a' String'b' String'c'))");
  CHECK(expression("\"\"\"\n  a ${b}\n    c\n  \"\"\"") == "Interpolation(String'a ' Name'b' String'\n  c')");
}

TEST_CASE("operators bind as the language says, loosest first") {
  CHECK(expression("a ?? b or c") == "Binary(Name'a' Binary(Name'b' Name'c'))");
  const auto looser_than = [](std::string_view loose, std::string_view tight) {
    const std::string right = expression("a " + std::string(loose) + " b " + std::string(tight) + " c");
    const std::string left = expression("a " + std::string(tight) + " b " + std::string(loose) + " c");
    CHECK(right == "Binary(Name'a' Binary(Name'b' Name'c'))");
    CHECK(left == "Binary(Binary(Name'a' Name'b') Name'c')");
  };
  const std::vector<std::vector<std::string>> levels = {
      {"??"}, {"or"}, {"and"}, {"==", "!=", "<", "<=", ">", ">=", "in"}, {".."}, {"+", "-"}, {"*", "/"}};
  for (std::size_t i = 0; i + 1 < levels.size(); ++i) {
    for (const std::string& loose : levels[i]) {
      for (const std::string& tight : levels[i + 1]) looser_than(loose, tight);
    }
  }
  CHECK(expression("a - b - c") == "Binary(Binary(Name'a' Name'b') Name'c')");
  CHECK(expression("a ?? b ?? c") == "Binary(Name'a' Binary(Name'b' Name'c'))");
  CHECK(expression("not a == b") == "Unary(Binary(Name'a' Name'b'))");
  CHECK(expression("not a and b") == "Binary(Unary(Name'a') Name'b')");
  CHECK(expression("-a * b") == "Binary(Unary(Name'a') Name'b')");
  CHECK(expression("-a.b") == "Unary(Member'b'(Name'a'))");
  CHECK(expression("1 - -2") == "Binary(Int'1' Unary(Int'2'))");
  CHECK(expression("if a then b else c or d") == "Conditional(Name'a' Name'b' Binary(Name'c' Name'd'))");
  CHECK(expression("if a then b else if c then d else e") ==
        "Conditional(Name'a' Name'b' Conditional(Name'c' Name'd' Name'e'))");
}

TEST_CASE("the operator of a node is the one written") {
  using syntax::Op;
  const auto [text, op] = GENERATE(table<std::string, Op>({
      {"??", Op::coalesce},
      {"or", Op::or_},
      {"and", Op::and_},
      {"==", Op::eq},
      {"!=", Op::ne},
      {"<", Op::lt},
      {"<=", Op::le},
      {">", Op::gt},
      {">=", Op::ge},
      {"in", Op::in},
      {"..", Op::range},
      {"+", Op::add},
      {"-", Op::sub},
      {"*", Op::mul},
      {"/", Op::div},
  }));
  const Parsed p("a " + text + " b", true);
  CHECK(p.tree.nodes[0].op == static_cast<std::uint8_t>(op));
}

TEST_CASE("what follows a value") {
  CHECK(expression("[a, b][0].c(1, k = 2,)") ==
        "Call(Member'c'(Index(List(Name'a' Name'b') Int'0')) Arg(Int'1') Arg'k'(Int'2'))");
  CHECK(expression("a { b = 1 }.m.n") == "Member'n'(Member'm'(Tagged(Name'a' Body(Entry'b'(Int'1')))))");
  CHECK(expression("{ a = 1, \"b.c\" = 2, d { e = 3 } }") ==
        "Body(Entry'a'(Int'1') Entry'b.c'(Int'2') Entry'd'(Body(Entry'e'(Int'3'))))");
  CHECK(expression("[for k, v in m if v != 1: k]") ==
        "Comprehension'k'(Name'm' Binary(Name'v' Int'1') Name'k')");
  CHECK(expression("f(none because \"x\")") == "Call(Name'f' Arg(None'none' String'x'))");
  CHECK(expression("a.in.for.true") == "Member'true'(Member'for'(Member'in'(Name'a')))");
  CHECK(expression("((a))") == "Paren(Paren(Name'a'))");
}

TEST_CASE("the one form") {
  CHECK(member("cores = 4") == "Entry'cores'(Int'4')");
  CHECK(member("calls += [a]") == "Entry'calls'(List(Name'a'))");
  CHECK(member("vm a on b like c { d = 1 }") ==
        "Entry'vm'(Name'a' ClauseArg(Name'b') ClauseArg(Name'c') Body(Entry'd'(Int'1')))");
  CHECK(member("port \"x\" = 1 because \"y\"") == "Entry'port'(String'x' Int'1' String'y')");
  CHECK(member("wifi 5GHz { }") == "Entry'wifi'(Quantity'5GHz' Body)");
  CHECK(member("forward tcp/443 = a") == "Entry'forward'(PortLiteral'tcp/443' Name'a')");
  CHECK(member("expose via a because \"x\" { }") == "Entry'expose'(ClauseArg(Name'a') String'x' Body)");
  CHECK(member("\"k.l\" = 1") == "Entry'k.l'(Int'1')");
  CHECK(member("\"${k}\" = 1") == "Entry(Interpolation(Name'k') Int'1')");
  CHECK(member("like = x") == "Entry'like'(Name'x')");
  CHECK(member("type = x") == "Entry'type'(Name'x')");
  CHECK(member("namespace test") == "Entry'namespace'(Name'test')");
}

TEST_CASE("flags and clauses of an entry") {
  using namespace syntax;
  const Parsed p("a b in c of d += 1 because \"r\"\n\"k\" { }");
  const Node& n = p.tree.nodes[1];
  CHECK(n.has(has_label));
  CHECK(n.has(has_value));
  CHECK(n.has(append));
  CHECK(n.has(has_reason));
  CHECK_FALSE(n.has(has_body));
  CHECK(n.clauses == 2);
  CHECK(p.tree.nodes[3].op == static_cast<std::uint8_t>(Clause::in));
  CHECK(p.tree.nodes[5].op == static_cast<std::uint8_t>(Clause::of));
  const Node& k = p.tree.nodes[1 + n.size];
  CHECK(k.has(string_key));
  CHECK(k.has(has_body));
  CHECK_FALSE(k.has(has_label));
}

TEST_CASE("statements") {
  CHECK(member("import \"./lib\" as mine") == "Import'./lib'");
  CHECK(member("param n: int where 0..9 = 1") ==
        "Param'n'(TypeWhere(TypeName'int' Binary(Int'0' Int'9')) Int'1')");
  CHECK(member("fn f(x: int, y: int = 2): int = x + y") ==
        "Fn'f'(Parameter'x'(TypeName'int') Parameter'y'(TypeName'int' Int'2') TypeName'int' Binary(Name'x' "
        "Name'y'))");
  CHECK(member("for i, x in [a] if i != 0 { b = x }") ==
        "For'i'(List(Name'a') Binary(Name'i' Int'0') Body(Entry'b'(Name'x')))");
  CHECK(member("if a { } else if b { } else { c = 1 }") ==
        "If(Name'a' Body If(Name'b' Body Body(Entry'c'(Int'1'))))");
  CHECK(member("assert a == b else \"x ${y}\"") ==
        "Assert(Binary(Name'a' Name'b') Interpolation(String'x ' Name'y'))");
  CHECK(member("assume a because \"x\"") == "Assume(Name'a' String'x')");
  CHECK(member("environment dev like base { p = 1 }") ==
        "Environment'dev'(Path(Name'base') Body(Entry'p'(Int'1')))");
  CHECK(member("test \"t\" { override vm \"a${i}\" { } remove host b fails LAB0203 }") ==
        "Test't'(Body(Override'vm'(Interpolation(String'a' Name'i') Body) Remove'host'(Name'b') "
        "Fails'LAB0203'))");
  CHECK(member("test \"t\" { override app redis in immich { a = 1 } override lab { } }") ==
        "Test't'(Body(Override'app'(Name'redis' ClauseArg(Name'immich') Body(Entry'a'(Int'1'))) "
        "Override'lab'(Body)))");
}

TEST_CASE("types") {
  CHECK(member("type t = a | \"b\" | 4 where it != 1") ==
        "TypeDecl't'(TypeWhere(TypeUnion(TypeName'a' TypeWord'b' TypeWord'4') Binary(Name'it' Int'1')))");
  CHECK(member("type t = map<string, list<int>>") ==
        "TypeDecl't'(TypeName'map'(TypeName'string' TypeName'list'(TypeName'int')))");
  CHECK(member("type t = list<(int where it > 0)>?") ==
        "TypeDecl't'(TypeOptional(TypeName'list'(TypeWhere(TypeName'int' Binary(Name'it' Int'0')))))");
  CHECK(member("type t = storage of on.x") == "TypeDecl't'(TypeName'storage'(Path(Name'on' Name'x')))");
  CHECK(member("type t = argocd { repo: url, path: path = \".\" } | none") ==
        "TypeDecl't'(TypeUnion(TypeTagged'argocd'(TypeRecord(FieldDecl'repo'(TypeName'url') "
        "FieldDecl'path'(TypeName'path' String'.'))) TypeName'none'))");
  const Parsed p("schema s like d { a: own | none because = own  b: int => 1 + 2 }");
  CHECK(p.shape(1) ==
        "Schema's'(Path(Name'd') FieldDecl'a'(TypeUnion(TypeName'own' TypeName'none') Name'own') "
        "FieldDecl'b'(TypeName'int' Binary(Int'1' Int'2')))");
  CHECK(p.tree.nodes[4].kind == syntax::NodeKind::FieldDecl);
  CHECK(p.tree.nodes[4].has(syntax::has_value));
  CHECK_FALSE(p.tree.nodes[6].has(syntax::has_reason));
  CHECK(p.tree.nodes[7].has(syntax::has_reason));
  CHECK(p.tree.nodes[9].has(syntax::computed));
}

TEST_CASE("spans are bytes, and sizes cover the tree") {
  const Parsed p("let ü = 1");
  CHECK_FALSE(p.sink.all().empty());
  const Parsed q("let a = \"Grüße\" let b = c");
  const syntax::Node& b = q.tree.nodes[3];
  CHECK(q.sources.text(q.file).substr(b.begin, b.end - b.begin) == "let b = c");
  for (const auto& [name, text] : tests::corpus()) {
    const Parsed r(text);
    INFO(name);
    CHECK(r.errors().empty());
    CHECK(r.tree.nodes[0].size == r.tree.nodes.size());
    for (std::uint32_t n = 0; n < r.tree.nodes.size(); ++n) {
      std::uint32_t sum = 1;
      for (const std::uint32_t c : syntax::Children(r.tree.nodes.data(), n)) {
        sum += r.tree.nodes[c].size;
        REQUIRE(r.tree.nodes[c].begin >= r.tree.nodes[n].begin);
        REQUIRE(r.tree.nodes[c].end <= r.tree.nodes[n].end);
      }
      REQUIRE(sum == r.tree.nodes[n].size);
    }
  }
}

TEST_CASE("documentation belongs to what is below it") {
  const Parsed p(
      "/// One.\n///  Two.\nvm a {\n  /// Inner.\n  b = 1   // not this\n\n  /// far away\n\n  c = 2\n}\n");
  REQUIRE(p.tree.docs.size() == 2);
  CHECK(p.tree.docs[0].node == 1);
  CHECK(p.text(p.tree.docs[0].text) == "One.\n Two.");
  CHECK(p.text(p.tree.nodes[p.tree.docs[1].node].text) == "b");
  CHECK(p.text(p.tree.docs[1].text) == "Inner.");
  CHECK(p.tree.comments.size() == 5);
  const Parsed s("schema a {\n  /// F.\n  f: int\n}\n");
  REQUIRE(s.tree.docs.size() == 1);
  CHECK(s.tree.nodes[s.tree.docs[0].node].kind == syntax::NodeKind::FieldDecl);
}

TEST_CASE("the grammar is decided by SLL alone") {
  for (const auto& [name, text] : tests::corpus()) {
    INFO(name);
    const syntax::GrammarReport r = syntax::grammar_report(text);
    CHECK(r.errors == 0);
    CHECK(r.ambiguities == 0);
    CHECK(r.full_context == 0);
  }
  CHECK(syntax::grammar_report("a = = b").errors > 0);
}

TEST_CASE("the lexer is shown fewer bytes and reads the same") {
  for (const auto& [name, text] : tests::corpus()) {
    INFO(name);
    const syntax::Lexed shown = syntax::lex(text);
    const syntax::Lexed exact = syntax::lex(text, true);
    REQUIRE(shown.tokens.size() == exact.tokens.size());
    for (std::size_t i = 0; i < shown.tokens.size(); ++i) {
      REQUIRE(shown.tokens[i].type == exact.tokens[i].type);
      REQUIRE(shown.tokens[i].end == exact.tokens[i].end);
    }
  }
}

TEST_CASE("tokens and white space are the whole text") {
  for (const auto& [name, text] : tests::corpus()) {
    INFO(name);
    std::uint32_t at = 0;
    for (const syntax::Token& t : syntax::tokens(text)) {
      REQUIRE(t.begin >= at);
      REQUIRE(text.substr(at, t.begin - at).find_first_not_of(" \t\r\n") == std::string::npos);
      REQUIRE(t.end > t.begin);
      at = t.end;
    }
  }
  CHECK(syntax::tokens("if a").front().kind == "KW_IF");
}

TEST_CASE("slips are told in words, once") {
  CHECK(errors("vm a {\n  cores 4\n}") == "LAB0004 2:9 `=` is missing before `4`\n");
  CHECK(errors("app a {\n  port http 80\n  x = 1\n}") == "LAB0004 2:13 `=` is missing before `80`\n");
  CHECK(errors("app a {\n  mount \"/c\" claim(1GiB)\n}") == "LAB0004 2:19 `=` is missing before `claim`\n");
  CHECK(errors("vm a { cores: 4 }") == "LAB0004 1:13 a field is set with `=`, not `:`\n");
  CHECK(errors("x = [a b]") == "LAB0009 1:8 a comma is missing before `b`\n");
  CHECK(errors("x = f(a b, c)") == "LAB0009 1:9 a comma is missing before `b`\n");
  CHECK(errors("x = [a,, b]") == "LAB0004 1:8 `,` stands twice\n");
  CHECK(errors("x = = 3") == "LAB0004 1:5 `=` stands twice\n");
  CHECK(errors("app a {\n  x =\n  y = 1\n}") == "LAB0004 2:5 a value is missing after `=`\n");
  CHECK(errors("x = k8s.51") == "LAB0004 1:8 `k8s.51` is written `k8s[.51]`\n");
  CHECK(errors("x { keep = 15 d }") == "LAB0004 1:15 a number and its unit stand together: `15d`\n");
  CHECK(errors("x { y = \"abc\n  z = 1\n}") == "LAB0007 1:9 a string does not end on its line\n");
  CHECK(errors("x = \"a ${b\"\ny = 1") == "LAB0007 1:8 `${` is not closed, or brackets inside it are not\n");
  CHECK(errors("x = 'abc'") == "LAB0004 1:5 strings are written in double quotes\n");
  CHECK(errors("x = a && b") == "LAB0004 1:7 `&&` is written `and`\n");
  CHECK(errors("x = a || b") == "LAB0004 1:7 `||` is written `or`\n");
  CHECK(errors("x = !a") == "LAB0004 1:5 `!` is written `not`\n");
  CHECK(errors("# note\nx = 1") == "LAB0004 1:1 `#` does not begin a comment\n");
  CHECK(errors("x = 1;") == "LAB0004 1:6 a line needs no `;`\n");
  CHECK(errors("x = \"a\\qb\"") == "LAB0008 1:7 unknown escape `\\q`\n");
  CHECK(errors("x { app }") == "LAB0004 1:5 `app` alone says nothing\n");
  CHECK(errors("assert a\nx = 1") == "LAB0004 1:8 an assertion ends with `else` and a message\n");
  CHECK(errors("x = 1 { y = 2 }") == "LAB0004 1:7 a member has a value or a body, not both\n");
  CHECK(errors("vm x on like node { }") == "LAB0004 1:6 `on` is followed by `like` instead of a name\n");
  CHECK(errors("a { import \"x\" }") ==
        "LAB0004 1:5 `import` stands at the top of a file, outside all braces only\n");
  CHECK(errors("fails LAB0203") == "LAB0004 1:1 `fails` stands inside an environment or a test only\n");
  CHECK(errors("let x 3") == "LAB0004 1:5 `=` is missing after `x`\n");
  CHECK(errors("x { image = nginx:latest }") == "LAB0004 1:13 a text stands in double quotes\n");
  CHECK(errors("if x = 1 { a = 2 }") == "LAB0004 1:6 `=` does not compare\n");
  CHECK(errors("if x then { a = 2 }") ==
        "LAB0004 1:6 `then` stands in expressions; a condition is followed by its braces\n");
  CHECK(errors("x = a ? b : c") == "LAB0004 1:7 `a ? b : c` is written `if a then b else c`\n");
  CHECK(errors("host a on {\n}") == "LAB0004 1:8 `on` is followed by nothing\n");
  CHECK(errors("a { in { b = 1 } }") == "LAB0004 1:5 `in` is a field only in front of `=`\n");
  CHECK(errors("assert a == b, \"x\"") == "LAB0004 1:14 an assertion ends with `else` and a message\n");
  CHECK(errors("let { a = 1 }") == "LAB0004 1:1 expected a name after `let`\n");
  CHECK(errors("x = if a then b") == "LAB0004 1:15 expected `else` after `b`\n");
  CHECK(errors("let x = 3 4") == "LAB0004 1:11 nothing joins `3` and `4`\n");
  CHECK(errors("- a = 1") == "LAB0004 1:1 expected a member, found `-`\n");
  CHECK(errors("for x of xs { }") == "LAB0004 1:7 expected `in`, found `of`\n");
}

TEST_CASE("brackets that do not pair are told at their opener") {
  CHECK(errors("app a {\n  x = 1\n\napp b {\n  y = 2\n}\n") == "LAB0005 1:7 unclosed `{`\n");
  CHECK(errors("app a {\n  b {\n    c = 1\n  d = 2\n}\napp e { }\n") == "LAB0005 2:5 unclosed `{`\n");
  CHECK(errors("app a {\n  x = [b,\n  y = 1\n}\n") == "LAB0005 2:7 unclosed `[`\n");
  CHECK(errors("app a {\n  x = f(b\n  y = 1\n}\n") == "LAB0005 2:8 unclosed `(`\n");
  CHECK(errors("app a\n  x = 1\n}\napp b { }\n") == "LAB0006 1:5 `}` without its `{`\n");
  CHECK(errors("app a { x = 1 } }\napp b { }\n") == "LAB0006 1:17 unexpected `}`\n");
  CHECK(errors("x = [a)\n") == "LAB0006 1:7 `[` is closed by `)`\n");
  CHECK(errors("app a {\nx = 1\ny = 2\n}\n").empty());
  CHECK(errors("app a {\n") == "LAB0005 1:7 unclosed `{`\n");
}

TEST_CASE("what stands after the damage is read") {
  const Parsed p("app a {\n  x = ) 1\n  y = 2\n}\napp b { z = 3 }\n");
  CHECK(p.sink.all().size() == 1);
  const std::string shape = p.shape();
  CHECK(shape.find("Entry'y'(Int'2')") != std::string::npos);
  CHECK(shape.find("Entry'app'(Name'b' Body(Entry'z'(Int'3')))") != std::string::npos);
  CHECK(p.tree.nodes[0].has(syntax::damaged));
}

TEST_CASE("at most twenty errors a file, and a word about the rest") {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "x = max(1, , " + std::to_string(i) + ")\n";
  const Parsed p(text);
  CHECK(p.sink.all().size() == 21);
  CHECK(p.sink.all().back().code == diagnostics::Code::too_many_errors);
}

TEST_CASE("texts that cannot be read at all are one diagnostic, soon") {
  const auto repeat = [](std::string_view s, std::size_t n) {
    std::string r;
    for (std::size_t i = 0; i < n; ++i) r += s;
    return r;
  };
  const auto [what, text, code] = GENERATE_COPY(table<std::string, std::string, std::string>({
      {"invalid UTF-8", "let x = \"\xff\"", "LAB0001"},
      {"an overlong form", "let x = \"\xc0\xaf\"", "LAB0001"},
      {"a surrogate", "let x = \"\xed\xa0\x80\"", "LAB0001"},
      {"a NUL", std::string("let x = \"\0\"", 11), "LAB0002"},
      {"parentheses", "let x = " + repeat("(", 100000) + "1" + repeat(")", 100000), "LAB0003"},
      {"open parentheses", "let x = " + repeat("(", 1 << 19), "LAB0003"},
      {"conditions", "let x = " + repeat("if a then ", 100000), "LAB0003"},
      {"type arguments", "type x = " + repeat("list<", 100000), "LAB0003"},
      {"else if", "if a {} " + repeat("else if b {} ", 50000), "LAB0003"},
      {"a long sum", "let x = a" + repeat(" + a", 100000), "LAB0003"},
      {"a long path", "let x = a" + repeat(".a", 100000), "LAB0003"},
      {"negations", "let x = " + repeat("not ", 100000) + "a", "LAB0003"},
      {"colons", repeat("a:", 1 << 19), "LAB0004"},
      {"open comments", repeat("/* ", 300000), "LAB0004"},
      {"quotes", repeat("\"", 1 << 20), "LAB0007"},
      {"a long line", "let x = \"" + repeat("a", 10 << 20) + "\" )", "LAB0011"},
  }));
  INFO(what);
  const auto start = std::chrono::steady_clock::now();
  const std::string found = errors(text);
  const auto spent = std::chrono::steady_clock::now() - start;
  CHECK(found.substr(0, 7) == code);
  CHECK(std::count(found.begin(), found.end(), '\n') <= 2);
  CHECK(std::chrono::duration<double>(spent).count() <
        20);  // a second on a quiet machine; never the square of the length
}
