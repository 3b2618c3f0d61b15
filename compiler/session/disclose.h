// What `public-key`, `certificate` and `declassify` yield, from the vault of a lab.
//
// Each answer stands in the vault in plain text, at `keys/public_unencrypted/ID`, beside the hash of the
// ciphertexts that it was made of, so that a build without an identity has it too, and knows when it is out
// of date. SOPS leaves what stands below such a key as it is, and its MAC covers it.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/eval/evaluation.h"
#include "compiler/vault/vault.h"

namespace lab::session {

/// Where answers stand in the vault.
inline constexpr std::string_view public_parts = "keys/public_unencrypted";

class Discloser {
 public:
  /// Reads the vault; what is wrong with it goes to the sink. `open`: what is not known in plain text is made
  /// of the secrets, with an identity if there is one.
  Discloser(const source::FileSystem& files, std::string folder, diagnostics::Sink& sink, bool open);

  [[nodiscard]] eval::Disclosed ask(eval::Evaluation& evaluation, const eval::Disclosure& use);
  /// Puts new answers into the vault; nothing when there are none.
  [[nodiscard]] source::IoStatus save(source::FileSystem& files, std::string_view now);

 private:
  struct Piece {
    std::string text;  // public
    std::string handle;
    std::string recipe;  // word of `secret-source`, of a handle
  };
  void follow(eval::Evaluation& evaluation, const eval::SecretText& text, std::vector<Piece>& into,
              int depth);
  [[nodiscard]] eval::Disclosed read(std::string_view function, const std::vector<Piece>& pieces);

  vault::Vault vault_;
  vault::Identities identities_;
  bool open_;
  bool changed_ = false;
};

/// The secrets that a use was given, in words: `deploy-key`, `grafana/admin-password`; several with commas.
[[nodiscard]] std::string secrets_of(const eval::Evaluation& evaluation, const eval::SecretText& text);

}  // namespace lab::session
