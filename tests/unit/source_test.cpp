// Texts, lines and files.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "compiler/source/file_system.h"
#include "compiler/source/line_index.h"
#include "compiler/source/sources.h"
#include "compiler/source/symbols.h"

using namespace lab::source;
namespace fs = std::filesystem;

namespace {

class Scratch {
 public:
  Scratch() {
    std::string pattern = (fs::temp_directory_path() / "lab-test-XXXXXX").string();
    path = ::mkdtemp(pattern.data());
  }
  ~Scratch() { fs::remove_all(path); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[nodiscard]] std::string operator/(const char* name) const { return path + "/" + name; }
  std::string path;
};

std::size_t entries(const std::string& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("lines end at every kind of line break") {
  const LineIndex lines("one\ntwo\r\nthree\rfour\n");
  REQUIRE(lines.line_count() == 5);
  CHECK(lines.line(0) == "one");
  CHECK(lines.line(1) == "two");
  CHECK(lines.line(2) == "three");
  CHECK(lines.line(3) == "four");
  CHECK(lines.line(4).empty());
  CHECK(lines.line(5).empty());
  CHECK(lines.line_start(2) == 9);
  CHECK(LineIndex("").line_count() == 1);
  CHECK(LineIndex("\n\r").line_count() == 3);
}

TEST_CASE("columns count bytes or UTF-16 units") {
  const LineIndex lines("a\xC3\xA9\xF0\x9F\x98\x80z\nb");  // a é 😀 z
  CHECK(lines.position(0, Encoding::utf16) == Position{0, 0});
  CHECK(lines.position(3, Encoding::utf16) == Position{0, 2});
  CHECK(lines.position(7, Encoding::utf16) == Position{0, 4});
  CHECK(lines.position(7, Encoding::utf8) == Position{0, 7});
  CHECK(lines.position(9, Encoding::utf16) == Position{1, 0});
  CHECK(lines.position(1000, Encoding::utf16) == Position{1, 1});
}

TEST_CASE("positions become offsets, and columns past the end are the end of the line") {
  const LineIndex lines("a\xC3\xA9\xF0\x9F\x98\x80z\r\nb");
  CHECK(lines.offset({0, 0}, Encoding::utf16) == 0);
  CHECK(lines.offset({0, 2}, Encoding::utf16) == 3);
  CHECK(lines.offset({0, 3}, Encoding::utf16) == 3);  // inside the pair: its beginning
  CHECK(lines.offset({0, 4}, Encoding::utf16) == 7);
  CHECK(lines.offset({0, 99}, Encoding::utf16) == 8);
  CHECK(lines.offset({0, 99}, Encoding::utf8) == 8);
  CHECK(lines.offset({1, 1}, Encoding::utf16) == 11);
  CHECK(lines.offset({7, 0}, Encoding::utf16) == 11);
}

TEST_CASE("every character boundary survives the way there and back") {
  const std::string text = "x\xC3\xA9\n\r\n\xE6\x97\xA5\xF0\x9F\x98\x80\ty\rlast";
  const LineIndex lines(text);
  for (std::uint32_t at = 0; at <= text.size(); ++at) {
    const bool inside = at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
    const bool in_break = at > 0 && at < text.size() && text[at - 1] == '\r' && text[at] == '\n';
    if (inside || in_break) continue;
    for (const Encoding encoding : {Encoding::utf8, Encoding::utf16}) {
      CHECK(lines.offset(lines.position(at, encoding), encoding) == at);
    }
  }
}

TEST_CASE("sources give text, path and slices") {
  Sources sources;
  const FileId a = sources.add("a.lab", "hello world");
  const FileId b = sources.add_view("std/b.lab", "let x = 1");
  const std::string_view first = sources.text(a);
  for (int i = 0; i < 1000; ++i) sources.add("more.lab", "short");
  CHECK(first.data() == sources.text(a).data());
  CHECK(sources.path(b) == "std/b.lab");
  CHECK(sources.slice({a, 6, 11}) == "world");
  CHECK(sources.slice({a, 6, 999}) == "world");
  CHECK(sources.slice({a, 999, 1000}).empty());
  CHECK(sources.slice({}).empty());
  CHECK(&sources.lines(b) == &sources.lines(b));
}

TEST_CASE("symbols are equal when their texts are") {
  Symbols symbols;
  CHECK(symbols.intern("") == Symbol::empty);
  const Symbol first = symbols.intern("first");
  const std::string_view text = symbols.text(first);
  for (int i = 0; i < 20000; ++i) symbols.intern("name-" + std::to_string(i));
  CHECK(symbols.intern("first") == first);
  CHECK(symbols.text(first).data() == text.data());
  CHECK(symbols.find("name-19999") != Symbol::empty);
  CHECK(symbols.find("name-20000") == Symbol::empty);
  CHECK(symbols.text(symbols.find("name-777")) == "name-777");
  const std::string longer(200'000, 'x');
  CHECK(symbols.text(symbols.intern(longer)) == longer);
}

TEST_CASE("the real file system writes, reads, lists and removes") {
  const Scratch scratch;
  const auto files = real_file_system();
  const std::string deep = scratch / "x/y/z.txt";
  std::string bytes("with a NUL \0 inside", 19);
  REQUIRE(files->write(deep, bytes).ok());
  std::string back;
  REQUIRE(files->read(deep, back).ok());
  CHECK(back == bytes);
  REQUIRE(files->write(deep, "shorter").ok());
  REQUIRE(files->read(deep, back).ok());
  CHECK(back == "shorter");
  CHECK(entries(scratch / "x/y") == 1);  // no temporary file stays
  REQUIRE(files->write(scratch / "x/b", "").ok());
  REQUIRE(files->write(scratch / "x/a", "").ok());
  std::vector<DirectoryEntry> list;
  REQUIRE(files->list(scratch / "x", list).ok());
  REQUIRE(list.size() == 3);
  CHECK((list[0].name == "a" && list[1].name == "b" && list[2].name == "y"));
  CHECK((!list[0].directory && list[2].directory));
  CHECK(files->exists(deep));
  CHECK(files->is_directory(scratch / "x/y"));
  CHECK_FALSE(files->remove(scratch / "x/y").ok());  // not empty
  CHECK(files->remove(deep).ok());
  CHECK(files->remove(scratch / "x/y").ok());
  CHECK_FALSE(files->exists(scratch / "x/y"));
}

TEST_CASE("what the system refuses is reported in its words") {
  const Scratch scratch;
  const auto files = real_file_system();
  std::string back;
  std::vector<DirectoryEntry> list;
  CHECK(files->read(scratch / "missing", back).error == "No such file or directory");
  CHECK(files->read(scratch.path, back).error == "Is a directory");
  CHECK(files->list(scratch / "missing", list).error == "No such file or directory");
  REQUIRE(files->write(scratch / "file", "x").ok());
  CHECK(files->write(scratch / "file/below", "x").error == "Not a directory");
  CHECK(files->write(scratch.path, "x").error == "Is a directory");
  CHECK(files->remove(scratch / "missing").error == "No such file or directory");
  REQUIRE(::mkfifo((scratch / "pipe").c_str(), 0600) == 0);
  CHECK(files->read(scratch / "pipe", back).error == "not a regular file");
}

TEST_CASE("a write that fails half-way leaves the old file and no other") {
  const Scratch scratch;
  const auto files = real_file_system();
  const std::string path = scratch / "file";
  REQUIRE(files->write(path, "old").ok());
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  rlimit small = before;
  small.rlim_cur = 4096;
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  const IoStatus status = files->write(path, std::string(100'000, 'x'));
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  std::signal(SIGXFSZ, handler);
  CHECK(status.error == "File too large");
  std::string back;
  REQUIRE(files->read(path, back).ok());
  CHECK(back == "old");
  CHECK(entries(scratch.path) == 1);
}

TEST_CASE("writing keeps a file's mode and what links to it") {
  const Scratch scratch;
  const auto files = real_file_system();
  REQUIRE(files->write(scratch / "real", "1").ok());
  REQUIRE(::chmod((scratch / "real").c_str(), 0600) == 0);
  REQUIRE(::symlink("real", (scratch / "link").c_str()) == 0);
  REQUIRE(files->write(scratch / "link", "2").ok());
  CHECK(fs::is_symlink(scratch / "link"));
  std::string back;
  REQUIRE(files->read(scratch / "real", back).ok());
  CHECK(back == "2");
  CHECK(fs::status(scratch / "real").permissions() == (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("the file system in memory behaves like the real one") {
  MemoryFileSystem files;
  files.files = {{"lab/a.lab", "a"}, {"lab/sub/b.lab", "b"}, {"lab/sub-x/c.lab", "c"}, {"other", "o"}};
  std::vector<DirectoryEntry> list;
  REQUIRE(files.list("lab", list).ok());
  REQUIRE(list.size() == 3);
  CHECK((list[0].name == "a.lab" && list[1].name == "sub" && list[2].name == "sub-x"));
  CHECK((!list[0].directory && list[1].directory));
  REQUIRE(files.list(".", list).ok());
  CHECK(list.size() == 2);
  std::string back;
  CHECK(files.read("lab/sub/b.lab", back).ok());
  CHECK(back == "b");
  CHECK(files.read("lab/sub", back).error == "Is a directory");
  CHECK(files.read("lab/none", back).error == "No such file or directory");
  CHECK(files.is_directory("lab/sub"));
  CHECK(files.exists("other"));
  CHECK_FALSE(files.exists("lab/su"));
  CHECK(files.write("lab/new", "n").ok());
  CHECK_FALSE(files.write("lab", "n").ok());
  CHECK_FALSE(files.remove("lab").ok());
  CHECK(files.remove("lab/new").ok());
  CHECK_FALSE(files.exists("lab/new"));
}
