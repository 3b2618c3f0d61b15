// The certificates of those who operate a cluster. The same authority and date give the same bytes: keys and
// serials follow from the authority's private key, dates from the day of issue.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/secret_bytes.h"

namespace lab::crypto::talos {

enum class Api : std::uint8_t {
  /// Organization `os:admin` (NewAdminCertificateAndKey of siderolabs/talos config/generate/secrets/ca.go).
  talos,
  /// Organization `system:masters`, common name `admin`, valid from ten seconds before the issue
  /// (siderolabs/talos pkg/kubeconfig/generate.go).
  kubernetes,
};

struct Client {
  std::string crt;  // PEM
  SecretBytes key;  // PEM
};

/// The administrator of an API, valid for a year (8760 h) from `issued`, but no longer than the authority.
/// `authority_crt`, `authority_key`: `certs.os` or `certs.k8s` of a bundle, as they stand in it; `issued`: as
/// `parse_time` reads it. Nothing when one of them is not what it should be.
[[nodiscard]] std::optional<Client> make_admin(Api api, const SecretBytes& authority_crt,
                                               const SecretBytes& authority_key, std::string_view issued);

/// `2026-01-31T12:00:00Z` and seconds since 1970; nothing for other spellings and for dates that are none.
[[nodiscard]] std::optional<std::int64_t> parse_time(std::string_view text);
[[nodiscard]] std::string format_time(std::int64_t seconds);

}  // namespace lab::crypto::talos
