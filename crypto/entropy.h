// Where keys and nonces come from: the system, or a secret seed that gives the same bytes again.
//
// Encrypted files of a build are derived from the vault, so that building twice gives the same bytes. A seed
// must be bound to the plaintext it protects: two plaintexts never share a key and nonce.
#pragma once
#include <span>
#include <string_view>

#include "crypto/secret_bytes.h"

namespace lab::crypto {

class Entropy {
 public:
  /// The system's random numbers.
  Entropy() = default;
  /// Bytes that follow from `seed` (32 bytes) and what `fill` is told.
  explicit Entropy(SecretBytes seed) : seed_(std::move(seed)) {}

  [[nodiscard]] bool derived() const { return !seed_.empty(); }
  /// `what` says for what the bytes are; derived bytes differ for each, and are the same for the same.
  void fill(std::span<std::byte> into, std::string_view what) const;
  [[nodiscard]] SecretBytes bytes(std::size_t size, std::string_view what) const;
  /// The same kind of source, from which nothing is that comes from this one or from another part.
  [[nodiscard]] Entropy part(std::string_view what) const {
    return derived() ? Entropy(bytes(32, what)) : Entropy();
  }

 private:
  SecretBytes seed_;
};

/// BLAKE2b-256 (RFC 7693) of parts with a key of up to 64 bytes; each part is preceded by its length, so that
/// no two lists of parts give one message.
[[nodiscard]] SecretBytes keyed_hash(std::span<const std::byte> key, std::span<const std::string_view> parts);
[[nodiscard]] inline SecretBytes keyed_hash(const SecretBytes& key,
                                            std::initializer_list<std::string_view> parts) {
  return keyed_hash(key.expose(), std::span(parts.begin(), parts.size()));
}

}  // namespace lab::crypto
