// The transform `talos-admin`: the certificate or key of an administrator of a Talos cluster.
#pragma once
#include "compiler/vault/transforms.h"

namespace lab::vault {

/// Values: the authority's `crt` and `key` and the bundle's `issued`. Parameters: `talos` or `kubernetes`, a
/// space, and `crt` or `key`. Gives base64 of PEM, the same for the same values.
[[nodiscard]] std::optional<crypto::SecretBytes> talos_admin(const Material& material, std::string& problem);

}  // namespace lab::vault
