// The registry, the sink, did-you-mean and the renderings.
#include <catch2/catch.hpp>
#include <chrono>
#include <nlohmann/json.hpp>

#include "compiler/diagnostics/diagnostic.h"
#include "compiler/diagnostics/nearest.h"
#include "compiler/diagnostics/pages.h"
#include "compiler/diagnostics/render.h"
#include "compiler/diagnostics/sink.h"

using namespace lab::diagnostics;
using lab::source::FileId;
using lab::source::Sources;
using lab::source::Span;
using nlohmann::json;

namespace {

/// The `nth` place of `text` in a file.
Span find(const Sources& sources, FileId file, std::string_view text, int nth = 0) {
  std::size_t at = sources.text(file).find(text);
  for (; nth > 0; --nth) at = sources.text(file).find(text, at + 1);
  REQUIRE(at != std::string_view::npos);
  return {file, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + text.size())};
}

struct Scene {
  Sources sources;
  FileId cluster = sources.add("cluster.lab",
                               "cluster home {\n"
                               "  control-plane = [cp0, cp1, cp2]\n"
                               "\tmemory = \"日本\" + 12é x\n"
                               "  run media-user\n"
                               "  a = {\n"
                               "    b\n"
                               "    c\n"
                               "    d\n"
                               "  }\n"
                               "}\n");
  FileId hosts = sources.add("hosts.lab", "host pve1 {}\n\n\nvm cp1 on pve1 { }\n");
  [[nodiscard]] Span at(std::string_view text, int nth = 0) const {
    return find(sources, cluster, text, nth);
  }
  [[nodiscard]] std::string text(const Diagnostic& d) const { return "\n" + render_text(d, sources, {}); }
};

}  // namespace

TEST_CASE("codes are spelled and read back") {
  CHECK(spelled(Code::unclosed_brace) == "LAB0005");
  CHECK(parse_code("LAB0005") == Code::unclosed_brace);
  CHECK(parse_code("lab0005") == Code::unclosed_brace);
  for (const char* bad : {"", "LAB", "LAB00005", "LAB005", "LAB9999", "XAB0005", "LAB000x", "LAB-005"}) {
    CHECK_FALSE(parse_code(bad).has_value());
  }
  for (const CodeInfo& code : all_codes()) {
    CHECK(parse_code(spelled(code.code)) == code.code);
    CHECK(&info(code.code) == &code);
    CHECK(explanation(code.code).starts_with("# " + spelled(code.code)));
  }
}

TEST_CASE("distance counts edits and swaps") {
  CHECK(distance("", "") == 0);
  CHECK(distance("", "abc") == 3);
  CHECK(distance("abc", "abc") == 0);
  CHECK(distance("abcd", "acbd") == 1);
  CHECK(distance("ca", "abc") == 3);  // optimal string alignment: no edit inside a swap
  CHECK(distance("kitten", "sitting") == 3);
}

TEST_CASE("did you mean") {
  const std::vector<std::string_view> names = {"memory", "cores", "address", "control-plane", "x"};
  CHECK(nearest("memroy", names) == "memory");
  CHECK(nearest("adress", names) == "address");
  CHECK(nearest("control_plane", names) == "control-plane");
  CHECK(nearest("Control-Plane", names) == "control-plane");
  CHECK(nearest("core", names) == "cores");
  CHECK_FALSE(nearest("network", names).has_value());
  CHECK_FALSE(nearest("y", names).has_value());  // one edit, but nothing of the name is left
  CHECK(nearest("aa", std::vector<std::string_view>{"ab", "ac"}) == "ab");
}

TEST_CASE("the sink drops repetitions, counts errors and sorts") {
  Sink sink;
  sink.report(make(Code::syntax_error, {FileId{1}, 5, 6}, "", "second"));
  sink.report(make(Code::syntax_error, {FileId{0}, 9, 10}, "", "first"));
  sink.report(make(Code::syntax_error, {FileId{1}, 5, 6}, "", "again")).note("to nobody");
  sink.report(make(Code::missing_comma, {FileId{1}, 5, 6}, "", "third")).note("kept");
  sink.report(make(Code::file_too_large, {}, "", "one file"));
  sink.report(make(Code::file_too_large, {}, "", "another file"));
  sink.report(make(Code::file_too_large, {}, "", "another file"));
  CHECK(sink.errors() == 5);
  sink.sort();
  REQUIRE(sink.all().size() == 5);
  CHECK(sink.all()[0].message == "first");
  CHECK(sink.all()[1].message == "second");
  CHECK(sink.all()[1].notes.empty());
  CHECK(sink.all()[2].notes == std::vector<std::string>{"kept"});
  CHECK(sink.all()[3].message == "one file");
  CHECK(summary(sink.all()) == "5 errors");
  sink.clear();
  CHECK_FALSE(sink.has_errors());
  CHECK(summary(sink.all()).empty());
}

TEST_CASE("text: places in two files, notes, help and its edit") {
  const Scene s;
  Diagnostic d =
      make(Code::syntax_error, s.at("cp0"), "", "the lab does not survive losing host `{}`", "pve1");
  d.at(s.at("cp1"), "2 of 3 etcd members are on `pve1`");
  d.at(find(s.sources, s.hosts, "pve1", 1), "placed here");
  d.note("quorum needs 2; after\nthe loss {cp2} remains");
  d.help({"place it elsewhere", Applicability::maybe, {}});
  const Span run = s.at("run media");
  d.replace({s.cluster, run.begin + 3, run.begin + 3}, " =", "write `run = media-user`");
  CHECK(s.text(d) == R"(
error[LAB0004]: the lab does not survive losing host `pve1`
 --> cluster.lab:2:20
  |
2 |   control-plane = [cp0, cp1, cp2]
  |                    ^^^  --- 2 of 3 etcd members are on `pve1`
 --> hosts.lab:4:11
  |
4 | vm cp1 on pve1 { }
  |           ---- placed here
  |
  = note: quorum needs 2; after
          the loss {cp2} remains
  = help: place it elsewhere   [maybe-incorrect]
help: write `run = media-user`
  |
4 -   run media-user
4 +   run = media-user
  |
  = explain: labc explain LAB0004
)");
}

TEST_CASE("text: tabs, wide characters and labels that hang") {
  const Scene s;
  Diagnostic d = make(Code::syntax_error, s.at("12é"), "this is a number", "no sum of these");
  d.at(s.at("日本"), "this is a string").at(s.at("x\n"), "");
  CHECK(s.text(d) == R"(
error[LAB0004]: no sum of these
 --> cluster.lab:3:18
  |
3 |     memory = "日本" + 12é x
  |               ----    ^^^ -
  |               |       |
  |               |       this is a number
  |               this is a string
  = explain: labc explain LAB0004
)");
}

TEST_CASE("text: places over several lines are bars") {
  const Scene s;
  const Span inner{s.cluster, s.at("a = {").begin, s.at("}\n").end};
  Diagnostic d = make(Code::unclosed_brace, inner, "this block", "two places");
  d.at({s.cluster, 0, static_cast<std::uint32_t>(s.sources.text(s.cluster).size())}, "everything");
  CHECK(s.text(d) == R"(
error[LAB0005]: two places
  --> cluster.lab:5:3
   |
 1 |    cluster home {
   |  __-
...  |
 5 | |    a = {
   | | ___^
...  ||
 9 | ||   }
   | ||___^ this block
10 | |  }
   | |__- everything
   = explain: labc explain LAB0005
)");
}

TEST_CASE("text: nothing of the source steers the terminal") {
  Sources sources;
  const FileId file = sources.add("bad.lab", "a\x1b[31m\xff\xE2\x80\xAE\xCC\x81z");
  const std::string text =
      render_text(make(Code::invalid_utf8, {file, 6, 7}, "not UTF-8", "bad"), sources, {});
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find("\xE2\x80\xAE") == std::string::npos);
  CHECK(text.find("a\xEF\xBF\xBD[31m\xEF\xBF\xBD\xEF\xBF\xBD\xCC\x81z\n  |       ^ not UTF-8") !=
        std::string::npos);
}

TEST_CASE("text: places at the end, in nothing, and nowhere") {
  Sources sources;
  const FileId empty = sources.add("empty.lab", "");
  const FileId file = sources.add("one.lab", "abc\n");
  CHECK(render_text(make(Code::syntax_error, {empty, 0, 0}, "here", "m"), sources, {}) ==
        "error[LAB0004]: m\n --> empty.lab:1:1\n  |\n1 |\n  | ^ here\n  = explain: labc explain LAB0004\n");
  CHECK(render_text(make(Code::syntax_error, {file, 4, 4}, "end", "m"), sources, {}) ==
        "error[LAB0004]: m\n --> one.lab:2:1\n  |\n2 |\n  | ^ end\n  = explain: labc explain LAB0004\n");
  CHECK(render_text(make(Code::syntax_error, {}, "", "m"), sources, {}) ==
        "error[LAB0004]: m\n  = explain: labc explain LAB0004\n");
}

TEST_CASE("text: a line of 10 MB is cut around each place, and at once") {
  Sources sources;
  std::string line(10'000'000, 'x');
  line.replace(5'000'000, 6, "MIDDLE");
  const FileId file = sources.add("long.lab", line);
  Diagnostic d = make(Code::syntax_error, {file, 5'000'000, 5'000'006}, "here", "long");
  d.at({file, 9'999'990, 10'000'000}, "the end")
      .at({file, 0, 3}, "the beginning")
      .at({file, 10, 9'999'990}, "most");
  d.replace({file, 5'000'000, 5'000'006}, "CENTRE", "say it otherwise");
  const auto before = std::chrono::steady_clock::now();
  const std::string text = render_text(d, sources, {});
  CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(2));
  CHECK(text.size() < 4000);
  for (const char* part :
       {"MIDDLE", "^^^^^^ here", "the beginning", "---------- the end", "most", "CENTRE", "1:5000001"}) {
    CHECK(text.find(part) != std::string::npos);
  }
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    CHECK(end - at <= 160);
    at = end + 1;
  }
}

TEST_CASE("text: every cut of a line of mixed widths shows its place") {
  Sources sources;
  std::string line;
  for (int i = 0; i < 60; ++i) line += "日é\tx";
  line += "HERE";
  for (int i = 0; i < 60; ++i) line += "本ö\ty";
  const FileId file = sources.add("mixed.lab", line);
  const Span here = find(sources, file, "HERE");
  for (std::uint32_t width = 0; width < 400; width += 7) {
    const std::string text = render_text(make(Code::syntax_error, here, "L", "m"), sources, {.width = width});
    CHECK(text.find("HERE") != std::string::npos);
    CHECK(text.find("^^^^ L") != std::string::npos);
  }
}

TEST_CASE("text: colour adds escapes and nothing else") {
  const Scene s;
  Diagnostic d = make(Code::syntax_error, s.at("cp0"), "one", "message");
  d.at(s.at("cp1"), "two").at({s.cluster, 0, 80}, "three").note("note").replace(s.at("cp2"), "cp3", "title");
  const std::string coloured = render_text(d, s.sources, {.colour = true});
  std::string plain;
  for (std::size_t i = 0; i < coloured.size(); ++i) {
    if (coloured[i] == '\x1b') {
      i = coloured.find('m', i);
    } else {
      plain += coloured[i];
    }
  }
  const auto without_trailing_blanks = [](const std::string& text) {
    std::string result;
    for (const char c : text) {
      while (c == '\n' && result.ends_with(' ')) result.pop_back();
      result += c;
    }
    return result;
  };
  CHECK(coloured.find("\x1b[1;31merror") != std::string::npos);
  CHECK(without_trailing_blanks(plain) == render_text(d, s.sources, {}));
}

TEST_CASE("JSON: one line with UTF-16 columns") {
  const Scene s;
  Diagnostic d = make(Code::syntax_error, s.at("é x"), "label", "message");
  d.at(find(s.sources, s.hosts, "cp1"), "there").note("a note");
  d.replace(s.at("12é"), "13", "write 13", Applicability::placeholders);
  const std::string text = render_json(d, s.sources);
  CHECK(text.find('\n') == std::string::npos);
  const json object = json::parse(text);
  CHECK(object["code"] == "LAB0004");
  CHECK(object["severity"] == "error");
  CHECK(object["message"] == "message");
  CHECK(object["label"] == "label");
  CHECK(object["file"] == "cluster.lab");
  CHECK(object["range"]["start"] == json({{"line", 2}, {"character", 19}}));
  CHECK(object["range"]["end"] == json({{"line", 2}, {"character", 22}}));
  CHECK(object["labels"][0]["file"] == "hosts.lab");
  CHECK(object["labels"][0]["message"] == "there");
  CHECK(object["labels"][0]["range"]["start"]["line"] == 3);
  CHECK(object["notes"] == json({"a note"}));
  CHECK(object["fixes"][0]["title"] == "write 13");
  CHECK(object["fixes"][0]["applicability"] == "has-placeholders");
  CHECK(object["fixes"][0]["edits"][0]["text"] == "13");
  CHECK(object["fixes"][0]["edits"][0]["range"]["start"] == json({{"line", 2}, {"character", 17}}));
}

TEST_CASE("JSON: a diagnostic without a place, and bytes that are no text") {
  const Sources sources;
  Diagnostic d = make(Code::syntax_error, {}, "", "bad \xff byte");
  const json object = json::parse(render_json(d, sources));
  CHECK(object["file"].is_null());
  CHECK(object["range"].is_null());
  CHECK(object["message"] == "bad \xEF\xBF\xBD byte");
}

TEST_CASE("SARIF: fingerprints stay when lines move and differ for different places") {
  const auto prints = [](std::string_view text) {
    Sources sources;
    const FileId file = sources.add("a.lab", std::string(text));
    std::vector<Diagnostic> all;
    for (const char* word : {"one", "two", "same", "same"}) {
      all.push_back(make(Code::syntax_error, find(sources, file, word, all.size() == 3 ? 1 : 0), "", "m"));
    }
    std::vector<std::string> result;
    const json log = json::parse(render_sarif(all, sources));
    for (const json& r : log["runs"][0]["results"])
      result.push_back(r["partialFingerprints"]["labDiagnostic/v1"]);
    return result;
  };
  const auto before = prints("x one\ny two\nsame\nsame\n");
  CHECK(before == prints("\n\n  x    one\n\ny two\n    same\n\nsame"));
  CHECK(before != prints("x one z\ny two\nsame\nsame\n"));
  CHECK(std::set(before.begin(), before.end()).size() == 4);
}
