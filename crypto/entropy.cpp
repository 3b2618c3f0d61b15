#include "crypto/entropy.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "crypto/encoding.h"

namespace lab::crypto {

namespace {

constexpr std::size_t hash_size = crypto_generichash_BYTES;

}  // namespace

SecretBytes keyed_hash(std::span<const std::byte> key, std::span<const std::string_view> parts) {
  initialise();
  crypto_generichash_state state;
  crypto_generichash_init(&state, raw(key), key.size(), hash_size);
  for (const std::string_view part : parts) {
    std::array<unsigned char, 8> length{};
    for (std::size_t i = 0; i < length.size(); ++i)
      length[i] = static_cast<unsigned char>(part.size() >> (8 * (7 - i)));
    crypto_generichash_update(&state, length.data(), length.size());
    crypto_generichash_update(&state, raw(bytes_of(part)), part.size());
  }
  SecretBytes out(hash_size);
  crypto_generichash_final(&state, raw(out.writable()), hash_size);
  wipe(&state, sizeof state);
  return out;
}

void Entropy::fill(std::span<std::byte> into, std::string_view what) const {
  initialise();
  if (seed_.empty()) {
    randombytes_buf(into.data(), into.size());
    return;
  }
  for (std::size_t done = 0, block = 0; done < into.size(); ++block) {
    const SecretBytes bytes = keyed_hash(seed_, {"lab/entropy/v1", what, std::to_string(block)});
    const std::size_t n = std::min(hash_size, into.size() - done);
    std::memcpy(into.data() + done, bytes.expose().data(), n);
    done += n;
  }
}

SecretBytes Entropy::bytes(std::size_t size, std::string_view what) const {
  SecretBytes out(size);
  fill(out.writable(), what);
  return out;
}

}  // namespace lab::crypto
