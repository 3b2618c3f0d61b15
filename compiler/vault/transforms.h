// What a secret leaf becomes when its file is sealed: a table of named functions.
//
// A transform sees the values of the leaf's pieces, joined, and entropy that follows from the vault and the
// leaf: what it needs beyond the values (salts, serial numbers) comes from there, so that sealing again gives
// the same bytes.
#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "crypto/entropy.h"
#include "crypto/secret_bytes.h"

namespace lab::vault {

/// What a transform works on.
struct Material {
  const crypto::SecretBytes& joined;                   // the pieces, one behind the other
  std::span<const crypto::SecretBytes* const> values;  // those of the vault, in the order of the pieces
  std::string_view parameters;                         // of the leaf; public
  const crypto::Entropy& entropy;  // follows from the vault, the values and the parameters
};

/// Changes when any of the values does, and tells nothing of them.
inline constexpr std::string_view digest_transform = "digest";

struct Transform {
  std::string_view name;
  /// Nothing for values that it cannot take; `problem` then says why, without content.
  std::optional<crypto::SecretBytes> (*apply)(const Material& material, std::string& problem);
};

/// base64, digest, argon2id, bcrypt, pbkdf2-sha512, ssh-public-key, wireguard-public-key, talos-admin.
[[nodiscard]] std::span<const Transform> transforms();

}  // namespace lab::vault
