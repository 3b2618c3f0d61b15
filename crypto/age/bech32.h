// Bech32 (BIP 173, checksum constant 1) without its limit of length, as age uses it.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "crypto/secret_bytes.h"

namespace lab::crypto::age {

/// Lower case: `hrp1data…`.
[[nodiscard]] SecretBytes bech32_encode(std::string_view hrp, std::span<const std::byte> data);

struct Bech32 {
  std::string hrp;  // as written
  SecretBytes data;
};
/// Nothing for mixed case, other characters, a wrong checksum or bits left over.
[[nodiscard]] std::optional<Bech32> bech32_decode(std::string_view text);

}  // namespace lab::crypto::age
