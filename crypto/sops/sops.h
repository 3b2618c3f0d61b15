// Files of SOPS (getsops/sops 3.9 to 3.13), YAML, with age recipients: read, checked, changed and written.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/age/age.h"
#include "crypto/sops/tree.h"

namespace lab::crypto::sops {

/// Who can open a file: the data key, encrypted to one recipient of age.
struct Reader {
  std::string recipient;
  std::string enc;  // armored; empty until the file is written
};

/// Which values are encrypted. At most one is set; without any, every value but below a key with the suffix
/// `_unencrypted`. A regular expression is looked for in each key of the path to a value.
struct Rule {
  std::string encrypted_regex, unencrypted_regex, encrypted_suffix, unencrypted_suffix;
};

/// A file: its documents without the metadata, and the metadata.
struct File {
  std::vector<Node> documents;  // maps
  std::vector<Reader> readers;
  Rule rule;
  bool mac_only_encrypted = false;
  std::string last_modified;  // RFC 3339, seconds, `Z`
  std::string mac;            // `ENC[…]`
  SecretBytes data_key;       // 32 bytes; empty until it is opened or first written
  bool foreign_keys = false;  // it has keys of other services (PGP, KMS, …), which this cannot write back
};

/// The structure of a file; nothing is decrypted. On failure `problem` says why, never with content.
[[nodiscard]] bool parse(std::string_view text, File& into, std::string& problem);

enum class Trouble : std::uint8_t { none, not_a_reader, damaged, wrong_mac };

/// Decrypts every value and checks the MAC. On failure the file is as it was, and `problem` says why.
[[nodiscard]] Trouble unlock(File& file, std::span<const age::Identity> identities, std::string& problem);

/// Where the lines of the first document come from, whatever its values are: each encrypted value is one
/// line.
[[nodiscard]] std::vector<Line> lines_of(const File& file);

/// Where the lines of the first document come from, whatever its values are: each encrypted value is one
/// line.
[[nodiscard]] std::vector<Line> lines_of(const File& file);

/// The bytes of the file: values without a ciphertext are encrypted now, readers without `enc` get it, the
/// MAC is made anew. `entropy` gives the data key of a file that has none yet.
[[nodiscard]] std::string write(File& file, const Entropy& entropy = {});

}  // namespace lab::crypto::sops
