// What a TLS handshake found out: who the peer is, whether that is whom the request demands, and whether the
// peer took our certificate. libcurl's error codes do not say it: the oldest entry of OpenSSL's queue decides
// them, which of a wrong signature is "EVP lib", and the refusal of a client's certificate comes with the
// first answer in TLS 1.3.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace lab::engine {

struct Handshake {
  // Demanded.
  bool by_issuer = true;  // the issuers in the context decide; otherwise only `pin` does
  std::string pin;        // hex, SHA-256 of the DER certificate; empty for any
  // Found.
  std::string peer_sha256;  // of the certificate that the peer showed, when the pin and not issuers count
  bool accepted = false;    // the peer's certificate was good
  bool wrong_pin = false;
  long verify_error = 0;  // X509_V_ERR_…
  int alert = 0;          // that the peer sent (RFC 8446 §6)

  // Why the peer is not trusted; empty when it is.
  [[nodiscard]] std::string peer_problem() const;
  // Why the peer does not take our certificate, or misses one; empty when it did not say so.
  [[nodiscard]] std::string own_problem() const;
};

// Lets the handshakes of a context be judged and noted. The context shares `handshake`: connections outlive
// the request that began them. False when memory ran out.
bool watch_handshake(SSL_CTX* context, const std::shared_ptr<Handshake>& handshake);

}  // namespace lab::engine
