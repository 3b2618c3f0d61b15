#include "runtime/simulator/tls.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace lab::simulator {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Memory = std::unique_ptr<BIO, decltype(&BIO_free)>;

constexpr long ten_years = 10L * 365 * 24 * 3600;
constexpr long one_day = 24L * 3600;

Memory memory(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free};
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

// Talos labels the PKCS#8 body of an Ed25519 key "ED25519 PRIVATE KEY" (siderolabs/crypto x509), which
// OpenSSL does not know.
Key read_key(std::string pem) {
  for (std::size_t at = 0; (at = pem.find("ED25519 PRIVATE KEY", at)) != std::string::npos;) pem.erase(at, 8);
  return {PEM_read_bio_PrivateKey(memory(pem).get(), nullptr, nullptr, nullptr), EVP_PKEY_free};
}

Certificate read_certificate(const std::string& pem) {
  return {PEM_read_bio_X509(memory(pem).get(), nullptr, nullptr, nullptr), X509_free};
}

bool add_extension(X509* certificate, X509* issuer, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
  if (!extension) return false;
  const bool added = X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

bool is_address(const std::string& name) {
  return name.find_first_not_of("0123456789.") == std::string::npos || name.find(':') != std::string::npos;
}

Identity issue(const std::string& common_name, const std::string& organisation,
               const std::vector<std::pair<int, std::string>>& extensions, const Identity* authority) {
  const Key key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const Certificate certificate(X509_new(), X509_free);
  std::uint64_t serial = 0;
  BIGNUM* random = BN_new();
  BN_rand(random, 64, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY);
  BN_bn2nativepad(random, reinterpret_cast<unsigned char*>(&serial), sizeof serial);
  BN_free(random);

  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -one_day);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), ten_years);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  if (!organisation.empty())
    X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(organisation.c_str()), -1, -1, 0);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);

  Key issuer_key(nullptr, EVP_PKEY_free);
  Certificate issuer(nullptr, X509_free);
  if (authority) {
    issuer_key = read_key(authority->key);
    issuer = read_certificate(authority->certificate);
    if (!issuer_key || !issuer) return {};
  }
  X509_set_issuer_name(certificate.get(), issuer ? X509_get_subject_name(issuer.get()) : subject);
  for (const auto& [id, value] : extensions)
    if (!add_extension(certificate.get(), issuer ? issuer.get() : certificate.get(), id, value)) return {};
  EVP_PKEY* signer = issuer_key ? issuer_key.get() : key.get();
  const bool ed25519 = EVP_PKEY_get_base_id(signer) == EVP_PKEY_ED25519;
  if (X509_sign(certificate.get(), signer, ed25519 ? nullptr : EVP_sha256()) == 0) return {};

  const Memory key_text(BIO_new(BIO_s_mem()), BIO_free), certificate_text(BIO_new(BIO_s_mem()), BIO_free);
  PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  PEM_write_bio_X509(certificate_text.get(), certificate.get());
  return {text_of(certificate_text.get()), text_of(key_text.get())};
}

int offer_http2(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                unsigned in_size, void*) {
  static constexpr unsigned char protocols[] = {2, 'h', '2'};
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, protocols, sizeof protocols, in, in_size) !=
      OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

std::string entry(const X509_NAME* name, int id) {
  const int at = X509_NAME_get_index_by_NID(name, id, -1);
  if (at < 0) return {};
  const ASN1_STRING* value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
          static_cast<std::size_t>(ASN1_STRING_length(value))};
}

}  // namespace

Identity make_authority(const std::string& name) {
  return issue(
      name, {},
      {{NID_basic_constraints, "critical,CA:TRUE"}, {NID_key_usage, "critical,keyCertSign,digitalSignature"}},
      nullptr);
}

Identity make_server(const std::vector<std::string>& names, const Identity* authority) {
  std::string alternative;
  for (const std::string& name : names) {
    if (!alternative.empty()) alternative += ',';
    alternative += (is_address(name) ? "IP:" : "DNS:") + name;
  }
  return issue(names.empty() ? "simulated" : names.front(), {},
               {{NID_key_usage, "critical,digitalSignature"},
                {NID_ext_key_usage, "serverAuth"},
                {NID_subject_alt_name, alternative}},
               authority);
}

Identity make_client(const std::string& name, const std::string& organisation, const Identity& authority) {
  return issue(name, organisation,
               {{NID_key_usage, "critical,digitalSignature"}, {NID_ext_key_usage, "clientAuth"}}, &authority);
}

TlsContext make_context(const TlsSettings& settings) {
  TlsContext context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  const Key key = read_key(settings.identity.key);
  const Certificate certificate = read_certificate(settings.identity.certificate);
  if (!key || !certificate || SSL_CTX_use_certificate(context.get(), certificate.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1)
    return {nullptr, SSL_CTX_free};
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  if (settings.http2) SSL_CTX_set_alpn_select_cb(context.get(), offer_http2, nullptr);
  if (settings.client != ClientCertificate::none) {
    if (const Certificate authority = read_certificate(settings.client_authority)) {
      X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), authority.get());
      SSL_CTX_add_client_CA(context.get(), authority.get());
    }
    const int required = settings.client == ClientCertificate::required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | required, nullptr);
  }
  return context;
}

std::string client_subject(const SSL* tls) {
  const Certificate certificate(SSL_get1_peer_certificate(tls), X509_free);
  if (!certificate) return {};
  const X509_NAME* name = X509_get_subject_name(certificate.get());
  return entry(name, NID_organizationName) + "/" + entry(name, NID_commonName);
}

}  // namespace lab::simulator
