// Certificates and TLS contexts of the simulated world.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <vector>

namespace lab::simulator {

/// A private key and its certificate, both PEM.
struct Identity {
  std::string certificate;
  std::string key;
};

/// A certificate authority made for this process: servers of the simulated world that are not part of the
/// lab's own public key infrastructure stand below it.
Identity make_authority(const std::string& name);

/// A server's identity for `names` (addresses and host names).
/// `authority` null: signed by itself, as a Talos node in maintenance mode does. Its key may be of any kind
/// that OpenSSL reads, also with Talos' label "ED25519 PRIVATE KEY". Empty when the authority's key or
/// certificate does not load.
Identity make_server(const std::vector<std::string>& names, const Identity* authority);

/// A client's identity with this common name and organisation, below `authority`.
Identity make_client(const std::string& name, const std::string& organisation, const Identity& authority);

enum class ClientCertificate { none, optional, required };

struct TlsSettings {
  Identity identity;
  std::string client_authority;  ///< PEM; those whom client certificates must come from
  ClientCertificate client = ClientCertificate::none;
  bool http2 = false;  ///< offered by ALPN
};

using TlsContext = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

/// Null when key or certificate do not load.
TlsContext make_context(const TlsSettings& settings);

/// "O/CN" of the verified certificate of the client; empty without one.
std::string client_subject(const SSL* tls);

}  // namespace lab::simulator
