// ECDSA on P-256 with SHA-256 whose signatures do not differ from one call to the next.
#pragma once
#include <openssl/bn.h>
#include <openssl/ec.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>

namespace lab::crypto::x509 {

struct FreeBn {
  void operator()(BIGNUM* number) const { BN_clear_free(number); }
};
using OwnedBn = std::unique_ptr<BIGNUM, FreeBn>;
struct FreeGroup {
  void operator()(EC_GROUP* group) const { EC_GROUP_free(group); }
};
using OwnedGroup = std::unique_ptr<EC_GROUP, FreeGroup>;
struct FreePoint {
  void operator()(EC_POINT* point) const { EC_POINT_clear_free(point); }
};
using OwnedPoint = std::unique_ptr<EC_POINT, FreePoint>;
struct FreeContext {
  void operator()(BN_CTX* context) const { BN_CTX_free(context); }
};
using OwnedContext = std::unique_ptr<BN_CTX, FreeContext>;

using Digest = std::array<unsigned char, 32>;

[[nodiscard]] Digest sha256(std::string_view message);
/// HMAC-SHA-256.
[[nodiscard]] Digest hmac(const Digest& key, std::string_view message);

/// SEQUENCE { r, s } of `message`, with the nonce of RFC 6979 3.2. `scalar`: the private key.
[[nodiscard]] std::string sign_p256(const BIGNUM& scalar, std::string_view message);

}  // namespace lab::crypto::x509
