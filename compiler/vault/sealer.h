// Writes artifacts of Format::sops from the vault, or keeps what an earlier build wrote where nothing
// changed.
//
// Each sealed file has a *public digest*: a hash of everything that decides its content and may be known: its
// path, structure and readers, and for each value it is made of the hash of its ciphertext in the vault. It
// stands in build.json (`sealed`) with the hash of the file. A file whose digest is the same is kept as it
// is; any other is encrypted anew, which needs an identity. Encryption is derived from the vault
// (`keys/seal`), so the same vault gives the same bytes, in an empty folder too.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "compiler/diagnostics/sink.h"
#include "compiler/document/document.h"
#include "compiler/vault/vault.h"

namespace lab::vault {

/// What sealed.json says of one file. Both are 64 hexadecimal digits.
struct Record {
  std::string digest;  // public digest of what the file is made of
  std::string sha256;  // of its bytes
};
using Records = std::map<std::string, Record, std::less<>>;  // by path

/// The time that sealed files bear: they follow from the vault, not from when they were built.
inline constexpr std::string_view sealed_time = "1970-01-01T00:00:00Z";

struct SealOptions {
  Records before;  // of the last build into this folder
  /// The bytes of a file of the last build; nothing when it is not there.
  std::function<std::optional<std::string>(const std::string& path)> read = [](const std::string&) {
    return std::optional<std::string>();
  };
  /// Whether a value that is missing will be made before anything is written.
  std::function<bool(std::string_view handle)> coming = [](std::string_view) { return false; };
  bool check_only = false;  // report what is missing and write nothing
  std::function<source::Span(document::Origin)> locate = [](document::Origin) { return source::Span{}; };
};

class Sealer {
 public:
  /// `vault` is unlocked when a file has to be encrypted, not before.
  Sealer(Vault& vault, const Identities& identities, diagnostics::Sink& sink, SealOptions options);

  /// The bytes of a file, and where its lines come from. Nothing, with the reason in the sink, when it cannot
  /// be written.
  [[nodiscard]] std::optional<std::string> seal(const document::Artifact& artifact,
                                                std::vector<crypto::sops::Line>& lines);
  /// Of all files that were sealed or kept.
  [[nodiscard]] const Records& records() const { return records_; }

 private:
  bool check(const document::Artifact& artifact);
  std::string digest_of(const document::Artifact& artifact) const;
  std::vector<std::string> recipients_of(const document::Artifact& artifact) const;
  /// The file before its values are encrypted; without `values`, with an empty text for each secret.
  std::optional<crypto::sops::File> file_of(const document::Artifact& artifact, bool values);
  std::optional<crypto::sops::Node> node_of(const document::Node& node, bool values);
  std::optional<crypto::SecretBytes> value_of(const document::Node& leaf);

  Vault& vault_;
  const Identities& identities_;
  diagnostics::Sink& sink_;
  SealOptions options_;
  Records records_;
  std::set<std::string, std::less<>> missing_bundles_;  // reported already
};

}  // namespace lab::vault
