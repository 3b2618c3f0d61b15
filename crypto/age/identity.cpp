// Recipients and identities of X25519 (C2SP age.md, "The X25519 recipient type").
#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>

#include "crypto/age/age.h"
#include "crypto/age/bech32.h"
#include "crypto/encoding.h"

namespace lab::crypto::age {

namespace {

constexpr std::string_view recipient_prefix = "age";
constexpr std::string_view identity_prefix = "AGE-SECRET-KEY-";
constexpr std::size_t key_size = crypto_scalarmult_BYTES;

SecretBytes upper(const SecretBytes& text) {
  SecretBytes out = text.clone();
  for (std::byte& b : out.writable()) {
    const char c = static_cast<char>(b);
    if (c >= 'a' && c <= 'z') b = static_cast<std::byte>(c - ('a' - 'A'));
  }
  return out;
}

std::optional<Identity> identity_of(SecretBytes scalar) {
  SecretBytes point(key_size);
  if (crypto_scalarmult_base(raw(point.writable()), raw(scalar.expose())) != 0) return std::nullopt;
  return Identity{std::move(scalar),
                  std::string(bech32_encode(recipient_prefix, point.expose()).expose_text())};
}

}  // namespace

Identity generate_identity(const Entropy& entropy) {
  initialise();
  return *identity_of(entropy.bytes(key_size, "age identity"));
}

std::optional<Identity> parse_identity(std::string_view text) {
  initialise();
  if (!text.starts_with(identity_prefix)) return std::nullopt;
  auto decoded = bech32_decode(text);
  if (!decoded || decoded->hrp != identity_prefix || decoded->data.size() != key_size) return std::nullopt;
  return identity_of(std::move(decoded->data));
}

SecretBytes identity_text(const Identity& identity) {
  return upper(bech32_encode("age-secret-key-", identity.scalar.expose()));
}

std::vector<Identity> parse_identity_file(std::string_view text, std::string& problem) {
  std::vector<Identity> found;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t'))
      line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    auto identity = parse_identity(line);
    if (!identity) {
      problem = fmt::format("line {} is no age identity of X25519 (`AGE-SECRET-KEY-1…`)", number);
      return {};
    }
    found.push_back(std::move(*identity));
  }
  return found;
}

std::string recipient_problem(std::string_view text) {
  if (text.starts_with("age1pq1"))
    return "post-quantum recipients are not supported yet; use one that begins with `age1` and has 62 "
           "characters";
  if (text.starts_with("ssh-")) return "keys of SSH are not supported; make an age key with `age-keygen`";
  const auto decoded = bech32_decode(text);
  if (!decoded) return "this is no age recipient: its checksum is wrong";
  if (decoded->hrp != recipient_prefix || decoded->data.size() != key_size)
    return "this is no age recipient of X25519";
  return {};
}

}  // namespace lab::crypto::age
