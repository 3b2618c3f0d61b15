// The vault: values that the lab needs and its text never has, in `secrets/*.sops.yaml` beside the lab.
//
// Each file is YAML that `sops` reads and edits. A *handle* is the path of keys to a value: `cf-token`,
// `grafana-admin/admin-password`, `talos/home/certs/os/key`; which file it stands in does not matter, but a
// key at the top stands in one file only. New keys go to `secrets/lab.sops.yaml`; those below `talos` and
// `keys` to files of these names. Keys that end in `_unencrypted` are plain text (SOPS' own rule): what is
// public, but belongs to a value, as the recipient of an identity.
//
// Without an identity the vault still says which values there are and whether one changed (`fingerprint`).
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/diagnostics/sink.h"
#include "compiler/source/file_system.h"
#include "crypto/age/age.h"
#include "crypto/sops/sops.h"

namespace lab::vault {

/// labc's own values: what emitted files are derived from, and the identities of clusters.
inline constexpr std::string_view seal_key = "keys/seal";
/// Below it, one identity a cluster: `keys/age/home/identity`, `keys/age/home/recipient_unencrypted`.
inline constexpr std::string_view cluster_identities = "keys/age";

/// Identities at hand, and why there are none.
struct Identities {
  std::vector<crypto::age::Identity> keys;
  std::string looked_at;  // places that were looked at, for messages
  std::string problem;    // a place that is there and cannot be used: named, never quoted
};

/// From $SOPS_AGE_KEY_FILE, $SOPS_AGE_KEY, then the file that sops reads:
/// $XDG_CONFIG_HOME/sops/age/keys.txt or ~/.config/sops/age/keys.txt. A file that others can read is refused.
[[nodiscard]] Identities find_identities();

/// One vault as it was read. Values are decrypted when they are first asked for.
class Vault {
 public:
  /// Reads `folder`/secrets/*.sops.yaml; what is wrong with them goes to the sink.
  Vault(const source::FileSystem& files, std::string folder, diagnostics::Sink& sink);

  /// Whether there is one: at least one file.
  [[nodiscard]] bool present() const { return !files_.empty(); }
  /// Whether all files are decrypted; the first call tries, and reports to the sink what fails.
  [[nodiscard]] bool unlock(const Identities& identities);
  [[nodiscard]] bool unlocked() const { return unlocked_; }
  /// Whether one of the identities is a recipient of every file; decrypts nothing.
  [[nodiscard]] bool opens(const Identities& identities) const;
  /// Something is wrong with its files, and was reported.
  [[nodiscard]] bool damaged() const { return damaged_; }

  /// Whether a value (or a map of values) stands at a handle. Needs no identity.
  [[nodiscard]] bool has(std::string_view handle) const { return find(handle) != nullptr; }
  /// The tree at a handle: leaves are encrypted until `unlock`. Null when there is none.
  [[nodiscard]] const crypto::sops::Node* find(std::string_view handle) const;
  /// The value at a handle; null when it is not there or not a leaf, or before `unlock`.
  [[nodiscard]] const crypto::SecretBytes* value(std::string_view handle) const;
  /// A plain value (`…_unencrypted`); empty when there is none.
  [[nodiscard]] std::string public_value(std::string_view handle) const;
  /// Changes whenever a value at or below the handle may have changed: a hash of its ciphertexts. Public.
  [[nodiscard]] std::string fingerprint(std::string_view handle) const;
  /// All handles of values, in the order of the files.
  [[nodiscard]] std::vector<std::string> handles() const;
  /// Recipients of the vault's files, without doubles, in their order.
  [[nodiscard]] std::vector<std::string> recipients() const;
  /// Bytes that follow from the vault and `what`; needs an unlocked vault that has a seal key.
  [[nodiscard]] crypto::Entropy entropy(std::initializer_list<std::string_view> what) const;

  // ---- changes; they reach the disk with `save`
  /// Puts a value, or a tree of values, at a handle. Needs an unlocked vault, or one without files.
  void set(std::string_view handle, crypto::sops::Node value);
  void set_text(std::string_view handle, const crypto::SecretBytes& value);
  void remove(std::string_view handle);
  /// For whom files are encrypted from now on. Taking one away changes every file's data key.
  void set_recipients(std::vector<std::string> recipients);
  /// Writes the files that changed. `now`: time in RFC 3339, UTC, seconds, with Z. The system's words on
  /// failure.
  [[nodiscard]] source::IoStatus save(source::FileSystem& files, std::string_view now);

 private:
  struct File {
    std::string path;
    crypto::sops::File content;
    bool changed = false;
  };
  File& file_for(std::string_view handle);
  static void remove_child(crypto::sops::Node& map, std::string_view key);
  std::string folder_;
  diagnostics::Sink* sink_;
  std::vector<File> files_;
  std::vector<std::string> new_recipients_;  // of files made from now on
  bool unlocked_ = false;
  bool damaged_ = false;
};

}  // namespace lab::vault
