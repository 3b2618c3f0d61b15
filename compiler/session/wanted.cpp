#include "compiler/session/wanted.h"

#include <array>

#include "compiler/lower/secret_leaf.h"
#include "compiler/lower/talos_bundle.h"
#include "compiler/session/session.h"
#include "compiler/session/talos_secrets.h"
#include "compiler/types/version.h"
#include "crypto/recipes/recipes.h"

namespace lab::session {

namespace {

using crypto::sops::Node;

constexpr std::int64_t seal_key_bytes = 32;

/// SecretSource and SecretValue are the same union but for what a key may be beside.
template <class T>
Wanted describe(std::string handle, const T& source, source::Span at) {
  Wanted out;
  out.handle = std::move(handle);
  out.at = at;
  const auto generated = [&](std::string_view recipe, std::int64_t size) {
    out.source = Source::generated;
    out.recipe = recipe;
    out.size = size;
  };
  if (source.password) {
    generated("password", *source.password->length);
  } else if (source.hex) {
    generated("hex", *source.hex->bytes);
  } else if (source.base64) {
    generated("base64", *source.base64->bytes);
  } else if (source.is("uuid") || source.is("ssh-key") || source.is("wireguard-key")) {
    generated(source.tag, 0);
  } else if (source.env) {
    out.source = Source::environment;
    out.place = *source.env->variable;
  } else if (source.file) {
    out.source = Source::file;
    out.place = *source.file->path;
  } else if (source.command) {
    out.source = Source::command;
    for (const auto& word : source.command->argv) out.argv.emplace_back(*word);
  } else if (source.remote) {
    out.source = Source::remote;
    out.place = *source.remote->path;
  }
  return out;
}

/// An identity of a cluster, with its recipient beside it in plain text.
Node age_identity(const Wanted&) {
  const crypto::age::Identity identity = crypto::age::generate_identity();
  Node out = Node::map();
  out.add(Node::text("identity", crypto::age::identity_text(identity)));
  out.add(Node::text("recipient_unencrypted", std::string_view(identity.recipient)));
  return out;
}

constexpr std::array all_bundles = {
    BundleRecipe{"age-identity", age_identity},
    BundleRecipe{
        "talos-bundle", make_talos_bundle, read_talos_bundle,
        "a running cluster keeps its authorities: `talosctl rotate-ca` replaces them; `labc secret rotate "
        "NAME/issued` issues the operators' certificates anew"},
    BundleRecipe{"time-of-issue", make_issued},
};

/// The version contract that decides how a bundle is made; 1.`result`.
std::int64_t contract_of(const model::Distribution::Talos& talos) {
  const auto version = types::Version::parse(talos.contract ? *talos.contract : *talos.version);
  return version ? version->minor() : 0;
}

}  // namespace

const BundleRecipe* bundle_of(const Wanted& one) {
  if (one.source != Source::generated) return nullptr;
  for (const BundleRecipe& bundle : all_bundles)
    if (bundle.recipe == one.recipe) return &bundle;
  return nullptr;
}

std::vector<Wanted> wanted(const Snapshot& snapshot) {
  std::vector<Wanted> out;
  const model::Lab& lab = snapshot.lab;
  for (const model::Secret& secret : lab.secrets) {
    if (secret.source)
      out.push_back(describe(lower::vault_handle(secret), *secret.source, snapshot.span(secret.at)));
    for (const auto& key : secret.rest)
      if (!key.value.value && !key.value.tag.empty())
        out.push_back(describe(lower::vault_handle(secret, key.name), key.value, snapshot.span(key.at)));
  }
  const auto own = [&](std::string handle, std::string_view recipe, std::int64_t size) {
    Wanted& one = out.emplace_back();
    one.handle = std::move(handle);
    one.source = Source::generated;
    one.recipe = recipe;
    one.size = size;
  };
  own(std::string(vault::seal_key), "base64", seal_key_bytes);
  for (const model::Cluster& cluster : lab.clusters) own(lower::cluster_identity(cluster), "age-identity", 0);
  for (const model::Cluster& cluster : lab.clusters) {
    const auto& talos = cluster.distribution.talos;
    if (!talos) continue;
    own(lower::talos_bundle(cluster), "talos-bundle", contract_of(*talos));
    own(lower::talos_bundle(cluster, "issued"), "time-of-issue", 0);
  }
  return out;
}

bool make(vault::Vault& vault, const Wanted& one) {
  if (one.source != Source::generated) return false;
  if (const BundleRecipe* bundle = bundle_of(one)) {
    vault.set(one.handle, bundle->make(one));
    return true;
  }
  const auto value = crypto::recipes::generate(one.recipe, one.size);
  if (value) vault.set_text(one.handle, *value);
  return value.has_value();
}

std::size_t make_missing(vault::Vault& vault, const std::vector<Wanted>& all) {
  std::size_t made = 0;
  for (const Wanted& one : all)
    if (!vault.has(one.handle)) made += make(vault, one) ? 1 : 0;
  return made;
}

}  // namespace lab::session
