#include "runtime/engine/handshake.h"

#include <fmt/format.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>

namespace lab::engine {

namespace {

using Shared = std::shared_ptr<Handshake>;

// Where a context keeps its share, which goes with it.
int share_index() {
  static const int index = SSL_CTX_get_ex_new_index(
      0, nullptr, nullptr, nullptr,
      [](void*, void* share, CRYPTO_EX_DATA*, int, long, void*) { delete static_cast<Shared*>(share); });
  return index;
}

std::string sha256_of(const X509* certificate) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  unsigned size = 0;
  if (certificate == nullptr || X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1) return {};
  std::string out;
  for (const unsigned char byte : digest) out += fmt::format("{:02x}", byte);
  return out;
}

int judge(X509_STORE_CTX* store, void* argument) {
  Handshake& handshake = *static_cast<Handshake*>(argument);
  if (handshake.by_issuer) {
    handshake.accepted = X509_verify_cert(store) == 1;
    if (!handshake.accepted) handshake.verify_error = X509_STORE_CTX_get_error(store);
  } else {
    handshake.peer_sha256 = sha256_of(X509_STORE_CTX_get0_cert(store));
    handshake.wrong_pin =
        handshake.peer_sha256.empty() || (!handshake.pin.empty() && handshake.peer_sha256 != handshake.pin);
    handshake.accepted = !handshake.wrong_pin;
  }
  return handshake.accepted ? 1 : 0;
}

void note_alert(const SSL* tls, int where, int value) {
  if ((where & SSL_CB_READ_ALERT) != SSL_CB_READ_ALERT) return;
  const auto* share = static_cast<Shared*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(tls), share_index()));
  if (share != nullptr) (*share)->alert = value & 0xff;
}

// Alerts that speak of the client's certificate (RFC 8446 §6.2). handshake_failure is what OpenSSL's servers
// send in TLS 1.2 when there is none.
constexpr std::array about_certificates = {
    SSL_AD_HANDSHAKE_FAILURE,   SSL_AD_BAD_CERTIFICATE,     SSL_AD_UNSUPPORTED_CERTIFICATE,
    SSL_AD_CERTIFICATE_REVOKED, SSL_AD_CERTIFICATE_EXPIRED, SSL_AD_CERTIFICATE_UNKNOWN,
    SSL_AD_UNKNOWN_CA,          SSL_AD_ACCESS_DENIED,       SSL_AD_CERTIFICATE_REQUIRED,
};

}  // namespace

std::string Handshake::peer_problem() const {
  if (wrong_pin) return "the certificate is not the one seen first";
  if (verify_error == 0) return {};
  return fmt::format("the certificate is not trusted: {}", X509_verify_cert_error_string(verify_error));
}

std::string Handshake::own_problem() const {
  if (!accepted || std::ranges::find(about_certificates, alert) == about_certificates.end()) return {};
  return fmt::format("the server does not take our certificate, or misses one: {}",
                     SSL_alert_desc_string_long(alert));
}

bool watch_handshake(SSL_CTX* context, const std::shared_ptr<Handshake>& handshake) {
  auto share = std::make_unique<Shared>(handshake);
  if (SSL_CTX_set_ex_data(context, share_index(), share.get()) != 1) return false;
  share.release();  // the context's now
  SSL_CTX_set_cert_verify_callback(context, judge, handshake.get());
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_info_callback(context, note_alert);
  return true;
}

}  // namespace lab::engine
