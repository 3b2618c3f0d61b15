// One encrypted value of SOPS: AES-256-GCM with a nonce of 32 bytes (getsops/sops, aes/cipher.go).
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "crypto/sops/tree.h"

namespace lab::crypto::sops {

/// The word of a type in `ENC[…,type:…]`.
[[nodiscard]] std::string_view word(Type type);

/// `ENC[AES256_GCM,data:…,iv:…,tag:…,type:…]`. The nonce is a keyed hash of the key, `aad` and the plaintext:
/// the same value in the same place gives the same text, different ones never share a nonce.
[[nodiscard]] std::string encrypt_value(const SecretBytes& plaintext, Type type, std::string_view aad,
                                        const SecretBytes& data_key);

/// Whether a text has the form, exactly: nothing may stand before or behind it.
[[nodiscard]] bool is_encrypted(std::string_view text);

struct Decrypted {
  Type type = Type::text;
  SecretBytes value;
};
/// Nothing when it is malformed or was not sealed with this key and `aad`.
[[nodiscard]] std::optional<Decrypted> decrypt_value(std::string_view text, std::string_view aad,
                                                     const SecretBytes& data_key);

}  // namespace lab::crypto::sops
