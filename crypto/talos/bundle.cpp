#include "crypto/talos/bundle.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <optional>

#include "crypto/encoding.h"
#include "crypto/talos/client.h"
#include "crypto/talos/read_key.h"
#include "crypto/x509/certificate.h"

namespace lab::crypto::talos {

namespace {

using x509::Key;
using x509::KeyKind;

constexpr std::array<std::string_view, field_count> paths = {
    "cluster.id",
    "cluster.secret",
    "secrets.bootstraptoken",
    "secrets.aescbcencryptionsecret",
    "secrets.secretboxencryptionsecret",
    "trustdinfo.token",
    "certs.etcd.crt",
    "certs.etcd.key",
    "certs.k8s.crt",
    "certs.k8s.key",
    "certs.k8saggregator.crt",
    "certs.k8saggregator.key",
    "certs.k8sserviceaccount.key",
    "certs.os.crt",
    "certs.os.key",
    "issued",
};

/// An authority and how Talos makes it. The library drops the aggregator's common name, so its subject is
/// empty.
struct Authority {
  Field crt, key;
  KeyKind kind;
  std::string_view organization;
};
constexpr std::array<Authority, 4> authorities = {{
    {Field::etcd_crt, Field::etcd_key, KeyKind::p256, "etcd"},
    {Field::k8s_crt, Field::k8s_key, KeyKind::p256, "kubernetes"},
    {Field::aggregator_crt, Field::aggregator_key, KeyKind::p256, ""},
    {Field::os_crt, Field::os_key, KeyKind::ed25519, "talos"},
}};

constexpr std::int64_t ten_years = 87600LL * 3600;

SecretBytes random_base64() {
  return to_base64_secret(SecretBytes::random(32).expose());
}

/// The alphabet for URLs (RFC 4648 §5), with padding.
SecretBytes for_urls(SecretBytes base64) {
  for (std::byte& c : base64.writable()) {
    if (c == std::byte{'+'}) c = std::byte{'-'};
    if (c == std::byte{'/'}) c = std::byte{'_'};
  }
  return base64;
}

/// `[0-9a-z]{6}.[0-9a-z]{16}` without bias.
SecretBytes random_token() {
  constexpr std::string_view alphabet = "0123456789abcdefghijklmnopqrstuvwxyz";
  SecretBytes token(23);
  for (std::byte& c : token.writable()) {
    c = static_cast<std::byte>(alphabet[randombytes_uniform(static_cast<std::uint32_t>(alphabet.size()))]);
  }
  token.writable()[6] = std::byte{'.'};
  return token;
}

bool is_token(std::string_view text) {
  const auto part = [](std::string_view characters) {
    return std::all_of(characters.begin(), characters.end(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'); });
  };
  return text.size() == 23 && text[6] == '.' && part(text.substr(0, 6)) && part(text.substr(7));
}

void make_authority(const Authority& authority, std::int64_t now, Bundle& bundle) {
  const Key key = Key::generate(authority.kind);
  x509::Subject subject;
  if (!authority.organization.empty()) subject.organizations.emplace_back(authority.organization);
  const std::string certificate =
      x509::make_authority(key, subject, {now, now + ten_years}, SecretBytes::random(16).expose_text(),
                           SecretBytes::random(20).expose_text());
  bundle[authority.crt] = to_base64_secret(bytes_of(certificate));
  bundle[authority.key] = to_base64_secret(key.pem().expose());
}

void judge_authority(const Bundle& bundle, const Authority& authority, std::vector<std::string>& problems) {
  if (bundle[authority.crt].empty() || bundle[authority.key].empty()) return;  // said by `judge_presence`
  const auto pem = from_base64(bundle[authority.crt].expose_text());
  const auto certificate = pem ? x509::read_certificate(pem->expose_text()) : std::nullopt;
  const auto key = read_key(bundle[authority.key]);
  if (!certificate) {
    problems.push_back(fmt::format("{} is no certificate", path_of(authority.crt)));
  } else if (!certificate->authority) {
    problems.push_back(fmt::format("{} is no certificate of an authority", path_of(authority.crt)));
  }
  if (!key) problems.push_back(fmt::format("{} is no private key", path_of(authority.key)));
  if (certificate && key && certificate->public_der != key->public_der()) {
    problems.push_back(
        fmt::format("{} is not the key of {}", path_of(authority.key), path_of(authority.crt)));
  }
}

void judge_presence(const Bundle& bundle, std::vector<std::string>& problems) {
  for (std::size_t i = 0; i < field_count; ++i) {
    const auto field = static_cast<Field>(i);
    if (field != Field::aescbc_secret && bundle[field].empty()) {
      problems.push_back(fmt::format("{} is missing", path_of(field)));
    }
  }
  if (!bundle[Field::aescbc_secret].empty()) {
    problems.push_back(fmt::format("{} is of Talos 1.2 or older: move the cluster to secretbox first",
                                   path_of(Field::aescbc_secret)));
  }
}

}  // namespace

std::string_view path_of(Field field) {
  return paths[static_cast<std::size_t>(field)];
}

Bundle generate(unsigned contract, std::int64_t now) {
  initialise();
  Bundle bundle;
  bundle[Field::cluster_id] = contract >= 14 ? random_base64() : for_urls(random_base64());
  bundle[Field::cluster_secret] = random_base64();
  bundle[Field::bootstrap_token] = random_token();
  bundle[Field::secretbox_secret] = random_base64();
  bundle[Field::trustd_token] = random_token();
  for (const Authority& authority : authorities) make_authority(authority, now, bundle);
  bundle[Field::service_account_key] = to_base64_secret(Key::generate(KeyKind::rsa).pem().expose());
  bundle[Field::issued] = SecretBytes::copy_text(format_time(now));
  return bundle;
}

std::vector<std::string> problems(const Bundle& bundle) {
  std::vector<std::string> found;
  judge_presence(bundle, found);
  for (const Field token : {Field::bootstrap_token, Field::trustd_token}) {
    if (!bundle[token].empty() && !is_token(bundle[token].expose_text())) {
      found.push_back(fmt::format("{} is not of the form abcdef.0123456789abcdef", path_of(token)));
    }
  }
  for (const Authority& authority : authorities) judge_authority(bundle, authority, found);
  if (const auto& key = bundle[Field::service_account_key]; !key.empty() && !read_key(key)) {
    found.push_back(fmt::format("{} is no private key", path_of(Field::service_account_key)));
  }
  if (const auto& issued = bundle[Field::issued]; !issued.empty() && !parse_time(issued.expose_text())) {
    found.push_back(fmt::format("{} is no time like 2026-01-31T12:00:00Z", path_of(Field::issued)));
  }
  return found;
}

sops::Node to_tree(const Bundle& bundle, std::string key) {
  sops::Node tree = sops::Node::map(std::move(key));
  for (std::size_t i = 0; i < field_count; ++i) {
    if (bundle.values[i].empty()) continue;
    std::string_view path = paths[i];
    sops::Node* at = &tree;
    for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.')) {
      const std::string_view part = path.substr(0, dot);
      sops::Node* child = at->find(part);
      at = child != nullptr ? child : &at->add(sops::Node::map(std::string(part)));
      path.remove_prefix(dot + 1);
    }
    at->add(sops::Node::text(std::string(path), bundle.values[i].clone()));
  }
  return tree;
}

Bundle from_tree(const sops::Node& tree) {
  Bundle bundle;
  for (std::size_t i = 0; i < field_count; ++i) {
    std::string_view path = paths[i];
    const sops::Node* at = &tree;
    for (; at != nullptr && !path.empty();
         path.remove_prefix(std::min(path.find('.'), path.size() - 1) + 1)) {
      at = at->find(path.substr(0, path.find('.')));
    }
    const bool text = at != nullptr && (at->type == sops::Type::text || at->type == sops::Type::time);
    if (text) bundle.values[i] = at->value.clone();
  }
  return bundle;
}

}  // namespace lab::crypto::talos
