#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>

#include "crypto/encoding.h"
#include "crypto/entropy.h"
#include "crypto/secret_bytes.h"
#include "crypto/sops/sops.h"
#include "runtime/cli/vault.h"

namespace lab::labrun {

namespace {

using crypto::SecretBytes;
using crypto::sops::Node;
using crypto::sops::Type;
using engine::Failure;
using engine::FailureClass;
using engine::Outcome;
using engine::Secret;

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Certificate = std::unique_ptr<X509, Free>;

// An Ed25519 key that follows from a seed.
Key key_from(std::string_view seed) {
  const SecretBytes hash = crypto::keyed_hash(SecretBytes::copy_text("made up"), {seed});
  return Key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, crypto::raw(hash.expose()), 32));
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string pem(EVP_PKEY* key) {
  const std::unique_ptr<BIO, Free> bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return text_of(bio.get());
}

std::string pem(X509* certificate) {
  const std::unique_ptr<BIO, Free> bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate);
  return text_of(bio.get());
}

// Valid from 2020 to 2100. Signatures of Ed25519 follow from what is signed, so the same key gives the same
// bytes.
Certificate certificate(EVP_PKEY* key, const char* organisation, long serial, X509* issuer,
                        EVP_PKEY* issuer_key) {
  Certificate made(X509_new());
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial);
  ASN1_TIME_set_string_X509(X509_getm_notBefore(made.get()), "20200101000000Z");
  ASN1_TIME_set_string_X509(X509_getm_notAfter(made.get()), "21000101000000Z");
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "O", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(organisation), -1, -1, 0);
  X509_set_issuer_name(made.get(), X509_get_subject_name(issuer == nullptr ? made.get() : issuer));
  X509_set_pubkey(made.get(), key);
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer == nullptr ? made.get() : issuer, made.get(), nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Free> basic(
      X509V3_EXT_conf_nid(nullptr, &context, NID_basic_constraints,
                          issuer == nullptr ? "critical,CA:TRUE" : "critical,CA:FALSE"));
  X509_add_ext(made.get(), basic.get(), -1);
  X509_sign(made.get(), issuer_key, nullptr);
  return made;
}

class MadeUpVault final : public engine::Vault {
 public:
  MadeUpVault(plan::ReadFile read, std::uint64_t seed)
      : read_(std::move(read)),
        seed_(fmt::format("{}", seed)),
        authority_key_(key_from("authority " + seed_)),
        client_key_(key_from("client " + seed_)) {
    const Certificate authority =
        certificate(authority_key_.get(), "made up", 1, nullptr, authority_key_.get());
    authority_ = pem(authority.get());
    client_ = pem(certificate(client_key_.get(), "os:admin", 2, authority.get(), authority_key_.get()).get());
  }

  Outcome<Secret> named(const plan::Secret& secret) override {
    return std::make_shared<const SecretBytes>(word(secret.ref));
  }

  Outcome<Secret> sealed(const std::string& path) override {
    const std::optional<std::string> text = read_(path);
    crypto::sops::File file;
    std::string problem = "it cannot be read";
    if (!text || !crypto::sops::parse(*text, file, problem)) {
      return Failure{FailureClass::permanent, fmt::format("{}: {}", path, problem)};
    }
    crypto::SecretBuilder out;
    std::uint32_t line = 1;
    std::vector<crypto::sops::Line> lines;
    for (Node& document : file.documents) {
      if (out.size() != 0) out.append("---\n");
      fill(document, {});
      crypto::sops::write_yaml(document, out, line, lines);
    }
    return std::make_shared<const SecretBytes>(out.take());
  }

 private:
  // 32 hexadecimal digits, which are base64 too.
  SecretBytes word(std::string_view of) const {
    const SecretBytes hash = crypto::keyed_hash(SecretBytes::copy_text("made up"), {seed_, of});
    return crypto::to_hex_secret(hash.expose().first(16));
  }

  static SecretBytes encoded(std::string_view pem) { return crypto::to_base64_secret(crypto::bytes_of(pem)); }

  // Certificates and keys of Talos and Kubernetes stand under these names, as base64 of PEM.
  SecretBytes value(const Node& node, const Node& parent, std::string_view path) const {
    const bool of_client = parent.find("ca") != nullptr || node.key.starts_with("client-");
    if (node.key == "ca" || node.key == "certificate-authority-data") return encoded(authority_);
    if (node.key == "crt" || node.key == "client-certificate-data")
      return encoded(of_client ? client_ : authority_);
    if (node.key == "key" || node.key == "client-key-data") {
      return encoded(pem((of_client ? client_key_ : authority_key_).get()));
    }
    // A talosconfig names the context in use.
    const Node* contexts = node.key == "context" ? parent.find("contexts") : nullptr;
    if (contexts != nullptr && !contexts->children.empty()) {
      return SecretBytes::copy_text(contexts->children.front().key);
    }
    return word(path);
  }

  void fill(Node& node, const std::string& path) const {
    for (Node& child : node.children) {
      const std::string inner = path + "/" + child.key;
      if (child.is_collection()) {
        fill(child, inner);
      } else if (child.was_encrypted) {
        const bool number = child.cipher.ends_with(",type:int]");
        const bool truth = child.cipher.ends_with(",type:bool]");
        child.type = child.type == Type::comment ? Type::comment
                     : number                    ? Type::integer
                     : truth                     ? Type::boolean
                                                 : Type::text;
        child.value = number  ? SecretBytes::copy_text("1")
                      : truth ? SecretBytes::copy_text("True")
                              : value(child, node, inner);
        child.was_encrypted = false;
        child.cipher.clear();
      }
    }
  }

  plan::ReadFile read_;
  std::string seed_;
  Key authority_key_;
  Key client_key_;
  std::string authority_;
  std::string client_;
};

}  // namespace

std::unique_ptr<engine::Vault> made_up_vault(plan::ReadFile read, std::uint64_t seed) {
  return std::make_unique<MadeUpVault>(std::move(read), seed);
}

}  // namespace lab::labrun
