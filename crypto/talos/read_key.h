// A private key as a bundle holds it. Inside of this folder only.
#pragma once
#include <optional>

#include "crypto/encoding.h"
#include "crypto/x509/key.h"

namespace lab::crypto::talos {

/// From base64 of PEM.
[[nodiscard]] inline std::optional<x509::Key> read_key(const SecretBytes& base64) {
  const auto pem = from_base64(base64.expose_text());
  return pem ? x509::Key::from_pem(*pem) : std::nullopt;
}

}  // namespace lab::crypto::talos
