#include "compiler/vault/sealer.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>

#include "compiler/diagnostics/diagnostic.h"
#include "compiler/vault/transforms.h"
#include "crypto/encoding.h"

namespace lab::vault {

namespace {

using crypto::SecretBytes;
using diagnostics::Code;
using document::Kind;
using document::Node;
using Sops = crypto::sops::Node;

/// Changes when the way files are sealed changes, so that all are sealed anew.
constexpr std::string_view generation = "lab/sealed/v1";

/// SHA-256 over parts, each behind its length.
class Hash {
 public:
  Hash() { crypto_hash_sha256_init(&state_); }
  Hash& add(std::string_view part) {
    std::array<unsigned char, 8> length{};
    for (std::size_t i = 0; i < length.size(); ++i)
      length[i] = static_cast<unsigned char>(part.size() >> (8 * (7 - i)));
    crypto_hash_sha256_update(&state_, length.data(), length.size());
    return raw(part);
  }
  Hash& raw(std::string_view bytes) {
    crypto_hash_sha256_update(&state_, crypto::raw(crypto::bytes_of(bytes)), bytes.size());
    return *this;
  }
  [[nodiscard]] std::string hex() {
    std::array<unsigned char, crypto_hash_sha256_BYTES> sum{};
    crypto_hash_sha256_final(&state_, sum.data());
    return std::string(crypto::to_hex_secret(std::as_bytes(std::span(sum))).expose_text());
  }

 private:
  crypto_hash_sha256_state state_{};
};

void add(Hash& hash, const Node& node, const Vault& vault) {
  hash.add(node.key()).add(std::to_string(static_cast<int>(node.kind)));
  switch (node.kind) {
    case Kind::null:
      break;
    case Kind::boolean:
      hash.add(node.boolean ? "1" : "0");
      break;
    case Kind::integer:
      hash.add(std::to_string(node.integer));
      break;
    case Kind::plain:
    case Kind::string:
      hash.add(node.text());
      break;
    case Kind::map:
    case Kind::list:
      hash.add(std::to_string(node.size));
      break;
    case Kind::secret:
      hash.add(node.secret->transform).add(node.secret->parameters).add(std::to_string(node.secret->count));
      for (const document::SecretPiece& piece : node.secret->all())
        hash.add(piece.text)
            .add(piece.handle)
            .add({&piece.quote, 1})
            .add(piece.handle.empty() ? std::string() : vault.fingerprint(piece.handle));
      break;
  }
  for (const Node* child = node.child(); child != nullptr; child = child->next) add(hash, *child, vault);
}

/// A value inside quotes of a text that is made of it: JSON's and YAML's escapes agree on these.
void append_escaped(const SecretBytes& value, char quote, crypto::SecretBuilder& out) {
  constexpr std::string_view hex = "0123456789abcdef";
  for (const char c : value.expose_text()) {
    if (quote == '\'') {
      if (c == '\'') out.append('\'');
      out.append(c);
    } else if (c == '"' || c == '\\') {
      out.append('\\').append(c);
    } else if (c == '\n') {
      out.append("\\n");
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out.append("\\u00").append(hex[static_cast<unsigned char>(c) >> 4]).append(hex[c & 15]);
    } else {
      out.append(c);
    }
  }
}

}  // namespace

Sealer::Sealer(Vault& vault, const Identities& identities, diagnostics::Sink& sink, SealOptions options)
    : vault_(vault), identities_(identities), sink_(sink), options_(std::move(options)) {
  crypto::initialise();
}

std::vector<std::string> Sealer::recipients_of(const document::Artifact& artifact) const {
  std::vector<std::string> out = artifact.sealing.recipients;
  for (const std::string& reader : artifact.sealing.readers)
    out.push_back(vault_.public_value(reader + "/recipient_unencrypted"));
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::string Sealer::digest_of(const document::Artifact& artifact) const {
  Hash hash;
  hash.add(generation)
      .add(artifact.path)
      .add(artifact.sealing.encrypted_regex)
      .add(vault_.fingerprint(seal_key));
  for (const std::string& recipient : recipients_of(artifact)) hash.add(recipient);
  for (const Node* node : artifact.documents) add(hash, *node, vault_);
  return hash.hex();
}

namespace {

/// `talos/home` of `talos/home/certs/os/key`; nothing for a value that is in no bundle.
std::string_view bundle_of(std::string_view handle) {
  constexpr std::string_view above = "talos/";
  return handle.starts_with(above) ? handle.substr(0, handle.find('/', above.size())) : std::string_view{};
}

}  // namespace

/// Every value that the file needs has to be there, whether it can be decrypted or not.
bool Sealer::check(const document::Artifact& artifact) {
  bool whole = true;
  const auto missing = [&](std::string_view handle, document::Origin origin) {
    if (options_.coming(handle)) return;
    whole = false;
    // A bundle that is not there at all is one thing that is missing, not its forty values.
    const std::string_view bundle = bundle_of(handle);
    if (!bundle.empty() && !vault_.has(bundle)) {
      if (!missing_bundles_.emplace(bundle).second) return;
      handle = bundle;
    }
    auto d = diagnostics::make(Code::secret_missing, options_.locate(origin), "is read here",
                               "`{}` has no value in the vault", handle);
    d.note(fmt::format("`labc secret set {}` stores one; `labc secret init` makes all that can be made",
                       handle));
    sink_.report(std::move(d));
  };
  const auto visit = [&](const auto& self, const Node& node) -> void {
    // What a digest is made of stands in other files, at places that can be shown.
    if (node.kind == Kind::secret && node.secret->transform != digest_transform)
      for (const document::SecretPiece& piece : node.secret->all())
        if (!piece.handle.empty() && !vault_.has(piece.handle)) missing(piece.handle, node.origin);
    for (const Node* child = node.child(); child != nullptr; child = child->next) self(self, *child);
  };
  for (const Node* node : artifact.documents) visit(visit, *node);
  for (const std::string& reader : artifact.sealing.readers)
    if (!vault_.has(reader)) missing(reader, 0);
  if (!vault_.has(seal_key)) missing(seal_key, 0);
  return whole;
}

std::optional<std::string> Sealer::seal(const document::Artifact& artifact,
                                        std::vector<crypto::sops::Line>& lines) {
  if (vault_.damaged() || !check(artifact) || options_.check_only) return std::nullopt;
  lines = crypto::sops::lines_of(*file_of(artifact, false));
  Record record{digest_of(artifact), {}};
  if (const auto before = options_.before.find(artifact.path);
      before != options_.before.end() && before->second.digest == record.digest) {
    auto bytes = options_.read(artifact.path);
    if (bytes && Hash().raw(*bytes).hex() == before->second.sha256) {
      records_[artifact.path] = before->second;
      return bytes;
    }
  }
  if (!vault_.unlocked() && !vault_.opens(identities_)) {
    auto d = diagnostics::make(Code::identity_needed, {}, "",
                               "{} has to be encrypted anew, and there is no identity to do it with",
                               artifact.path);
    d.note(identities_.problem.empty()
               ? fmt::format("no recipient of the vault was found in {}", identities_.looked_at)
               : identities_.problem);
    d.note("a person who is among `operators` can build; files that need not change are kept by anybody");
    sink_.report(std::move(d));
    return std::nullopt;
  }
  if (!vault_.unlock(identities_)) return std::nullopt;
  auto file = file_of(artifact, true);
  if (!file) return std::nullopt;
  std::string all;
  for (const crypto::sops::Reader& reader : file->readers) all += reader.recipient + "\n";
  std::string bytes = crypto::sops::write(*file, vault_.entropy({"file", artifact.path, all}));
  record.sha256 = Hash().raw(bytes).hex();
  records_[artifact.path] = std::move(record);
  return bytes;
}

std::optional<SecretBytes> Sealer::value_of(const Node& leaf) {
  const document::SecretText& text = *leaf.secret;
  crypto::SecretBuilder builder;
  std::vector<const SecretBytes*> values;
  for (const document::SecretPiece& piece : text.all()) {
    if (piece.handle.empty()) {
      builder.append(piece.text);
      continue;
    }
    const SecretBytes* value = vault_.value(piece.handle);
    if (value == nullptr) {
      sink_.report(diagnostics::make(Code::secret_missing, options_.locate(leaf.origin), "is read here",
                                     "`{}` is no single value in the vault", piece.handle));
      return std::nullopt;
    }
    values.push_back(value);
    if (piece.quote == '\0')
      builder.append(*value);
    else
      append_escaped(*value, piece.quote, builder);
  }
  SecretBytes joined = builder.take();
  if (text.transform.empty()) return joined;
  for (const Transform& transform : transforms()) {
    if (transform.name != text.transform) continue;
    const crypto::Entropy entropy =
        vault_.entropy({"transform", text.transform, text.parameters, joined.expose_text()});
    std::string problem;
    auto made = transform.apply({joined, values, text.parameters, entropy}, problem);
    if (!made)
      sink_.report(diagnostics::make(Code::secret_missing, options_.locate(leaf.origin), "is read here",
                                     "the value cannot be used: {}", problem));
    return made;
  }
  return std::nullopt;
}

std::optional<Sops> Sealer::node_of(const Node& node, bool values) {
  using crypto::sops::Type;
  Sops out;
  switch (node.kind) {
    case Kind::null:
      break;
    case Kind::boolean:
      out = Sops::boolean({}, node.boolean);
      break;
    case Kind::integer:
      out = Sops::integer({}, node.integer);
      break;
    case Kind::plain: {
      std::string canonical;
      const Type type = crypto::sops::resolve(node.text(), canonical);
      out = Sops::text({}, std::string_view(canonical));
      out.type = type;
      break;
    }
    case Kind::string:
      out = Sops::text({}, node.text());
      break;
    case Kind::secret: {
      auto value = values ? value_of(node) : std::optional(SecretBytes());
      if (!value) return std::nullopt;
      out = Sops::text({}, std::move(*value));
      break;
    }
    case Kind::map:
    case Kind::list:
      out = node.kind == Kind::map ? Sops::map() : Sops::list();
      for (const Node* child = node.child(); child != nullptr; child = child->next) {
        auto made = node_of(*child, values);
        if (!made) return std::nullopt;
        out.children.push_back(std::move(*made));
      }
      break;
  }
  out.key = node.key();
  out.origin = node.origin;
  return out;
}

std::optional<crypto::sops::File> Sealer::file_of(const document::Artifact& artifact, bool values) {
  crypto::sops::File file;
  file.last_modified = sealed_time;
  file.rule.encrypted_regex = artifact.sealing.encrypted_regex;
  file.mac_only_encrypted = !file.rule.encrypted_regex.empty();
  for (const std::string& recipient : recipients_of(artifact)) file.readers.push_back({recipient, {}});
  for (const Node* node : artifact.documents) {
    auto made = node_of(*node, values);
    if (!made) return std::nullopt;
    file.documents.push_back(std::move(*made));
  }
  return file;
}

}  // namespace lab::vault
