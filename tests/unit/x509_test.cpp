// Keys, signatures and certificates against published vectors and OpenSSL's own verification. The case
// [.golden] re-creates the authorities of Talos' own golden bundle, whose file LAB_TALOS_GOLDEN names
// (tests/conformance/run).
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <sodium.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "crypto/x509/certificate.h"
#include "crypto/x509/der.h"
#include "crypto/x509/ecdsa.h"
#include "crypto/x509/pem.h"

using namespace lab::crypto;
using x509::Key;
using x509::KeyKind;

namespace {

std::string unhex(std::string_view hex) {
  std::string out(hex.size() / 2, '\0');
  sodium_hex2bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), hex.data(), hex.size(), " ",
                 nullptr, nullptr);
  return out;
}

SecretBytes secret(std::string_view text) {
  return SecretBytes::copy_text(text);
}

X509* parse(const std::string& pem) {
  const std::string der = *x509::read_public_pem(pem, "CERTIFICATE");
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  return d2i_X509(nullptr, &at, static_cast<long>(der.size()));
}

/// What OpenSSL says of `leaf` under `root` at a time, as a client's certificate.
int verdict(const std::string& leaf, const std::string& root, std::int64_t at, int purpose) {
  X509_STORE* store = X509_STORE_new();
  X509* authority = parse(root);
  X509* certificate = parse(leaf);
  X509_STORE_add_cert(store, authority);
  X509_STORE_CTX* context = X509_STORE_CTX_new();
  X509_STORE_CTX_init(context, store, certificate, nullptr);
  X509_STORE_CTX_set_purpose(context, purpose);
  X509_STORE_CTX_set_time(context, 0, static_cast<time_t>(at));
  X509_verify_cert(context);
  const int error = X509_STORE_CTX_get_error(context);
  X509_STORE_CTX_free(context);
  X509_STORE_free(store);
  X509_free(authority);
  X509_free(certificate);
  return error;
}

// RFC 8410, 10.3
constexpr std::string_view rfc8410_key =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
    "-----END PRIVATE KEY-----\n";

}  // namespace

TEST_CASE("DER: lengths, numbers, texts and times") {
  using namespace x509::der;
  CHECK(wrap(Tag::octet_string, std::string(127, 'a')).substr(0, 2) == unhex("047f"));
  CHECK(wrap(Tag::octet_string, std::string(128, 'a')).substr(0, 3) == unhex("048180"));
  CHECK(wrap(Tag::octet_string, std::string(300, 'a')).substr(0, 4) == unhex("0482012c"));
  CHECK(unsigned_integer(unhex("00007f")) == unhex("02017f"));
  CHECK(unsigned_integer(unhex("80")) == unhex("02020080"));
  CHECK(unsigned_integer(unhex("0000")) == unhex("020100"));
  CHECK(text("os:admin").front() == '\x13');
  CHECK(text("a_b").front() == '\x0c');  // no underscore in a PrintableString
  CHECK(time(1767225600) == wrap(Tag::utc_time, "260101000000Z"));
  CHECK(time(2524607999) == wrap(Tag::utc_time, "491231235959Z"));
  CHECK(time(2524608000) == wrap(Tag::generalized_time, "20500101000000Z"));
}

TEST_CASE("P-256 signatures are those of RFC 6979 A.2.5") {
  BIGNUM* scalar = nullptr;
  BN_hex2bn(&scalar, "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721");
  const auto expected = [](std::string_view r, std::string_view s) {
    return x509::der::sequence(
        {x509::der::unsigned_integer(unhex(r)), x509::der::unsigned_integer(unhex(s))});
  };
  CHECK(x509::sign_p256(*scalar, "sample") ==
        expected("EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
                 "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"));
  CHECK(x509::sign_p256(*scalar, "test") ==
        expected("F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367",
                 "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083"));
  BN_free(scalar);
}

TEST_CASE("Ed25519 keys are read under either label and written under Talos' own") {
  const auto key = Key::from_pem(secret(rfc8410_key));
  REQUIRE(key);
  CHECK(key->kind() == KeyKind::ed25519);
  const SecretBytes pem = key->pem();
  CHECK(pem.expose_text() ==
        "-----BEGIN ED25519 PRIVATE KEY-----\n"
        "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
        "-----END ED25519 PRIVATE KEY-----\n");
  CHECK(key->public_der() ==
        unhex("302a300506032b657003210019bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1"));
  const auto again = Key::from_pem(pem);
  REQUIRE(again);
  CHECK(again->public_der() == key->public_der());
}

TEST_CASE("Keys that are none are refused") {
  for (const std::string_view text :
       {"", "no key", "-----BEGIN PRIVATE KEY-----\nMC4C\n-----END PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\n!!\n-----END PRIVATE KEY-----\n", "-----BEGIN PRIVATE KEY-----\nMC4C",
        // the right bytes under the label of something else, and with a byte more
        "-----BEGIN CERTIFICATE-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
        "-----END CERTIFICATE-----\n",
        "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhCAA==\n"
        "-----END PRIVATE KEY-----\n"}) {
    CAPTURE(text);
    CHECK_FALSE(Key::from_pem(secret(text)));
  }
}

TEST_CASE("Derived keys follow from the key and the text alone") {
  for (const KeyKind kind : {KeyKind::ed25519, KeyKind::p256}) {
    const Key key = Key::generate(kind);
    const auto same = Key::from_pem(key.pem());
    REQUIRE(same);
    CHECK(key.derive("a").kind() == kind);
    CHECK(key.derive("a").pem().same_as(same->derive("a").pem()));
    CHECK_FALSE(key.derive("a").pem().same_as(key.derive("b").pem()));
    CHECK_FALSE(key.derive("a").pem().same_as(Key::generate(kind).derive("a").pem()));
    CHECK(key.derive_bytes("a", 16) == same->derive_bytes("a", 16));
    CHECK(key.derive_bytes("a", 16).size() == 16);
    CHECK(key.derive_bytes("a", 16) != key.derive_bytes("b", 16));
    CHECK(key.sign("message") == same->sign("message"));
    CHECK(Key::from_pem(key.derive("a").pem())->public_der() == key.derive("a").public_der());
  }
}

TEST_CASE("An authority and its client pass OpenSSL's verification, within their time and purpose") {
  constexpr std::int64_t from = 1767225600, year = 31536000;
  for (const KeyKind kind : {KeyKind::ed25519, KeyKind::p256}) {
    const Key authority_key = Key::generate(kind);
    const std::string authority = x509::make_authority(
        authority_key, {{"talos"}, ""}, {from, from + 10 * year}, unhex("00ff"), std::string(20, 'k'));
    const Key key = authority_key.derive("client");
    const auto client = x509::make_client(key, {{"os:admin"}, "admin"}, {from, from + year}, "serial",
                                          x509::Usage::digital_signature, authority, authority_key);
    REQUIRE(client);
    CHECK(verdict(*client, authority, from + 1, X509_PURPOSE_SSL_CLIENT) == X509_V_OK);
    CHECK(verdict(*client, authority, from + 1, X509_PURPOSE_SSL_SERVER) == X509_V_ERR_INVALID_PURPOSE);
    CHECK(verdict(*client, authority, from - 1, X509_PURPOSE_SSL_CLIENT) != X509_V_OK);
    CHECK(verdict(*client, authority, from + year + 1, X509_PURPOSE_SSL_CLIENT) ==
          X509_V_ERR_CERT_HAS_EXPIRED);
    CHECK(x509::signed_by(*client, authority));
    CHECK(x509::signed_by(authority, authority));
    CHECK_FALSE(x509::signed_by(authority, *client));
    const auto facts = x509::read_certificate(*client);
    REQUIRE(facts);
    CHECK(facts->public_der == key.public_der());
    CHECK(facts->serial == "serial");
    CHECK_FALSE(facts->authority);
    CHECK(facts->validity.not_after == from + year);
    CHECK(x509::read_certificate(authority)->authority);
    CHECK(x509::read_certificate(authority)->subject_key_id == std::string(20, 'k'));
    // Another authority of the same name does not vouch for it, and another's key cannot sign for this one.
    const Key other = Key::generate(kind);
    const std::string impostor =
        x509::make_authority(other, {{"talos"}, ""}, {from, from + 10 * year}, "1", std::string(20, 'k'));
    CHECK_FALSE(x509::signed_by(*client, impostor));
    CHECK_FALSE(x509::make_client(key, {{"os:admin"}, ""}, {from, from + year}, "serial",
                                  x509::Usage::digital_signature, authority, other));
  }
}

TEST_CASE("Authorities and keys of Talos' golden bundle come out the same", "[.golden]") {
  const char* const path = std::getenv("LAB_TALOS_GOLDEN");
  REQUIRE(path != nullptr);
  std::ifstream file(path);
  REQUIRE(file.good());
  std::map<std::string, std::string> pems;  // "os.crt" -> PEM
  std::string line, group;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string key, value;
    words >> key >> value;
    if (value.empty()) group = key.substr(0, key.size() - 1);
    if (key != "crt:" && key != "key:") continue;
    std::string pem(value.size(), '\0');
    std::size_t size = 0;
    REQUIRE(sodium_base642bin(reinterpret_cast<unsigned char*>(pem.data()), pem.size(), value.data(),
                              value.size(), nullptr, &size, nullptr, sodium_base64_VARIANT_ORIGINAL) == 0);
    pem.resize(size);
    pems[group + "." + key.substr(0, 3)] = pem;
  }
  REQUIRE(pems.size() == 9);
  const std::map<std::string, std::string> organizations = {
      {"etcd", "etcd"}, {"k8s", "kubernetes"}, {"k8saggregator", ""}, {"os", "talos"}};
  for (const auto& [name, organization] : organizations) {
    CAPTURE(name);
    const std::string& golden = pems[name + ".crt"];
    const auto key = Key::from_pem(secret(pems[name + ".key"]));
    REQUIRE(key);
    CHECK(key->pem().expose_text() == pems[name + ".key"]);
    const auto facts = x509::read_certificate(golden);
    REQUIRE(facts);
    x509::Subject subject;
    if (!organization.empty()) subject.organizations = {organization};
    const std::string ours =
        x509::make_authority(*key, subject, facts->validity, facts->serial, facts->subject_key_id);
    if (name == "os") {
      CHECK(ours == golden);
    } else {  // an ECDSA signature of Go's is random; all that is signed must be the same
      X509* a = parse(ours);
      X509* b = parse(golden);
      unsigned char *tbs_a = nullptr, *tbs_b = nullptr;
      const int size_a = i2d_re_X509_tbs(a, &tbs_a), size_b = i2d_re_X509_tbs(b, &tbs_b);
      CHECK(std::string(reinterpret_cast<char*>(tbs_a), static_cast<std::size_t>(size_a)) ==
            std::string(reinterpret_cast<char*>(tbs_b), static_cast<std::size_t>(size_b)));
      OPENSSL_free(tbs_a);
      OPENSSL_free(tbs_b);
      X509_free(a);
      X509_free(b);
      CHECK(x509::signed_by(ours, golden));
    }
  }
  CHECK(Key::from_pem(secret(pems["k8sserviceaccount.key"]))->pem().expose_text() ==
        pems["k8sserviceaccount.key"]);
}
