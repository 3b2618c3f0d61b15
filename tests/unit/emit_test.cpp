// What is written reads back as what was meant, and reaches the disk whole or not at all.
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "compiler/emit/render.h"
#include "compiler/emit/sourcemap.h"
#include "compiler/emit/tree.h"
#include "compiler/emit/yaml.h"

using namespace lab::document;
using namespace lab::emit;
namespace fs = std::filesystem;

namespace {

std::string yaml(const Map& map, Indent indent = Indent::two) {
  std::string out;
  std::uint32_t line = 1;
  std::vector<LineOrigin> lines;
  PlainTexts plain;
  write_yaml(*map.node(), indent, out, line, lines, plain);
  CHECK(line == 1 + static_cast<std::uint32_t>(std::count(out.begin(), out.end(), '\n')));
  return out;
}

const std::vector<std::string> nasty = {
    "",
    " ",
    "yes",
    "No",
    "y",
    "N",
    "off",
    "ON",
    "true",
    "FALSE",
    "~",
    "null",
    "NULL",
    "Null",
    "=",
    "<<",
    ".inf",
    "-.INF",
    ".nan",
    "nan",
    "+inf",
    "infinity",
    "0x1F",
    "0o17",
    "0b101",
    "012",
    "0",
    "-1",
    "+1",
    "1_000",
    "1e3",
    "1E-3",
    ".5",
    "5.",
    "1.20",
    "1.",
    "-.5",
    "1:30",
    "12:30:45",
    "190:20:30.15",
    "8080:80",
    "2026-01-01",
    "2026-1-1",
    "2026-01-01T00:00:00Z",
    "2026-01-01 00:00:00",
    "- a",
    "-",
    "--",
    "---",
    "--- a",
    "...",
    "-a",
    "--verbose",
    "? a",
    "?a",
    ":a",
    ": a",
    "a: b",
    "a:",
    "a:b",
    "a :b",
    "a #b",
    "a#b",
    "# x",
    "#x",
    "x #",
    " lead",
    "trail ",
    "\ttab",
    "tab\t",
    "in\tside",
    "[a]",
    "{a}",
    "a, b",
    "a]",
    "*a",
    "&a",
    "!a",
    "!!str a",
    "|",
    "> a",
    "%a",
    "@a",
    "`a",
    "\"a\"",
    "'a'",
    "it's",
    "say \"x\"",
    "it's \"x\"",
    "back\\slash",
    "C:\\x",
    "a\\nb",
    "ünïcödé",
    "日本語",
    "😀",
    "\xc2\x85",
    "\xe2\x80\xa8",
    "\xef\xbb\xbf",
    "a\xc2\xa0z",
    "\x01",
    "\x7f",
    "\r",
    "a\r\nb",
    "a\nb",
    "a\n",
    "a\n\n",
    "\n",
    "\n\n",
    "\na",
    " a\nb",
    "  a\n b\n",
    "a\n\n\nb\n",
    "a\n  ",
    "a\n b \n",
    "a \nb",
    "\ta\nb",
    "a\n\tb\n",
    "   \nb",
    "# x\ny\n",
    "- a\n- b\n",
    "---\na\n",
    "a: b\nc: d\n",
    "key: |\n  x\n",
    "%TAG x\ny",
    "{\"a\": 1}",
    "192.168.40.51",
    "10.0.0.0/8",
    "1.2.3",
    "50m",
    "5Gi",
    "fd00::1",
    "::1",
    "bc:24:11:00:00:01",
    "00:11:22:33:44:55",
    "v1.35.1",
    "123e45",
    "0xyz",
    "0x",
    "1e",
    "e1",
    ".",
    "..",
    "_",
    "1_",
    "12e",
    "-x",
    "+",
    "=a",
    "<<a",
    "nullable",
    "yesterday",
    "0.0.0.0",
    "2026-01",
    "20260101",
    "@every 5m",
    "*/5 * * * *",
    "0 3 * * *",
    "${x}",
    "$(x)",
    "a: ",
    "x'",
    "'",
    "\"",
    "\\",
    "a\x1b[0m",
};

}  // namespace

TEST_CASE("text reads back as itself", "[emit]") {
  for (const Indent indent : {Indent::two, Indent::four}) {
    for (const std::string& text : nasty) {
      Arena arena;
      Map map = arena.map();
      map.set("value", text).set("after", "end");
      map.map("nested").set("value", text).set("after", "end");
      map.list("list").add(text).map().set("value", text).set("after", "end");
      map.list("last").add(text);
      const std::string bytes = yaml(map, indent);
      INFO(bytes);
      const YAML::Node read = YAML::Load(bytes);
      for (const YAML::Node& node : {read["value"], read["nested"]["value"], read["list"][0],
                                     read["list"][1]["value"], read["last"][0]}) {
        REQUIRE(node.IsScalar());
        CHECK(node.Scalar() == text);
        // A plain scalar carries the tag "?", a quoted or literal one "!".
        CHECK((node.Tag() == "!" || is_plain_safe(text)));
      }
      CHECK(read["after"].Scalar() == "end");
      CHECK(read["nested"]["after"].Scalar() == "end");
      CHECK(read["list"][1]["after"].Scalar() == "end");
    }
  }
}

TEST_CASE("text reads back as itself when it is a key", "[emit]") {
  for (const std::string& text : nasty) {
    Arena arena;
    Map map = arena.map();
    map.set(text, 1);
    const std::string bytes = yaml(map);
    INFO(bytes);
    const YAML::Node read = YAML::Load(bytes);
    REQUIRE(read.size() == 1);
    CHECK(read.begin()->first.Scalar() == text);
  }
}

TEST_CASE("what people write plain stays plain", "[emit]") {
  for (const char* text : {"192.168.40.51",
                           "10.0.0.0/8",
                           "1.2.3",
                           "50m",
                           "5Gi",
                           "fd00::1",
                           "bc:24:11:00:00:01",
                           "v1.35.1",
                           "ghcr.io/a/b:1.0@sha256:ab",
                           "--verbose",
                           "-x",
                           "/config",
                           "a b",
                           "it's",
                           "$(x)",
                           "${x}",
                           "a, b",
                           "日本語",
                           "0 3 * * *",
                           "http://a:80/b#c",
                           "apps/v1",
                           "yesterday",
                           "8989tcp"}) {
    CAPTURE(text);
    CHECK(is_plain_safe(text));
  }
}

TEST_CASE("words that some YAML reader takes for another type are quoted", "[emit]") {
  for (const char* text :
       {"y",  "Yes",  "NO",         "on",       "Off",   "true",  "~",    "Null", "=",
        "<<", "012",  "0o7",        "0b1",      "1_000", "1e3",   ".5",   "5.",   "+1",
        "-1", "1:30", "2026-01-01", "2026-1-1", ".inf",  "-.Inf", ".NaN", "0x1F", "1.20"}) {
    CAPTURE(text);
    std::string out;
    CHECK_FALSE(is_plain_safe(text));
    append_quoted(text, out);
    CHECK(out == '"' + std::string(text) + '"');
  }
}

TEST_CASE("the layout is the one a person writes", "[emit]") {
  Arena arena;
  Map map = arena.map();
  map.set("apiVersion", "v1").set("kind", "ConfigMap").set("count", 3).set("share", plain("0.5"));
  map.set("on", true).set("nothing", nullptr);
  map.map("metadata").set("name", "x").map("annotations");
  map.list("args").add("--a").add("b c");
  map.list("empty");
  Map port = map.list("ports").map();
  port.set("name", "http").map("target").set("port", 80);
  map.map("data").set("a.conf", "one\n  two\n").set("b", "one\ntwo");
  map.comment_above("args", "why\n\nthese").comment_beside("count", "three");
  CHECK(yaml(map) == R"(apiVersion: v1
kind: ConfigMap
count: 3  # three
share: 0.5
"on": true
nothing: null
metadata:
  name: x
  annotations: {}
# why
#
# these
args:
  - --a
  - b c
empty: []
ports:
  - name: http
    target:
      port: 80
data:
  a.conf: |
    one
      two
  b: |-
    one
    two
)");
  CHECK(yaml(map, Indent::four) == R"(apiVersion: v1
kind: ConfigMap
count: 3  # three
share: 0.5
"on": true
nothing: null
metadata:
    name: x
    annotations: {}
# why
#
# these
args:
    - --a
    - b c
empty: []
ports:
    - name: http
      target:
        port: 80
data:
    a.conf: |
        one
          two
    b: |-
        one
        two
)");
}

TEST_CASE("a map put in two places is two maps", "[emit]") {
  Arena arena;
  Map labels = arena.map();
  labels.set("app", "x");
  Map map = arena.map();
  map.map("a").set("labels", labels);
  map.map("b").set("labels", labels).set("after", 1);
  labels.set("more", "y");
  CHECK(yaml(map) == "a:\n  labels:\n    app: x\n    more: \"y\"\nb:\n  labels:\n    app: x\n  after: 1\n");
}

TEST_CASE("set replaces in place, merge joins maps", "[emit]") {
  Arena arena;
  Map map = arena.map();
  map.set("a", 1).set("b", 2).set("c", 3).set("b", "two");
  map.map("m").set("x", 1).set("y", 2);
  Map raw = arena.map();
  raw.map("m").set("y", 3).list("z").add(1);
  raw.set("c", arena.list());
  map.merge(*raw.node());
  map.remove("a");
  CHECK(yaml(map) == "b: two\nc: []\nm:\n  x: 1\n  \"y\": 3\n  z:\n    - 1\n");
}

TEST_CASE("lines know their origin", "[emit]") {
  Bundle bundle;
  Map map = bundle.arena().map(7);
  map.set("apiVersion", "v1").set("kind", "X", 8);
  map.map("metadata", 9).set("name", "n").set("text", "a\nb\n", 10);
  map.list("list").add(1, 11).add(2, 11).map().set("deep", 1, 12);
  bundle.add("b.yaml", "rule", {map}).header = "one\ntwo";
  bundle.add("a.yaml", "rule", {bundle.arena().map(1).set("x", 1)});
  const Rendered rendered = render(bundle);
  REQUIRE(rendered.files.size() == 2);
  CHECK(rendered.files[0].path == "a.yaml");
  const File* file = rendered.find("b.yaml");
  REQUIRE(file != nullptr);
  CHECK(rendered.find("c.yaml") == nullptr);
  const auto origins = rendered.origins(*file);
  const std::vector<LineOrigin> expected = {{3, 7}, {4, 8}, {5, 9}, {7, 10}, {10, 7}, {11, 11}, {13, 12}};
  CHECK(std::vector<LineOrigin>(origins.begin(), origins.end()) == expected);
  const std::string map_text = render_sourcemap(rendered, [](Origin origin) {
    return origin == 9 ? Place{} : Place{origin < 10 ? "lab.lab" : "std/a.lab", origin, origin + 100};
  });
  CHECK(map_text ==
        "{\"format\":\"lab.sourcemap/1\",\n\"sources\":[\"lab.lab\",\"std/a.lab\"],\n\"files\":{\n"
        "\"a.yaml\":[[1,0,1,101]],\n"
        "\"b.yaml\":[[3,0,7,107],[4,0,8,108],[5],[7,1,10,110],[10,0,7,107],[11,1,11,111],[13,1,12,112]]}}\n");
}

TEST_CASE("several documents and JSON", "[emit]") {
  Bundle bundle;
  Map one = bundle.arena().map();
  one.set("a", 1);
  Map two = bundle.arena().map();
  two.set("b", "x\ty\"\n").set("c", bundle.arena().list().add(true).add(nullptr)).map("d");
  bundle.add("x.yaml", "", {one, two});
  bundle.add("x.json", "", {two}, Format::json);
  bundle.add_text("x.txt", "", "raw\n");
  const Rendered rendered = render(bundle);
  CHECK(rendered.text(*rendered.find("x.yaml")) ==
        "a: 1\n---\nb: |\n  x\ty\"\nc:\n  - true\n  - null\nd: {}\n");
  CHECK(rendered.text(*rendered.find("x.json")) ==
        "{\n  \"b\": \"x\\ty\\\"\\n\",\n  \"c\": [\n    true,\n    null\n  ],\n  \"d\": {}\n}\n");
  CHECK(rendered.text(*rendered.find("x.txt")) == "raw\n");
}

namespace {

/// A folder of its own, removed at the end.
struct Folder {
  fs::path path;
  Folder() {
    std::string name = (fs::temp_directory_path() / "lab-emit-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path); }
  [[nodiscard]] std::string out() const { return (path / "out").string(); }
  void put(const std::string& name, const std::string& bytes) const {
    fs::create_directories((path / "out" / name).parent_path());
    std::ofstream(path / "out" / name) << bytes;
  }
  /// Path to bytes of all that is there but the manifest; folders as "name/".
  [[nodiscard]] std::map<std::string, std::string> all() const {
    std::map<std::string, std::string> found;
    if (!fs::exists(path / "out")) return found;
    for (const auto& entry : fs::recursive_directory_iterator(path / "out")) {
      const std::string name = fs::relative(entry.path(), path / "out").string();
      if (name == manifest_name) continue;
      if (entry.is_directory()) {
        found[name + "/"] = "";
      } else {
        std::ostringstream bytes;
        bytes << std::ifstream(entry.path()).rdbuf();
        found[name] = bytes.str();
      }
    }
    return found;
  }
};

using Names = std::vector<std::string>;
using Tree = std::map<std::string, std::string>;

}  // namespace

TEST_CASE("a tree is written, kept, changed and pruned", "[emit]") {
  const Folder folder;
  TreeResult result = write_tree(folder.out(), {{"b/c/y.yaml", "1"}, {"a.yaml", "2"}, {"b/x.yaml", "3"}});
  REQUIRE(result.error.empty());
  CHECK(result.added == Names{"a.yaml", "b/c/y.yaml", "b/x.yaml"});
  CHECK(folder.all() ==
        Tree{{"a.yaml", "2"}, {"b/", ""}, {"b/c/", ""}, {"b/c/y.yaml", "1"}, {"b/x.yaml", "3"}});

  folder.put("mine.txt", "foreign");
  const auto stamp = fs::last_write_time(folder.path / "out");
  result = write_tree(folder.out(), {{"a.yaml", "2"}, {"b/c/y.yaml", "1"}, {"b/x.yaml", "3"}});
  CHECK_FALSE(result.anything());
  CHECK(result.unchanged == 3);
  CHECK(fs::last_write_time(folder.path / "out") == stamp);

  result = compare_tree(folder.out(), {{"a.yaml", "two"}, {"d/e/z.yaml", "4"}});
  CHECK(result.changed == Names{"a.yaml"});
  CHECK(result.removed == Names{"b/c/y.yaml", "b/x.yaml"});
  CHECK(folder.all().count("d/") == 0);

  result = write_tree(folder.out(), {{"a.yaml", "two"}, {"d/e/z.yaml", "4"}});
  REQUIRE(result.error.empty());
  CHECK(result.changed == Names{"a.yaml"});
  CHECK(result.added == Names{"d/e/z.yaml"});
  CHECK(result.removed == Names{"b/c/y.yaml", "b/x.yaml"});
  CHECK(folder.all() ==
        Tree{{"a.yaml", "two"}, {"d/", ""}, {"d/e/", ""}, {"d/e/z.yaml", "4"}, {"mine.txt", "foreign"}});
}

TEST_CASE("a folder that holds a foreign file stays, and so does the file", "[emit]") {
  const Folder folder;
  REQUIRE(write_tree(folder.out(), {{"b/x.yaml", "1"}}).ok());
  folder.put("b/mine.txt", "foreign");
  REQUIRE(write_tree(folder.out(), {{"b/mine2.yaml", "1"}}).ok());
  CHECK(folder.all() == Tree{{"b/", ""}, {"b/mine.txt", "foreign"}, {"b/mine2.yaml", "1"}});
  const TreeResult result = write_tree(folder.out(), {{"b/mine.txt", "ours"}});
  CHECK(result.error.find("b/mine.txt: no build wrote this file") != std::string::npos);
  CHECK(folder.all() == Tree{{"b/", ""}, {"b/mine.txt", "foreign"}, {"b/mine2.yaml", "1"}});
}

TEST_CASE("a file becomes a folder and a folder a file", "[emit]") {
  const Folder folder;
  REQUIRE(write_tree(folder.out(), {{"a", "1"}, {"b/c/d", "2"}}).ok());
  const TreeResult result = write_tree(folder.out(), {{"a/x/y", "3"}, {"b", "4"}});
  CHECK(result.error.empty());
  CHECK(folder.all() == Tree{{"a/", ""}, {"a/x/", ""}, {"a/x/y", "3"}, {"b", "4"}});
}

TEST_CASE("paths that lead out of the tree are refused", "[emit]") {
  for (const char* path : {"../x", "/etc/x", "a/../../x", "a//x", "./x", "", "a/", ".lab-manifest", "a\nb"}) {
    CAPTURE(path);
    const Folder folder;
    CHECK_FALSE(write_tree(folder.out(), {{path, "1"}, {"ok", "1"}}).ok());
    CHECK(folder.all().empty());
  }
  const Folder folder;
  CHECK_FALSE(write_tree(folder.out(), {{"a", "1"}, {"a", "1"}}).ok());
  CHECK_FALSE(write_tree(folder.out(), {{"a", "1"}, {"a-b", "1"}, {"a/b", "1"}}).ok());
  CHECK(folder.all().empty());
}

TEST_CASE("symbolic links are not followed", "[emit]") {
  const Folder folder;
  fs::create_directories(folder.path / "elsewhere");
  fs::create_directories(folder.path / "out");
  fs::create_directory_symlink(folder.path / "elsewhere", folder.path / "out" / "a");
  CHECK_FALSE(write_tree(folder.out(), {{"a/x", "1"}}).ok());
  CHECK(fs::is_empty(folder.path / "elsewhere"));
}

TEST_CASE("a manifest that was tampered with removes nothing outside", "[emit]") {
  const Folder folder;
  std::ofstream(folder.path / "precious") << "x";
  REQUIRE(write_tree(folder.out(), {{"a", "1"}}).ok());
  std::ofstream(folder.path / "out" / manifest_name, std::ios::app) << "../precious\n";
  REQUIRE(write_tree(folder.out(), {{"b", "1"}}).ok());
  CHECK(fs::exists(folder.path / "precious"));
}

TEST_CASE("a build that was killed is made good by the next", "[emit]") {
  const Folder folder;
  REQUIRE(write_tree(folder.out(), {{"a", "1"}}).ok());
  // As if killed while renaming: staging holds the new manifest, one file is in its place already.
  folder.put(".lab-staging/manifest", "a\nnew/x\n");
  folder.put(".lab-staging/1", "half");
  folder.put("new/x", "of the killed build");
  const TreeResult result = write_tree(folder.out(), {{"a", "1"}, {"new/x", "2"}});
  CHECK(result.error.empty());
  CHECK(folder.all() == Tree{{"a", "1"}, {"new/", ""}, {"new/x", "2"}});
}

TEST_CASE("a second build at the same time is refused", "[emit]") {
  const Folder folder;
  REQUIRE(write_tree(folder.out(), {{"a", "1"}}).ok());
  const int fd = ::open(folder.out().c_str(), O_RDONLY | O_DIRECTORY);
  REQUIRE(::flock(fd, LOCK_EX) == 0);
  CHECK(write_tree(folder.out(), {{"a", "2"}}).error.find("another build") != std::string::npos);
  ::close(fd);
  CHECK(write_tree(folder.out(), {{"a", "2"}}).ok());
}

TEST_CASE("what is no plain file is not taken for one", "[emit]") {
  const Folder folder;
  REQUIRE(write_tree(folder.out(), {{"a", "1"}, {"b", ""}, {"c", "3"}}).ok());
  for (const char* name : {"a", "b", "c"}) fs::remove(folder.path / "out" / name);
  REQUIRE(::mkfifo((folder.path / "out" / "a").c_str(), 0600) == 0);
  REQUIRE(::mkfifo((folder.path / "out" / "b").c_str(), 0600) == 0);
  std::ofstream(folder.path / "three") << "3";
  fs::create_symlink(folder.path / "three", folder.path / "out" / "c");
  const TreeResult result = write_tree(folder.out(), {{"a", "1"}, {"b", ""}, {"c", "3"}});
  CHECK(result.error.empty());
  CHECK(result.changed == Names{"a", "b", "c"});
  CHECK(fs::is_regular_file(fs::symlink_status(folder.path / "out" / "c")));
  CHECK(folder.all() == Tree{{"a", "1"}, {"b", ""}, {"c", "3"}});
}

TEST_CASE("several threads write what one does", "[emit]") {
  Bundle bundle;
  for (int i = 0; i < 5000; ++i) {
    Map map = bundle.arena().map(i + 1);
    map.set("name", "n" + std::to_string(i)).set("number", i, i + 2);
    const std::string path = "f" + std::to_string(i % 70) + "/" + std::to_string(i);
    if (i % 1000 == 7)
      bundle.add_sealed(path + ".sops.yaml", "rule", {map}, {});
    else
      bundle.add(path + ".yaml", "rule", {map}).late = i == 4242;
  }
  std::vector<std::string> sealed;
  const Seal seal = [&](const Artifact& artifact, std::vector<LineOrigin>&) -> std::optional<std::string> {
    sealed.push_back(artifact.path);
    if (artifact.path.starts_with("f7/")) return std::nullopt;
    return "sealed: " + artifact.path + "\n";
  };
  const auto late = std::ranges::find(bundle.artifacts, true, &Artifact::late);
  Rendered one = render(bundle, seal, 1), many = render(bundle, seal, 3);
  REQUIRE(one.parts.size() == 2);
  REQUIRE(many.parts.size() == 4);
  CHECK(sealed.size() == 10);
  CHECK(std::equal(sealed.begin(), sealed.begin() + 5, sealed.begin() + 5, sealed.end()));
  std::vector<Output> outputs;
  for (Rendered* rendered : {&one, &many}) render_late(*rendered, *late);
  REQUIRE(one.files.size() == 4999);
  REQUIRE(many.files.size() == one.files.size());
  for (std::size_t i = 0; i < one.files.size(); ++i) {
    const File &a = one.files[i], &b = many.files[i];
    const auto x = one.origins(a), y = many.origins(b);
    if (a.path != b.path || one.text(a) != many.text(b) ||
        !std::equal(x.begin(), x.end(), y.begin(), y.end()))
      FAIL_CHECK(a.path << " and " << b.path);
    outputs.push_back({b.path, many.text(b)});
  }
  CHECK(many.text(*many.find(late->path)) == "name: n4242\nnumber: 4242\n");
  const Folder folder;
  CHECK(write_tree(folder.out(), outputs, 3).added.size() == outputs.size());
  const TreeResult again = write_tree(folder.out(), outputs, 3);
  CHECK(again.unchanged == outputs.size());
  CHECK_FALSE(again.anything());
  outputs[4000].bytes = "other\n";
  CHECK(write_tree(folder.out(), outputs, 3).changed == Names{std::string(outputs[4000].path)});
}

TEST_CASE("a failed write changes nothing and leaves nothing behind", "[emit]") {
  const Folder folder;
  REQUIRE(write_tree(folder.out(), {{"a", "1"}, {"b/x", "1"}}).ok());
  const Tree before = folder.all();
  // A file size limit stands for the full disk: write fails with EFBIG half way.
  rlimit old{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &old) == 0);
  rlimit small = old;
  small.rlim_cur = 100;
  const auto handler = ::signal(SIGXFSZ, SIG_IGN);
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  const std::string big(1000, 'x');
  const TreeResult result = write_tree(folder.out(), {{"a", "2"}, {"c/y", "3"}, {"d/z", big}});
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &old) == 0);
  ::signal(SIGXFSZ, handler);
  CHECK(result.error.find("d/z: File too large") != std::string::npos);
  CHECK(folder.all() == before);
}
