// Digests of passwords in the texts that their readers expect.
#include <crypt.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sodium.h>

#include <array>
#include <memory>

#include "crypto/encoding.h"
#include "crypto/recipes/recipes.h"

namespace lab::crypto::recipes {

namespace {

constexpr int bcrypt_cost = 12;
constexpr std::size_t bcrypt_most = 72;
constexpr int pbkdf2_rounds = 310'000;
constexpr unsigned argon2_passes = 3, argon2_kib = 65536;

}  // namespace

SecretBytes argon2id(const SecretBytes& password, const SecretBytes& salt) {
  initialise();
  SecretBytes key(32);
  if (crypto_pwhash(raw(key.writable()), key.size(), password.expose_text().data(), password.size(),
                    raw(salt.expose()), argon2_passes, std::size_t{argon2_kib} << 10,
                    crypto_pwhash_ALG_ARGON2ID13) != 0)
    return {};
  return SecretBuilder()
      .append(fmt::format("$argon2id$v=19$m={},t={},p=1${}$", argon2_kib, argon2_passes,
                          to_base64(salt.expose(), Base64::unpadded)))
      .append(to_base64_secret(key.expose(), Base64::unpadded))
      .take();
}

std::optional<SecretBytes> bcrypt(const SecretBytes& password, const SecretBytes& salt) {
  if (password.size() > bcrypt_most || password.expose_text().find('\0') != std::string_view::npos)
    return std::nullopt;
  std::array<char, CRYPT_GENSALT_OUTPUT_SIZE> setting{};
  if (crypt_gensalt_rn("$2b$", bcrypt_cost, salt.expose_text().data(), static_cast<int>(salt.size()),
                       setting.data(), static_cast<int>(setting.size())) == nullptr)
    return std::nullopt;
  const SecretBytes text = SecretBuilder().append(password).append('\0').take();
  const auto data = std::make_unique<crypt_data>();
  const char* made = crypt_rn(text.expose_text().data(), setting.data(), data.get(), sizeof(crypt_data));
  std::optional<SecretBytes> out;
  if (made != nullptr) out = SecretBytes::copy_text(made);
  wipe(data.get(), sizeof(crypt_data));
  return out;
}

SecretBytes pbkdf2_sha512(const SecretBytes& password, const SecretBytes& salt) {
  initialise();
  SecretBytes key(64);
  PKCS5_PBKDF2_HMAC(password.expose_text().data(), static_cast<int>(password.size()), raw(salt.expose()),
                    static_cast<int>(salt.size()), pbkdf2_rounds, EVP_sha512(), static_cast<int>(key.size()),
                    raw(key.writable()));
  // passlib's "adapted base64": a dot for the plus.
  const auto adapted = [](SecretBytes text) {
    for (std::byte& b : text.writable())
      if (b == std::byte{'+'}) b = std::byte{'.'};
    return text;
  };
  return SecretBuilder()
      .append(fmt::format("$pbkdf2-sha512${}$", pbkdf2_rounds))
      .append(adapted(to_base64_secret(salt.expose(), Base64::unpadded)))
      .append('$')
      .append(adapted(to_base64_secret(key.expose(), Base64::unpadded)))
      .take();
}

}  // namespace lab::crypto::recipes
