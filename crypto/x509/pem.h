// Textual encoding of keys and certificates (RFC 7468): lines of 64 columns, no headers.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "crypto/secret_bytes.h"

namespace lab::crypto::x509 {

/// The bytes of the first block with that label; nothing when there is none or it is broken. Not for secrets.
[[nodiscard]] std::optional<std::string> read_public_pem(std::string_view pem, std::string_view label);
[[nodiscard]] std::string write_public_pem(std::string_view label, std::string_view der);

struct SecretBlock {
  std::string label;
  SecretBytes der;
};
/// The first block, whatever its label.
[[nodiscard]] std::optional<SecretBlock> read_secret_pem(const SecretBytes& pem);
[[nodiscard]] SecretBytes write_secret_pem(std::string_view label, std::span<const std::byte> der);

}  // namespace lab::crypto::x509
