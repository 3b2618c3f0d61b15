// The secrets bundle of a Talos cluster as a value of the vault.
#pragma once
#include "compiler/session/wanted.h"

namespace lab::session {

/// A new bundle for the version contract 1.`size` of `wanted`, issued now.
[[nodiscard]] crypto::sops::Node make_talos_bundle(const Wanted& wanted);
/// What `talosctl gen secrets` wrote, or an earlier `labc secret get`; without `issued` it is issued now.
/// Nothing, with `problem` saying why without a value, for a bundle that Talos could not use.
[[nodiscard]] std::optional<crypto::sops::Node> read_talos_bundle(const crypto::SecretBytes& text,
                                                                  std::string& problem);
/// When client certificates are issued: now.
[[nodiscard]] crypto::sops::Node make_issued(const Wanted& wanted);

}  // namespace lab::session
