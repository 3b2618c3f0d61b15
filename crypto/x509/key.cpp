#include "crypto/x509/key.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "crypto/x509/ecdsa.h"
#include "crypto/x509/pem.h"

namespace lab::crypto::x509 {

namespace {

constexpr std::array<std::string_view, 3> labels = {"ED25519 PRIVATE KEY", "EC PRIVATE KEY",
                                                    "RSA PRIVATE KEY"};

std::optional<KeyKind> kind_of(const EVP_PKEY* key) {
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_ED25519:
      return KeyKind::ed25519;
    case EVP_PKEY_RSA:
      return KeyKind::rsa;
    case EVP_PKEY_EC: {
      std::array<char, 64> group{};
      std::size_t size = 0;
      EVP_PKEY_get_group_name(key, group.data(), group.size(), &size);
      if (std::string_view(group.data(), size) == SN_X9_62_prime256v1) return KeyKind::p256;
      return std::nullopt;
    }
    default:
      return std::nullopt;
  }
}

OwnedBn scalar_of(const EVP_PKEY* key) {
  BIGNUM* scalar = BN_secure_new();
  EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &scalar);
  BN_set_flags(scalar, BN_FLG_CONSTTIME);
  return OwnedBn(scalar);
}

/// The key on P-256 of a scalar; nothing when it is out of range.
EVP_PKEY* p256_of(const Digest& bytes) {
  const OwnedGroup group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  const OwnedContext context(BN_CTX_secure_new());
  const OwnedBn scalar(BN_secure_new());
  BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), scalar.get());
  BN_set_flags(scalar.get(), BN_FLG_CONSTTIME);
  if (BN_is_zero(scalar.get()) || BN_cmp(scalar.get(), EC_GROUP_get0_order(group.get())) >= 0) return nullptr;
  const OwnedPoint point(EC_POINT_new(group.get()));
  EC_POINT_mul(group.get(), point.get(), scalar.get(), nullptr, nullptr, context.get());
  std::array<unsigned char, 65> open{};  // 04, x, y
  EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, open.data(), open.size(),
                     context.get());
  OSSL_PARAM_BLD* const builder = OSSL_PARAM_BLD_new();
  OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, SN_X9_62_prime256v1, 0);
  OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, open.data(), open.size());
  OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, scalar.get());
  OSSL_PARAM* const parameters = OSSL_PARAM_BLD_to_param(builder);
  EVP_PKEY_CTX* const maker = EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr);
  EVP_PKEY* key = nullptr;
  EVP_PKEY_fromdata_init(maker);
  EVP_PKEY_fromdata(maker, &key, EVP_PKEY_KEYPAIR, parameters);
  EVP_PKEY_CTX_free(maker);
  OSSL_PARAM_free(parameters);
  OSSL_PARAM_BLD_free(builder);
  return key;
}

}  // namespace

void Key::Free::operator()(evp_pkey_st* key) const {
  EVP_PKEY_free(key);
}

Key Key::generate(KeyKind kind) {
  Owned key(kind == KeyKind::ed25519 ? EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")
            : kind == KeyKind::p256  ? EVP_EC_gen(SN_X9_62_prime256v1)
                                     : EVP_RSA_gen(4096));
  if (!key) std::abort();  // no random numbers, as libsodium does it
  return {std::move(key), kind};
}

/// Keyed with a hash of the private key; `purpose` keeps seeds of keys apart from bytes that are published.
Digest Key::keyed(std::string_view purpose, std::string_view info) const {
  const SecretBytes own = private_der();
  Digest key = sha256(own.expose_text());
  const Digest out = hmac(key, std::string("lab/x509/").append(purpose).append(1, '\0').append(info));
  sodium_memzero(key.data(), key.size());
  return out;
}

std::string Key::derive_bytes(std::string_view info, std::size_t count) const {
  const Digest out = keyed("bytes", info);
  return {reinterpret_cast<const char*>(out.data()), std::min(count, out.size())};
}

Key Key::derive(std::string_view info) const {
  Digest seed = keyed("key", info);
  Owned derived;
  if (kind_ == KeyKind::ed25519) {
    derived.reset(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
  }
  while (!derived) {
    derived.reset(p256_of(seed));
    seed = sha256({reinterpret_cast<const char*>(seed.data()), seed.size()});
  }
  sodium_memzero(seed.data(), seed.size());
  return {std::move(derived), kind_};
}

std::optional<Key> Key::from_pem(const SecretBytes& pem) {
  const auto block = read_secret_pem(pem);
  if (!block || !block->label.ends_with("PRIVATE KEY")) return std::nullopt;
  const auto* at = reinterpret_cast<const unsigned char*>(block->der.expose().data());
  const auto* const end = at + block->der.size();
  Owned key(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(block->der.size())));
  if (!key || at != end) return std::nullopt;
  const auto kind = kind_of(key.get());
  if (!kind) return std::nullopt;
  return Key(std::move(key), *kind);
}

SecretBytes Key::private_der() const {
  if (kind_ == KeyKind::ed25519) {
    PKCS8_PRIV_KEY_INFO* const info = EVP_PKEY2PKCS8(key_.get());
    SecretBytes out(static_cast<std::size_t>(i2d_PKCS8_PRIV_KEY_INFO(info, nullptr)));
    auto* at = reinterpret_cast<unsigned char*>(out.writable().data());
    i2d_PKCS8_PRIV_KEY_INFO(info, &at);
    PKCS8_PRIV_KEY_INFO_free(info);
    return out;
  }
  SecretBytes out(static_cast<std::size_t>(i2d_PrivateKey(key_.get(), nullptr)));
  auto* at = reinterpret_cast<unsigned char*>(out.writable().data());
  i2d_PrivateKey(key_.get(), &at);
  return out;
}

SecretBytes Key::pem() const {
  return write_secret_pem(labels[static_cast<std::size_t>(kind_)], private_der().expose());
}

std::string Key::public_der() const {
  std::string out(static_cast<std::size_t>(i2d_PUBKEY(key_.get(), nullptr)), '\0');
  auto* at = reinterpret_cast<unsigned char*>(out.data());
  i2d_PUBKEY(key_.get(), &at);
  return out;
}

std::string Key::sign(std::string_view message) const {
  if (kind_ == KeyKind::p256) return sign_p256(*scalar_of(key_.get()), message);
  std::string signature(64, '\0');
  std::size_t size = signature.size();
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  EVP_DigestSignInit(context, nullptr, nullptr, nullptr, key_.get());
  EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                 reinterpret_cast<const unsigned char*>(message.data()), message.size());
  EVP_MD_CTX_free(context);
  return signature;
}

}  // namespace lab::crypto::x509
