#include "crypto/x509/ecdsa.h"

#include <openssl/crypto.h>
#include <openssl/obj_mac.h>
#include <sodium.h>

#include "crypto/x509/der.h"

namespace lab::crypto::x509 {

namespace {

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
std::string_view view(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

Digest octets(const BIGNUM& number) {
  Digest out{};
  BN_bn2binpad(&number, out.data(), static_cast<int>(out.size()));
  return out;
}

OwnedBn number(const Digest& digest) {
  OwnedBn out(BN_secure_new());
  BN_bin2bn(digest.data(), static_cast<int>(digest.size()), out.get());
  BN_set_flags(out.get(), BN_FLG_CONSTTIME);
  return out;
}

/// The generator of RFC 6979 3.2: the HMAC_DRBG of NIST SP 800-90A, without its reseeding.
class Nonces {
 public:
  Nonces(const Digest& scalar, const Digest& hash) {
    value_.fill(1);
    for (const char step : {'\0', '\1'}) {
      std::string seed(view(value_));
      seed.append(1, step).append(view(scalar)).append(view(hash));
      key_ = hmac(key_, seed);
      OPENSSL_cleanse(seed.data(), seed.size());
      value_ = hmac(key_, view(value_));
    }
  }
  Nonces(const Nonces&) = delete;
  Nonces& operator=(const Nonces&) = delete;
  ~Nonces() {
    OPENSSL_cleanse(key_.data(), key_.size());
    OPENSSL_cleanse(value_.data(), value_.size());
  }
  OwnedBn next() {
    value_ = hmac(key_, view(value_));
    return number(value_);
  }
  void reject() {
    key_ = hmac(key_, std::string(view(value_)).append(1, '\0'));
    value_ = hmac(key_, view(value_));
  }

 private:
  Digest key_{};
  Digest value_{};
};

}  // namespace

Digest sha256(std::string_view message) {
  Digest out{};
  crypto_hash_sha256(out.data(), bytes(message), message.size());
  return out;
}

Digest hmac(const Digest& key, std::string_view message) {
  Digest out{};
  crypto_auth_hmacsha256(out.data(), bytes(message), message.size(), key.data());
  return out;
}

std::string sign_p256(const BIGNUM& scalar, std::string_view message) {
  const OwnedGroup group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  const OwnedContext context(BN_CTX_secure_new());
  const BIGNUM* const order = EC_GROUP_get0_order(group.get());
  const OwnedBn hash = number(sha256(message));
  BN_nnmod(hash.get(), hash.get(), order, context.get());
  Digest secret = octets(scalar);
  Nonces nonces(secret, octets(*hash));
  OPENSSL_cleanse(secret.data(), secret.size());
  for (;; nonces.reject()) {
    const OwnedBn k = nonces.next();
    if (BN_is_zero(k.get()) || BN_cmp(k.get(), order) >= 0) continue;
    const OwnedPoint point(EC_POINT_new(group.get()));
    const OwnedBn r(BN_new());
    EC_POINT_mul(group.get(), point.get(), k.get(), nullptr, nullptr, context.get());
    EC_POINT_get_affine_coordinates(group.get(), point.get(), r.get(), nullptr, context.get());
    BN_nnmod(r.get(), r.get(), order, context.get());
    // s = (hash + r·scalar) / k
    const OwnedBn s(BN_secure_new());
    BN_mod_mul(s.get(), r.get(), &scalar, order, context.get());
    BN_mod_add(s.get(), s.get(), hash.get(), order, context.get());
    const OwnedBn inverse(BN_secure_new());
    BN_mod_inverse(inverse.get(), k.get(), order, context.get());
    BN_mod_mul(s.get(), s.get(), inverse.get(), order, context.get());
    if (BN_is_zero(r.get()) || BN_is_zero(s.get())) continue;
    return der::sequence({der::unsigned_integer(view(octets(*r))), der::unsigned_integer(view(octets(*s)))});
  }
}

}  // namespace lab::crypto::x509
