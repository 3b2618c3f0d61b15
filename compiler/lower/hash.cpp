#include "compiler/lower/hash.h"

#include <openssl/sha.h>

#include <array>

namespace lab::lower {

std::string sha256_hex(std::string_view bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::array<unsigned char, SHA256_DIGEST_LENGTH> hash{};
  // libcrypto's, which uses the processor's own instructions for it; libsodium's does not.
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), hash.data());
  std::string out;
  out.reserve(2 * hash.size());
  for (const unsigned char byte : hash) {
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
  return out;
}

}  // namespace lab::lower
