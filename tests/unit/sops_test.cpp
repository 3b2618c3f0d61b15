// SOPS files against the vectors of upstream and of the reference encoder.
#include "crypto/sops/sops.h"

#include <catch2/catch.hpp>

#include "crypto/encoding.h"
#include "crypto/sops/cipher.h"

using namespace lab::crypto;
using namespace lab::crypto::sops;

namespace {

constexpr std::string_view secret_key =
    "AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0";

File made() {
  File file;
  Node root = Node::map();
  root.add(Node::text("apiVersion", "v1"));
  root.add(Node::text("kind", "Secret"));
  root.add(Node::map("metadata")).add(Node::text("name", "x"));
  Node& data = root.add(Node::map("stringData"));
  data.add(Node::text("p", "s3cret"));
  data.add(Node::integer("n", 42));
  data.add(Node::boolean("b", true));
  data.add(Node::text("e", ""));
  data.add(Node()).key = "z";
  file.documents.push_back(std::move(root));
  file.rule.encrypted_regex = "^(data|stringData)$";
  file.last_modified = "2026-01-01T00:00:00Z";
  file.readers.push_back({age::parse_identity(secret_key)->recipient, {}});
  return file;
}

std::vector<age::Identity> identities() {
  std::vector<age::Identity> out;
  out.push_back(*age::parse_identity(secret_key));
  return out;
}

}  // namespace

TEST_CASE("values open as upstream sealed them") {
  const SecretBytes key = SecretBytes::copy_text(std::string(32, 'f'));
  const auto opened = decrypt_value(
      "ENC[AES256_GCM,data:oYyi,iv:MyIDYbT718JRr11QtBkcj3Dwm4k1aCGZBVeZf0EyV8o=,tag:t5z2Z023Up0kxwCgw1gNxg==,"
      "type:str]",
      "bar:", key);
  REQUIRE(opened);
  CHECK(opened->value.expose_text() == "foo");
  const std::string iv = to_base64(bytes_of(std::string(32, '\1')));
  const auto flag = decrypt_value(
      "ENC[AES256_GCM,data:HhF1ew==,iv:" + iv + ",tag:4Z3eWPXTc1AVZ1XfYqmqkA==,type:bool]", "a:b:", key);
  REQUIRE(flag);
  CHECK(flag->value.expose_text() == "True");
  const auto number = decrypt_value(
      "ENC[AES256_GCM,data:flE=,iv:" + iv + ",tag:px2Bk6dI+asX4Y8WcpqcYQ==,type:int]", "a:b:", key);
  REQUIRE(number);
  CHECK(number->value.expose_text() == "42");
  CHECK(number->type == Type::integer);
  // Another place, another key, or anything behind the bracket.
  CHECK_FALSE(decrypt_value("ENC[AES256_GCM,data:flE=,iv:" + iv + ",tag:px2Bk6dI+asX4Y8WcpqcYQ==,type:int]",
                            "a:c:", key));
  CHECK_FALSE(is_encrypted("ENC[AES256_GCM,data:flE=,iv:" + iv + ",tag:px2Bk6dI+asX4Y8WcpqcYQ==,type:int] "));
}

TEST_CASE("the MAC is that of the reference encoder") {
  File file = made();
  (void)write(file);
  const auto mac = decrypt_value(file.mac, "2026-01-01T00:00:00Z", file.data_key);
  REQUIRE(mac);
  CHECK(mac->value.expose_text() ==
        "5731689F07BB6FED61050D36B92EA232CC3363FF55A1EDFB5065E7ABCEC655FF60E10A03D5890DC91484AF482C2A446D7530"
        "9FB5"
        "BEBFA8C8CE099383203C0201");
}

TEST_CASE("a file reads back, and a change of one value changes one value") {
  File file = made();
  const std::string first = write(file);
  CHECK(first.find("s3cret") == std::string::npos);
  CHECK(first.find("    version: 3.9.0\n") != std::string::npos);
  CHECK(first.find("    encrypted_regex: ^(data|stringData)$\n") != std::string::npos);
  CHECK(first.find("name: x\n") != std::string::npos);
  File again;
  std::string problem;
  REQUIRE(parse(first, again, problem));
  const auto keys = identities();
  REQUIRE(unlock(again, keys, problem) == Trouble::none);
  Node& data = *again.documents[0].find("stringData");
  CHECK(data.find("p")->value.expose_text() == "s3cret");
  CHECK(data.find("n")->type == Type::integer);
  CHECK(write(again) == first);
  data.find("p")->value = SecretBytes::copy_text("other");
  data.find("p")->cipher.clear();
  const std::string second = write(again);
  std::size_t changed = 0;
  for (std::size_t a = 0, b = 0; a < first.size() && b < second.size();) {
    const std::size_t end_a = first.find('\n', a), end_b = second.find('\n', b);
    changed += first.substr(a, end_a - a) != second.substr(b, end_b - b);
    a = end_a + 1;
    b = end_b + 1;
  }
  CHECK(changed == 2);  // the value and the MAC
}

TEST_CASE("what was changed by hand is refused") {
  File file = made();
  const std::string text = write(file);
  const auto trouble = [&](std::string from, std::string to) {
    std::string edited = text;
    edited.replace(edited.find(from), from.size(), to);
    File opened;
    std::string problem;
    REQUIRE(parse(edited, opened, problem));
    const auto keys = identities();
    const Trouble t = unlock(opened, keys, problem);
    CHECK(problem.find("s3cret") == std::string::npos);
    return t;
  };
  CHECK(trouble("name: x", "name: y") == Trouble::wrong_mac);
  CHECK(trouble("2026-01-01", "2026-01-02") == Trouble::wrong_mac);
  CHECK(trouble("    p: ENC", "    q: ENC") == Trouble::damaged);
  CHECK(trouble("    b: ENC", "    b: yes\n    c: ENC") == Trouble::damaged);
}

TEST_CASE("scalars are typed as go-yaml types them") {
  const auto of = [](std::string_view text) {
    std::string canonical;
    return std::pair(resolve(text, canonical), canonical);
  };
  CHECK(of("1.0") == std::pair(Type::real, std::string("1")));
  CHECK(of("017") == std::pair(Type::integer, std::string("15")));
  CHECK(of("0x1F") == std::pair(Type::integer, std::string("31")));
  CHECK(of("0o17") == std::pair(Type::integer, std::string("15")));
  CHECK(of("0b11") == std::pair(Type::integer, std::string("3")));
  CHECK(of("+12") == std::pair(Type::integer, std::string("12")));
  CHECK(of(".5") == std::pair(Type::real, std::string("0.5")));
  CHECK(of("1e3") == std::pair(Type::real, std::string("1000")));
  CHECK(of("1_000") == std::pair(Type::integer, std::string("1000")));
  CHECK(of("2026-01-01").first == Type::time);
  CHECK(of("yes").first == Type::text);
  CHECK(of("3.9.0").first == Type::text);
  CHECK(format_real(1e23) == "1" + std::string(23, '0'));
  CHECK(format_real(1.5e-7) == "0.00000015");
  CHECK(format_real(-12.25) == "-12.25");
}

TEST_CASE("YAML as it is written by hand and by go-yaml") {
  const std::string text =
      "# head\na: plain text # beside\nb:\n    - x\n    - y: 1\n      z: \"q\\u00e9\\n\"\n    - - deep\nc: "
      "|\n    one\n"
      "\n      two\nd: |-\n    last\ne: {}\nf: []\ng: 'it''s'\nh: null\n\"8080\": \"8080\"\n";
  std::vector<Node> documents;
  std::string problem;
  REQUIRE(read_yaml(text, documents, problem));
  const Node& root = documents.at(0);
  CHECK(root.find("a")->plain() == "plain text");
  CHECK(root.find("b")->children.at(1).find("z")->plain() == "q\xc3\xa9\n");
  CHECK(root.find("b")->children.at(2).children.at(0).plain() == "deep");
  CHECK(root.find("c")->plain() == "one\n\n  two\n");
  CHECK(root.find("d")->plain() == "last");
  CHECK(root.find("g")->plain() == "it's");
  CHECK(root.find("h")->type == Type::null);
  SecretBuilder out;
  std::uint32_t line = 1;
  std::vector<Line> lines;
  write_yaml(root, out, line, lines);
  const SecretBytes once = out.take();
  std::vector<Node> again;
  REQUIRE(read_yaml(once.expose_text(), again, problem));
  write_yaml(again.at(0), out, line, lines);
  CHECK(out.take().expose_text() == once.expose_text());
  for (const char* bad : {"a: &x 1\n", "8080: x\n", "a: {b: c}\n", "a: 1\na: 2\n", "a: >\n  x\n", "- a\n",
                          "a: \"x\n", "a:\n  b: 1\n c: 2\n", "a: b: c\n"}) {
    std::vector<Node> none;
    std::string why;
    CHECK_FALSE(read_yaml(bad, none, why));
    CHECK(why.starts_with("line "));
  }
}

TEST_CASE("no text that breaks off or has one byte changed is taken, and none ends the program") {
  File file = made();
  const std::string text = write(file);
  const auto keys = identities();
  std::size_t opened = 0;
  for (std::size_t n = 0; n < text.size(); n += 7) {
    for (const bool cut : {true, false}) {
      std::string edited = cut ? text.substr(0, n) : text;
      if (!cut) edited[n] = static_cast<char>(edited[n] ^ 1);
      File other;
      std::string problem;
      if (!parse(edited, other, problem)) {
        CHECK_FALSE(problem.empty());
        continue;
      }
      if (unlock(other, keys, problem) == Trouble::none) ++opened;
    }
  }
  // What is plain and outside of the MAC may change: names of keys, the version, the recipient beside a
  // block.
  CHECK(opened < text.size() / 7 / 8);
}
