// Certificates of every kind of fault, and a server on 127.0.0.1 that shows them and notes what reaches it.
#pragma once

#include <fmt/format.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <thread>

#include "tests/unit/loopback.h"

namespace lab::test {

template <auto Call>
struct Freed {
  template <class T>
  void operator()(T* what) const {
    Call(what);
  }
};
using Key = std::shared_ptr<EVP_PKEY>;
using Certificate = std::shared_ptr<X509>;

struct Identity {
  Key key;
  Certificate certificate;
  std::string certificate_pem() const {
    return text([&](BIO* out) { PEM_write_bio_X509(out, certificate.get()); });
  }
  std::string key_pem() const {
    return text(
        [&](BIO* out) { PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
  }
  std::string sha256() const {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    X509_digest(certificate.get(), EVP_sha256(), digest, &size);
    std::string out;
    for (unsigned i = 0; i < size; ++i) out += fmt::format("{:02x}", digest[i]);
    return out;
  }

 private:
  template <class Write>
  static std::string text(Write write) {
    const std::unique_ptr<BIO, Freed<BIO_free>> out(BIO_new(BIO_s_mem()));
    write(out.get());
    char* data = nullptr;
    const long size = BIO_get_mem_data(out.get(), &data);
    return {data, static_cast<std::size_t>(size)};
  }
};

constexpr long a_day = 24L * 3600;

struct Wish {
  std::string name = "server";
  std::string names = {};            // as subjectAltName: "IP:127.0.0.1,DNS:localhost"; an authority has none
  const Identity* issuer = nullptr;  // itself
  bool key_ids = true;               // says by which key it was signed, and which is its own
  long from = -a_day, until = a_day;  // seconds from now
};

inline Identity issue(const Wish& wish) {
  Identity made{{EVP_EC_gen("P-256"), EVP_PKEY_free}, {X509_new(), X509_free}};
  X509* certificate = made.certificate.get();
  static long serial = 0;
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), wish.from);
  X509_gmtime_adj(X509_getm_notAfter(certificate), wish.until);
  X509_set_pubkey(certificate, made.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(wish.name.c_str()), -1, -1, 0);
  const Identity& issuer = wish.issuer == nullptr ? made : *wish.issuer;
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer.certificate.get()));
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer.certificate.get(), certificate, nullptr, nullptr, 0);
  const auto extend = [&](int id, const std::string& value) {
    const std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>> extension(
        X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()));
    REQUIRE(X509_add_ext(certificate, extension.get(), -1) == 1);
  };
  if (wish.issuer == nullptr) extend(NID_basic_constraints, "critical,CA:TRUE");
  if (wish.key_ids) extend(NID_subject_key_identifier, "hash");
  if (wish.key_ids && wish.issuer != nullptr) extend(NID_authority_key_identifier, "keyid");
  if (!wish.names.empty()) extend(NID_subject_alt_name, wish.names);
  REQUIRE(X509_sign(certificate, issuer.key.get(), EVP_sha256()) != 0);
  return made;
}

// Answers each connection's request with 200 and its own bytes counted, on a thread of its own.
class TlsServer {
 public:
  // `clients`: who must have issued the certificate that a client has to show; null: none is asked for.
  explicit TlsServer(const Identity& identity, const Identity* clients = nullptr, int newest = TLS1_3_VERSION)
      : context_(SSL_CTX_new(TLS_server_method())) {
    SSL_CTX_use_certificate(context_.get(), identity.certificate.get());
    SSL_CTX_use_PrivateKey(context_.get(), identity.key.get());
    SSL_CTX_set_max_proto_version(context_.get(), newest);
    SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_OFF);
    if (clients != nullptr) {
      X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), clients->certificate.get());
      SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    }
    port = listener_.port();
    thread_ = std::thread([this] { run(); });
  }
  ~TlsServer() {
    if (thread_.joinable()) stop();
  }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  // No more connections are taken, and what was received stands below.
  void stop() {
    shutdown(listener_.fd(), SHUT_RDWR);
    thread_.join();
  }

  std::uint16_t port = 0;
  unsigned handshakes = 0;  // that were finished
  std::string received;     // every byte of every request, decrypted
  std::string client;       // CN of the last client's certificate

 private:
  void run() {
    for (int peer; (peer = accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC)) >= 0; close(peer)) {
      const timeval patience{2, 0};
      setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
      const std::unique_ptr<SSL, Freed<SSL_free>> tls(SSL_new(context_.get()));
      SSL_set_fd(tls.get(), peer);
      if (SSL_accept(tls.get()) != 1) {
        linger(peer);
        continue;
      }
      ++handshakes;
      note_client(tls.get());
      serve(tls.get());
    }
  }
  // Reads until the client goes, so that the alert that says why reaches it.
  static void linger(int peer) {
    shutdown(peer, SHUT_WR);
    char buffer[4096];
    while (read(peer, buffer, sizeof buffer) > 0) {
    }
  }
  void serve(SSL* tls) {
    std::string request;
    char buffer[4096];
    for (int count; (count = SSL_read(tls, buffer, sizeof buffer)) > 0;) {
      request.append(buffer, static_cast<std::size_t>(count));
      received.append(buffer, static_cast<std::size_t>(count));
      if (request.find("\r\n\r\n") == std::string::npos) continue;
      const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
      SSL_write(tls, answer.data(), static_cast<int>(answer.size()));
      request.clear();
    }
    SSL_shutdown(tls);
  }
  void note_client(const SSL* tls) {
    const std::unique_ptr<X509, Freed<X509_free>> certificate(SSL_get1_peer_certificate(tls));
    if (!certificate) return;
    char name[64] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name, sizeof name);
    client = name;
  }

  std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>> context_;
  Loopback listener_;
  std::thread thread_;
};

}  // namespace lab::test
