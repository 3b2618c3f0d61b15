// Files of age v1 (C2SP age.md) for X25519 recipients: binary and armored, read and written.
//
// Other kinds of recipients are recognised and named where they are what stands in the way. A file encrypted
// with a passphrase is read by no build: a passphrase would have to be typed each time, or stand somewhere.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/entropy.h"
#include "crypto/secret_bytes.h"

namespace lab::crypto::age {

/// A secret key and the recipient it opens files of.
struct Identity {
  SecretBytes scalar;     // 32 bytes
  std::string recipient;  // `age1…`
};

[[nodiscard]] Identity generate_identity(const Entropy& entropy = {});
/// `AGE-SECRET-KEY-1…`, upper case as the specification demands. Nothing for anything else.
[[nodiscard]] std::optional<Identity> parse_identity(std::string_view text);
[[nodiscard]] SecretBytes identity_text(const Identity& identity);
/// All identities of a key file: one a line, `#` begins a comment. What is wrong goes to `problem`, by line
/// number, never with the line's content; the result is then empty.
[[nodiscard]] std::vector<Identity> parse_identity_file(std::string_view text, std::string& problem);

/// Why a text is no recipient that files can be encrypted to; "" when it is one.
[[nodiscard]] std::string recipient_problem(std::string_view text);

enum class Trouble : std::uint8_t { none, armor, header, hmac, payload, no_match };

/// A file that was opened, or why not.
struct Opened {
  Trouble trouble = Trouble::none;
  std::string why;  // says nothing of the content
  SecretBytes plaintext;
  [[nodiscard]] bool ok() const { return trouble == Trouble::none; }
};

/// The file for all of `recipients`, which must be valid and of which there is at least one.
[[nodiscard]] std::string encrypt(std::span<const std::byte> plaintext,
                                  std::span<const std::string> recipients, const Entropy& entropy = {});
/// Opens a binary or armored file with the first identity that fits.
[[nodiscard]] Opened decrypt(std::string_view file, std::span<const Identity> identities);

/// Strict PEM with the label `AGE ENCRYPTED FILE`.
[[nodiscard]] std::string armor(std::string_view binary);
/// Nothing for text that is not exactly that, but for CRLF and white space around the block.
[[nodiscard]] std::optional<std::string> unarmor(std::string_view text);
[[nodiscard]] bool is_armored(std::string_view text);

}  // namespace lab::crypto::age
