#include "compiler/vault/public_parts.h"

#include <algorithm>
#include <array>

#include "crypto/age/age.h"
#include "crypto/recipes/recipes.h"
#include "crypto/x509/certificate.h"
#include "crypto/x509/key.h"
#include "crypto/x509/pem.h"

namespace lab::vault {

namespace {

constexpr std::array random_texts = {"password", "hex", "base64", "uuid"};
constexpr std::array generated_keys = {"ssh-key", "wireguard-key"};
constexpr std::string_view certificate_label = "CERTIFICATE";
constexpr std::string_view certificate_head = "-----BEGIN CERTIFICATE-----";

bool among(const auto& words, std::string_view word) {
  return std::any_of(words.begin(), words.end(), [&](const char* one) { return word == one; });
}

}  // namespace

std::string_view no_public_part(std::string_view function, std::string_view recipe) {
  if (recipe == "remote") return "the value never comes here: it stays in its store";
  if (function == "public-key" && among(random_texts, recipe))
    return "this is a random text, which has no public half";
  if (function == "certificate" && (among(random_texts, recipe) || among(generated_keys, recipe)))
    return "labc makes no certificate with it";
  return {};
}

PublicPart public_key(const crypto::SecretBytes& value) {
  const std::string_view text = value.expose_text();
  const auto part = [](std::string found) { return PublicPart{std::move(found), {}}; };
  if (std::string ssh = crypto::recipes::ssh_public_key(text); !ssh.empty()) return part(std::move(ssh));
  std::string problem;
  if (const auto identities = crypto::age::parse_identity_file(text, problem); identities.size() == 1)
    return part(identities.front().recipient);
  if (const auto key = crypto::x509::Key::from_pem(value))
    return part(crypto::x509::write_public_pem("PUBLIC KEY", key->public_der()));
  if (std::string wireguard = crypto::recipes::wireguard_public_key(text); !wireguard.empty())
    return part(std::move(wireguard));
  return {{}, "the value is no key of SSH, WireGuard or age, and no PEM key of Ed25519, P-256 or RSA"};
}

PublicPart certificate(const crypto::SecretBytes& value) {
  std::string_view rest = value.expose_text();
  std::string out;
  for (std::size_t at; (at = rest.find(certificate_head)) != std::string_view::npos;
       rest.remove_prefix(at + certificate_head.size())) {
    const auto der = crypto::x509::read_public_pem(rest.substr(at), certificate_label);
    if (!der || !crypto::x509::read_certificate(rest.substr(at)))
      return {{}, "a CERTIFICATE block of the value is broken"};
    out += crypto::x509::write_public_pem(certificate_label, *der);
  }
  if (out.empty()) return {{}, "the value holds no CERTIFICATE block of PEM"};
  return {std::move(out), {}};
}

}  // namespace lab::vault
