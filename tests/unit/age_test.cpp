// age v1 against the vectors of C2SP/CCTV and its own rules.
#include "crypto/age/age.h"

#include <sodium.h>

#include <array>
#include <catch2/catch.hpp>

#include "crypto/encoding.h"

using namespace lab::crypto;
using namespace lab::crypto::age;

namespace {

constexpr std::string_view secret_key =
    "AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0";
constexpr std::string_view recipient = "age1xmwwc06ly3ee5rytxm9mflaz2u56jjj36s0mypdrwsvlul66mv4q47ryef";

std::vector<Identity> one() {
  std::vector<Identity> out;
  out.push_back(*parse_identity(secret_key));
  return out;
}

std::string bytes(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i < hex.size(); i += 2)
    out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return out;
}

/// The header of CCTV `x25519`, and `plaintext` under its payload key.
std::string vector(std::string_view plaintext = "age", unsigned char flip = 0) {
  const std::string body = bytes("86369b197c122d0f5cdd2e8bc368be4b64eed9f8b04071ec95b04de81e3514b1");
  const std::string mac = bytes("5b2269f45ffd14e661ee025d85eab658825cc0781873c348561ddd77086b70d8");
  const std::string key = bytes("6b6c189a7af0e7b1dba932c87080d8926b2de53fbf9eac516394701223669022");
  std::array<unsigned char, 12> nonce{};
  nonce.back() = 1;
  std::string sealed(plaintext.size() + crypto_aead_chacha20poly1305_ietf_ABYTES, '\0');
  crypto_aead_chacha20poly1305_ietf_encrypt(reinterpret_cast<unsigned char*>(sealed.data()), nullptr,
                                            raw(bytes_of(plaintext)), plaintext.size(), nullptr, 0, nullptr,
                                            nonce.data(), raw(bytes_of(key)));
  sealed.back() = static_cast<char>(sealed.back() ^ flip);
  return "age-encryption.org/v1\n-> X25519 TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCc\n" +
         to_base64(bytes_of(body), Base64::unpadded) + "\n--- " + to_base64(bytes_of(mac), Base64::unpadded) +
         "\n" + bytes("eecf62c7ce91b433274e68d4f2f9134c") + sealed;
}

}  // namespace

TEST_CASE("keys have the text of upstream") {
  const auto identity = parse_identity(secret_key);
  REQUIRE(identity);
  CHECK(identity->recipient == recipient);
  CHECK(identity_text(*identity).expose_text() == secret_key);
  CHECK(recipient_problem(recipient).empty());
  CHECK_FALSE(recipient_problem("age1xmwwc06ly3ee5rytxm9mflaz2u56jjj36s0mypdrwsvlul66mv4q47ryeg").empty());
  CHECK_FALSE(recipient_problem("ssh-ed25519 AAAA").empty());
  std::string lower(secret_key);
  for (char& c : lower) c = static_cast<char>(std::tolower(c));
  CHECK_FALSE(parse_identity(lower));
  std::string problem;
  CHECK(parse_identity_file("# made today\n\n" + std::string(secret_key) + "\n", problem).size() == 1);
  CHECK(parse_identity_file(std::string(secret_key) + "\nnot a key\n", problem).empty());
  CHECK(problem.starts_with("line 2 "));
  CHECK(problem.find("not a key") == std::string::npos);
}

TEST_CASE("the vector of CCTV opens") {
  const Opened opened = decrypt(vector(), one());
  CHECK(opened.why == "");
  CHECK(opened.plaintext.expose_text() == "age");
}

TEST_CASE("files of every length around a chunk read back, for each of several recipients") {
  std::vector<Identity> others;
  others.push_back(generate_identity());
  const std::vector<std::string> both = {std::string(recipient), others[0].recipient};
  for (const std::size_t size : {0U, 1U, 65535U, 65536U, 65537U, 131072U, 200000U}) {
    const SecretBytes plaintext = SecretBytes::random(size);
    const std::string file = encrypt(plaintext.expose(), both);
    CHECK(decrypt(file, one()).plaintext.same_as(plaintext));
    const Opened other = decrypt(armor(file), others);
    CHECK(other.plaintext.same_as(plaintext));
    CHECK(decrypt(file.substr(0, file.size() - 1), one()).trouble == Trouble::payload);
    CHECK(decrypt(file + "x", one()).trouble == Trouble::payload);
  }
}

TEST_CASE("what the specification rejects is rejected") {
  std::vector<Identity> stranger;
  stranger.push_back(generate_identity());
  CHECK(decrypt(vector(), stranger).trouble == Trouble::no_match);
  const auto changed = [](std::string_view from, std::string_view to) {
    std::string file = vector();
    file.replace(file.find(from), from.size(), to);
    return decrypt(file, one()).trouble;
  };
  CHECK(changed("age-encryption.org/v1", "age-encryption.org/v2") == Trouble::header);
  CHECK(changed("-> X25519 TEiF", "-> X25519 extra TEiF") == Trouble::header);
  CHECK(changed("-> X25519 ", "-> X25519  ") == Trouble::header);
  CHECK(changed("\n--- ", "\n---  ") == Trouble::header);
  CHECK(changed("--- W", "--- X") == Trouble::hmac);
  CHECK(decrypt(vector("age", 1), one()).trouble == Trouble::payload);
  const Opened phrase = decrypt(
      "age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 10\n\n--- " + std::string(43, 'A') + "\n",
      one());
  CHECK(phrase.trouble == Trouble::no_match);
  CHECK(phrase.why.find("passphrase") != std::string::npos);
}

TEST_CASE("armor is strict") {
  const std::string text = armor(vector());
  CHECK(unarmor(text) == vector());
  CHECK(unarmor("\n  \n" + text + " \n\n") == vector());
  const auto edited = [&](std::string_view from, std::string_view to) {
    std::string file = text;
    file.replace(file.find(from), from.size(), to);
    return unarmor(file).has_value();
  };
  CHECK_FALSE(edited("-----END", "\n-----END"));
  CHECK_FALSE(edited("FILE-----\n", "FILE----- \n"));
  CHECK_FALSE(edited("YWdl", "YWdl "));
  CHECK_FALSE(edited("-----END AGE", "-----END XGE"));
  CHECK_FALSE(unarmor(text + "x"));
  CHECK_FALSE(unarmor(text.substr(0, 100)));
  std::string crlf;
  for (const char c : text) crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
  CHECK(unarmor(crlf) == vector());
}

TEST_CASE("derived files are the same again, and differ with the seed") {
  const std::vector<std::string> to = {std::string(recipient)};
  const Entropy a(SecretBytes::copy_text(std::string(32, 'a'))),
      b(SecretBytes::copy_text(std::string(32, 'b')));
  const SecretBytes plaintext = SecretBytes::copy_text("text");
  CHECK(encrypt(plaintext.expose(), to, a) == encrypt(plaintext.expose(), to, a));
  CHECK(encrypt(plaintext.expose(), to, a) != encrypt(plaintext.expose(), to, b));
  CHECK(encrypt(plaintext.expose(), to) != encrypt(plaintext.expose(), to));
}
