// Opens the age file on standard input and says how that went in the words of C2SP/CCTV: open_age KEYS [yes].
// With `yes` the file is armored, whatever it looks like.
#include <fmt/format.h>
#include <sodium.h>

#include <array>
#include <fstream>
#include <iostream>
#include <iterator>

#include "crypto/age/age.h"
#include "crypto/encoding.h"

using namespace lab::crypto;

int main(int argc, char** argv) {
  if (argc != 2 && argc != 3) return 2;
  std::ifstream keys(argv[1]);
  std::string problem;
  const auto identities =
      age::parse_identity_file(std::string(std::istreambuf_iterator<char>(keys), {}), problem);
  if (!problem.empty()) {
    fmt::print(stderr, "{}\n", problem);
    return 2;
  }
  std::string file(std::istreambuf_iterator<char>(std::cin), {});
  if (argc == 3 && !age::unarmor(file)) {
    fmt::print("armor failure\n");
    return 0;
  }
  const age::Opened opened = age::decrypt(file, identities);
  constexpr std::array words = {"success",      "armor failure",   "header failure",
                                "HMAC failure", "payload failure", "no match"};
  std::string said = words[static_cast<std::size_t>(opened.trouble)];
  if (opened.ok()) {
    std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
    crypto_hash_sha256(hash.data(), raw(opened.plaintext.expose()), opened.plaintext.size());
    said += ' ';
    said += to_hex_secret(std::as_bytes(std::span(hash))).expose_text();
  }
  fmt::print("{}\n", said);
}
