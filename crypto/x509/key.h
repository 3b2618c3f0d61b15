// Key pairs on libcrypto, with the PEM labels that Talos writes and reads (siderolabs/crypto
// x509/constants.go).
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/secret_bytes.h"

struct evp_pkey_st;

namespace lab::crypto::x509 {

enum class KeyKind : std::uint8_t {
  ed25519,  // PKCS#8 under the label ED25519 PRIVATE KEY
  p256,     // ECDSA; SEC1 under the label EC PRIVATE KEY
  rsa       // PKCS#1 under the label RSA PRIVATE KEY
};

class Key {
 public:
  /// A fresh random key; RSA with 4096 bits.
  [[nodiscard]] static Key generate(KeyKind kind);
  /// The key that follows from this one and `info`, of the same kind: who lacks this private key can neither
  /// make nor recognise it. HMAC-SHA-256, keyed with a hash of the private key, gives the seed (Ed25519) or
  /// the first candidate for the scalar (P-256; one out of range is hashed again). Not for RSA.
  [[nodiscard]] Key derive(std::string_view info) const;
  /// As many bytes that nobody without the private key can tell from random ones; at most 32.
  [[nodiscard]] std::string derive_bytes(std::string_view info, std::size_t count) const;
  /// Any of the labels above or PRIVATE KEY, unencrypted; nothing for other text and other kinds of key.
  [[nodiscard]] static std::optional<Key> from_pem(const SecretBytes& pem);

  [[nodiscard]] KeyKind kind() const { return kind_; }
  [[nodiscard]] SecretBytes pem() const;
  /// SubjectPublicKeyInfo (RFC 5280, 4.1.2.7), DER.
  [[nodiscard]] std::string public_der() const;
  /// The signature of `message` as a certificate holds it, the same each time: RFC 8032, or ECDSA with
  /// SHA-256 and the nonce of RFC 6979 3.2 as DER (RFC 3279 2.2.3). Not for RSA.
  [[nodiscard]] std::string sign(std::string_view message) const;

 private:
  struct Free {
    void operator()(evp_pkey_st* key) const;
  };
  using Owned = std::unique_ptr<evp_pkey_st, Free>;
  Key(Owned key, KeyKind kind) : key_(std::move(key)), kind_(kind) {}
  [[nodiscard]] std::array<unsigned char, 32> keyed(std::string_view purpose, std::string_view info) const;
  /// PKCS#8, SEC1 or PKCS#1, as the label says.
  [[nodiscard]] SecretBytes private_der() const;
  Owned key_;
  KeyKind kind_;
};

}  // namespace lab::crypto::x509
