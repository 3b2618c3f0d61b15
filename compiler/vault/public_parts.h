// What everybody may know of a secret: the public half of a key, the certificates beside one.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "crypto/secret_bytes.h"

namespace lab::vault {

/// What is read of a value; else why not, without its content.
struct PublicPart {
  std::optional<std::string> text;
  std::string problem;
};

/// Why values of a source never have one, for all that can be said without the value: `recipe` is a word of
/// `secret-source`, `function` the language's name. Empty: they may.
[[nodiscard]] std::string_view no_public_part(std::string_view function, std::string_view recipe);

/// `ssh-ed25519 AAAA…`, WireGuard's base64, `age1…`, or a PEM block PUBLIC KEY, by the form of the key.
[[nodiscard]] PublicPart public_key(const crypto::SecretBytes& value);
/// Every CERTIFICATE block of a PEM text, in its order, and nothing else of it.
[[nodiscard]] PublicPart certificate(const crypto::SecretBytes& value);

}  // namespace lab::vault
