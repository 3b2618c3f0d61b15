#include "crypto/x509/certificate.h"

#include <openssl/asn1.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

#include "crypto/x509/der.h"
#include "crypto/x509/pem.h"

namespace lab::crypto::x509 {

namespace {

using der::Tag;

// Object identifiers, as DER content.
constexpr std::string_view oid_ed25519{"\x2b\x65\x70", 3};
constexpr std::string_view oid_ecdsa_with_sha256{"\x2a\x86\x48\xce\x3d\x04\x03\x02", 8};
constexpr std::string_view oid_organization{"\x55\x04\x0a", 3};
constexpr std::string_view oid_common_name{"\x55\x04\x03", 3};
constexpr std::string_view oid_subject_key_id{"\x55\x1d\x0e", 3};
constexpr std::string_view oid_key_usage{"\x55\x1d\x0f", 3};
constexpr std::string_view oid_basic_constraints{"\x55\x1d\x13", 3};
constexpr std::string_view oid_authority_key_id{"\x55\x1d\x23", 3};
constexpr std::string_view oid_ext_key_usage{"\x55\x1d\x25", 3};
constexpr std::string_view oid_server_auth{"\x2b\x06\x01\x05\x05\x07\x03\x01", 8};
constexpr std::string_view oid_client_auth{"\x2b\x06\x01\x05\x05\x07\x03\x02", 8};

struct FreeX509 {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using OwnedX509 = std::unique_ptr<X509, FreeX509>;

OwnedX509 parse(std::string_view pem) {
  const auto bytes = read_public_pem(pem, "CERTIFICATE");
  if (!bytes) return nullptr;
  const auto* at = reinterpret_cast<const unsigned char*>(bytes->data());
  const auto* const end = at + bytes->size();
  OwnedX509 certificate(d2i_X509(nullptr, &at, static_cast<long>(bytes->size())));
  return at == end ? std::move(certificate) : nullptr;
}

/// Calls an i2d function twice, as they want it: for the size, then for the bytes.
template <class Write>
std::string encoded(Write&& write) {
  const int size = write(static_cast<unsigned char**>(nullptr));
  if (size <= 0) return {};
  std::string out(static_cast<std::size_t>(size), '\0');
  auto* at = reinterpret_cast<unsigned char*>(out.data());
  write(&at);
  return out;
}

std::string string_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::int64_t seconds_of(const ASN1_TIME* time) {
  tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return 0;
  return static_cast<std::int64_t>(timegm(&parts));
}

std::string attribute(std::string_view oid, std::string_view value) {
  return der::sequence({der::wrap(Tag::object_id, oid), der::text(value)});
}

/// Name: organizations in one set, as Go's pkix.Name writes them, then the common name.
std::string name(const Subject& subject) {
  std::string content;
  std::string organizations;
  for (const std::string& organization : subject.organizations) {
    organizations += attribute(oid_organization, organization);
  }
  if (!organizations.empty()) content += der::wrap(Tag::set, organizations);
  if (!subject.common_name.empty()) {
    content += der::wrap(Tag::set, attribute(oid_common_name, subject.common_name));
  }
  return der::wrap(Tag::sequence, content);
}

std::string extension(std::string_view oid, bool critical, std::string_view value) {
  return der::sequence({der::wrap(Tag::object_id, oid),
                        critical ? der::wrap(Tag::boolean, std::string_view("\xff", 1)) : std::string(),
                        der::wrap(Tag::octet_string, value)});
}

std::string algorithm(const Key& key) {
  return der::sequence(
      {der::wrap(Tag::object_id, key.kind() == KeyKind::ed25519 ? oid_ed25519 : oid_ecdsa_with_sha256)});
}

struct Parts {
  std::string_view serial, issuer, subject, public_der, extensions;
  Validity validity;
};

/// TBSCertificate (RFC 5280, 4.1.2) of version 3, signed, as PEM.
std::string certify(const Parts& parts, const Key& signer) {
  const std::string tbs = der::sequence(
      {der::wrap(0xa0, der::unsigned_integer("\x02")), der::unsigned_integer(parts.serial), algorithm(signer),
       parts.issuer,
       der::sequence({der::time(parts.validity.not_before), der::time(parts.validity.not_after)}),
       parts.subject, parts.public_der, der::wrap(0xa3, der::wrap(Tag::sequence, parts.extensions))});
  return write_public_pem("CERTIFICATE",
                          der::sequence({tbs, algorithm(signer), der::bit_string(signer.sign(tbs))}));
}

}  // namespace

std::optional<Facts> read_certificate(std::string_view pem) {
  const OwnedX509 certificate = parse(pem);
  if (!certificate) return std::nullopt;
  X509* const c = certificate.get();
  Facts facts;
  facts.subject_der =
      encoded([&](unsigned char** at) { return i2d_X509_NAME(X509_get_subject_name(c), at); });
  facts.serial = string_of(X509_get0_serialNumber(c));
  if (const ASN1_OCTET_STRING* id = X509_get0_subject_key_id(c)) facts.subject_key_id = string_of(id);
  facts.public_der =
      encoded([&](unsigned char** at) { return i2d_X509_PUBKEY(X509_get_X509_PUBKEY(c), at); });
  facts.validity = {seconds_of(X509_get0_notBefore(c)), seconds_of(X509_get0_notAfter(c))};
  facts.authority = X509_check_ca(c) == 1;
  return facts;
}

bool signed_by(std::string_view pem, std::string_view issuer_pem) {
  const OwnedX509 certificate = parse(pem);
  const OwnedX509 issuer = parse(issuer_pem);
  if (!certificate || !issuer) return false;
  EVP_PKEY* key = X509_get0_pubkey(issuer.get());
  return key != nullptr && X509_verify(certificate.get(), key) == 1;
}

std::string make_authority(const Key& key, const Subject& subject, const Validity& validity,
                           std::string_view serial, std::string_view key_id) {
  const std::string own_name = name(subject);
  const std::string public_der = key.public_der();
  const std::string extensions =
      // bits 0 and 5, most significant first
      extension(oid_key_usage, true, der::bit_string("\x84", 2)) +
      extension(oid_ext_key_usage, false,
                der::sequence({der::wrap(Tag::object_id, oid_server_auth),
                               der::wrap(Tag::object_id, oid_client_auth)})) +
      extension(oid_basic_constraints, true,
                der::sequence({der::wrap(Tag::boolean, std::string_view("\xff", 1))})) +
      extension(oid_subject_key_id, false, der::wrap(Tag::octet_string, key_id));
  return certify({serial, own_name, own_name, public_der, extensions, validity}, key);
}

std::optional<std::string> make_client(const Key& key, const Subject& subject, const Validity& validity,
                                       std::string_view serial, Usage usage, std::string_view authority_pem,
                                       const Key& authority_key) {
  const auto authority = read_certificate(authority_pem);
  if (!authority || authority->public_der != authority_key.public_der()) return std::nullopt;
  const std::string own_name = name(subject);
  const std::string public_der = key.public_der();
  std::string extensions =
      extension(oid_key_usage, true,
                usage == Usage::digital_signature ? der::bit_string("\x80", 7) : der::bit_string("\xa0", 5)) +
      extension(oid_ext_key_usage, false, der::sequence({der::wrap(Tag::object_id, oid_client_auth)}));
  if (!authority->subject_key_id.empty()) {
    extensions +=
        extension(oid_authority_key_id, false, der::sequence({der::wrap(0x80, authority->subject_key_id)}));
  }
  return certify({serial, authority->subject_der, own_name, public_der, extensions, validity}, authority_key);
}

}  // namespace lab::crypto::x509
