#include "compiler/vault/transforms.h"

#include <array>

#include "compiler/vault/talos_admin.h"
#include "crypto/encoding.h"
#include "crypto/recipes/recipes.h"

namespace lab::vault {

namespace {

using crypto::SecretBytes;
using Made = std::optional<SecretBytes>;

constexpr std::size_t salt_size = 16, digest_size = 16;

/// A piece of a public text derived from a secret one, kept secret like it.
Made kept(std::string text, std::string& problem, std::string_view what) {
  if (text.empty()) problem = what;
  return text.empty() ? Made() : SecretBytes::copy_text(text);
}

constexpr std::array all = {
    Transform{
        "base64",
        [](const Material& m, std::string&) -> Made { return crypto::to_base64_secret(m.joined.expose()); }},
    Transform{digest_transform,
              [](const Material& m, std::string&) -> Made {
                return crypto::to_hex_secret(m.entropy.bytes(digest_size, "digest").expose());
              }},
    Transform{"argon2id",
              [](const Material& m, std::string&) -> Made {
                return crypto::recipes::argon2id(m.joined, m.entropy.bytes(salt_size, "salt"));
              }},
    Transform{"bcrypt",
              [](const Material& m, std::string& problem) -> Made {
                Made made = crypto::recipes::bcrypt(m.joined, m.entropy.bytes(salt_size, "salt"));
                if (!made) problem = "bcrypt reads 72 bytes of a password and no more";
                return made;
              }},
    Transform{"pbkdf2-sha512",
              [](const Material& m, std::string&) -> Made {
                return crypto::recipes::pbkdf2_sha512(m.joined, m.entropy.bytes(salt_size, "salt"));
              }},
    Transform{"ssh-public-key",
              [](const Material& m, std::string& problem) -> Made {
                return kept(crypto::recipes::ssh_public_key(m.joined.expose_text()), problem,
                            "this is no key of SSH");
              }},
    Transform{"wireguard-public-key",
              [](const Material& m, std::string& problem) -> Made {
                return kept(crypto::recipes::wireguard_public_key(m.joined.expose_text()), problem,
                            "this is no key of WireGuard");
              }},
    Transform{"talos-admin", talos_admin},
};

}  // namespace

std::span<const Transform> transforms() {
  return all;
}

}  // namespace lab::vault
