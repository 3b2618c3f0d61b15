#include "compiler/vault/talos_admin.h"

#include "crypto/encoding.h"
#include "crypto/talos/client.h"

namespace lab::vault {

std::optional<crypto::SecretBytes> talos_admin(const Material& material, std::string& problem) {
  using namespace crypto;
  const auto api = material.parameters.starts_with("talos ") ? talos::Api::talos : talos::Api::kubernetes;
  auto client = material.values.size() == 3 ? talos::make_admin(api, *material.values[0], *material.values[1],
                                                                material.values[2]->expose_text())
                                            : std::nullopt;
  if (!client) {
    problem = "it takes an authority's certificate, its key, and the time of issue as 2026-01-31T12:00:00Z";
    return std::nullopt;
  }
  const bool certificate = material.parameters.ends_with(" crt");
  return to_base64_secret(certificate ? bytes_of(client->crt) : client->key.expose());
}

}  // namespace lab::vault
