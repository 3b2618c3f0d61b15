// X.509 certificates of the profiles that Talos makes (siderolabs/crypto x509/certificate_authority.go and
// keypair.go; Go's crypto/x509 buildCertExtensions for the order of extensions).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/x509/key.h"

namespace lab::crypto::x509 {

struct Subject {
  std::vector<std::string> organizations;
  std::string common_name;  // "" for none
};

/// Seconds since 1970, UTC; both ends belong to it.
struct Validity {
  std::int64_t not_before = 0;
  std::int64_t not_after = 0;
};

enum class Usage : std::uint8_t { digital_signature, digital_signature_and_key_encipherment };

/// What the other parts of a program need to know of a certificate that they were given.
struct Facts {
  std::string subject_der;     // Name
  std::string serial;          // big-endian, without leading zeros
  std::string subject_key_id;  // "" when the certificate has none
  std::string public_der;      // SubjectPublicKeyInfo
  Validity validity;
  bool authority = false;  // basicConstraints CA:TRUE
};

/// Of the first CERTIFICATE block; nothing when there is none or it is broken.
[[nodiscard]] std::optional<Facts> read_certificate(std::string_view pem);
/// Whether the certificate's signature is by the key of `issuer_pem`.
[[nodiscard]] bool signed_by(std::string_view pem, std::string_view issuer_pem);

/// A self-signed authority: keyUsage (critical) digitalSignature and keyCertSign; extended key usage
/// serverAuth, clientAuth; basicConstraints (critical) CA without a path length; subjectKeyIdentifier.
/// `serial`: up to 16 bytes, `key_id`: 20 bytes; Talos takes both at random. PEM. `key` is Ed25519 or P-256.
[[nodiscard]] std::string make_authority(const Key& key, const Subject& subject, const Validity& validity,
                                         std::string_view serial, std::string_view key_id);

/// A client's certificate: keyUsage (critical), extended key usage clientAuth, authorityKeyIdentifier. PEM;
/// nothing when `authority_pem` is broken or not of `authority_key`.
[[nodiscard]] std::optional<std::string> make_client(const Key& key, const Subject& subject,
                                                     const Validity& validity, std::string_view serial,
                                                     Usage usage, std::string_view authority_pem,
                                                     const Key& authority_key);

}  // namespace lab::crypto::x509
