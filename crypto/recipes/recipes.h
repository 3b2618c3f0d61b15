// How values of the vault come to be, and the digests that are made of them.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "crypto/entropy.h"
#include "crypto/secret_bytes.h"

namespace lab::crypto::recipes {

/// `size` letters and digits, each as likely as any other.
[[nodiscard]] SecretBytes password(std::size_t size, const Entropy& entropy = {});
/// `size` random bytes, written with twice as many digits.
[[nodiscard]] SecretBytes hex(std::size_t size, const Entropy& entropy = {});
/// `size` random bytes, padded.
[[nodiscard]] SecretBytes base64(std::size_t size, const Entropy& entropy = {});
/// RFC 9562, version 4.
[[nodiscard]] SecretBytes uuid(const Entropy& entropy = {});
/// An Ed25519 key as `ssh-keygen` writes it, without a passphrase (PROTOCOL.key of OpenSSH).
[[nodiscard]] SecretBytes ssh_key(const Entropy& entropy = {});
/// `ssh-ed25519 AAAA…` of a key in OpenSSH's own format, of any type, with a passphrase or without; empty for
/// other texts.
[[nodiscard]] std::string ssh_public_key(std::string_view key);
/// 32 bytes for Curve25519, clamped and padded, as `wg genkey` writes them.
[[nodiscard]] SecretBytes wireguard_key(const Entropy& entropy = {});
[[nodiscard]] std::string wireguard_public_key(std::string_view key);

/// By the word of the language: `password`, `hex`, `base64` take `size`, `uuid`, `ssh-key`, `wireguard-key`
/// do not. Nothing for other words.
[[nodiscard]] std::optional<SecretBytes> generate(std::string_view recipe, std::int64_t size,
                                                  const Entropy& entropy = {});

// ---- digests: salted, so `salt` must be given for one that is to come out the same again
/// PHC string of Argon2id, 64 MiB, three passes, one lane. `salt`: 16 bytes.
[[nodiscard]] SecretBytes argon2id(const SecretBytes& password, const SecretBytes& salt);
/// `$2b$12$…` (crypt(5)); nothing for a password of more than 72 bytes, of which bcrypt would drop the rest.
[[nodiscard]] std::optional<SecretBytes> bcrypt(const SecretBytes& password, const SecretBytes& salt);
/// `$pbkdf2-sha512$310000$…` of passlib, as Authelia reads client secrets. `salt`: 16 bytes.
[[nodiscard]] SecretBytes pbkdf2_sha512(const SecretBytes& password, const SecretBytes& salt);

}  // namespace lab::crypto::recipes
