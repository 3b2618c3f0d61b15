// The secrets bundle of a Talos cluster: what `talosctl gen secrets` writes, made and judged by the same
// rules (siderolabs/talos pkg/machinery config/generate/secrets: bundle.go, ca.go, and generate.go for
// tokens).
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/sops/tree.h"

namespace lab::crypto::talos {

/// The values of a bundle, in the order of the file. Certificates and keys are base64 of PEM, as the machine
/// configuration wants them too.
enum class Field : std::uint8_t {
  cluster_id,
  cluster_secret,
  bootstrap_token,
  aescbc_secret,  // of clusters that Talos 1.2 or older made; read to be refused
  secretbox_secret,
  trustd_token,
  etcd_crt,
  etcd_key,
  k8s_crt,
  k8s_key,
  aggregator_crt,
  aggregator_key,
  service_account_key,
  os_crt,
  os_key,
  issued,  // ours, Talos reads over it: when the client certificates were issued, as RFC 3339 in UTC
};
inline constexpr std::size_t field_count = 16;

/// Keys of the file on the way to the value, joined by dots: `certs.os.key`.
[[nodiscard]] std::string_view path_of(Field field);

struct Bundle {
  std::array<SecretBytes, field_count> values;  // as they stand in the file; empty: absent
  [[nodiscard]] const SecretBytes& operator[](Field field) const {
    return values[static_cast<std::size_t>(field)];
  }
  [[nodiscard]] SecretBytes& operator[](Field field) { return values[static_cast<std::size_t>(field)]; }
};

/// A bundle of fresh secrets for a cluster of version contract 1.`contract` (1.7 or newer), whose authorities
/// are valid for ten years (87600 h) from `now`, in seconds since 1970. Takes a second: a key has 4096 bits.
[[nodiscard]] Bundle generate(unsigned contract, std::int64_t now);

/// What is wrong, without any value: `certs.etcd.key is missing`. Stricter than Talos' Bundle.Validate, which
/// does not see a key that is not its certificate's, nor the form of tokens.
[[nodiscard]] std::vector<std::string> problems(const Bundle& bundle);

/// A bundle as a tree of maps, as `talosctl gen secrets` writes it, under `key`.
[[nodiscard]] sops::Node to_tree(const Bundle& bundle, std::string key = {});
/// From such a tree, decrypted. What it has beyond `Field` is left out, as are values that YAML takes for numbers:
/// their spelling is lost.
[[nodiscard]] Bundle from_tree(const sops::Node& tree);

}  // namespace lab::crypto::talos
