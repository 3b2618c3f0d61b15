#include "crypto/recipes/recipes.h"

#include <sodium.h>

#include <array>
#include <cstring>

#include "crypto/encoding.h"

namespace lab::crypto::recipes {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Bytes one after the other, as many as are asked for.
class Bytes {
 public:
  Bytes(const Entropy& entropy, std::string_view what) : entropy_(entropy), what_(what) {}
  unsigned next() {
    if (at_ == block_.size()) {
      block_ = entropy_.bytes(64, what_ + " " + std::to_string(number_++));
      at_ = 0;
    }
    return std::to_integer<unsigned>(block_.expose()[at_++]);
  }

 private:
  const Entropy& entropy_;
  std::string what_;
  SecretBytes block_;
  std::size_t at_ = 0, number_ = 0;
};

/// A string of SSH's wire format (RFC 4251 §5).
void put_string(SecretBuilder& out, std::string_view text) {
  for (int shift = 24; shift >= 0; shift -= 8) out.append(static_cast<char>(text.size() >> shift & 0xff));
  out.append(text);
}

/// The next of them; empty when there is none, and the rest is then empty too.
std::string_view take_string(std::string_view& from) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < 4 && i < from.size(); ++i)
    size = size << 8 | static_cast<unsigned char>(from[i]);
  if (from.size() < 4 || from.size() - 4 < size) return from = {};
  const std::string_view out = from.substr(4, size);
  from.remove_prefix(4 + size);
  return out;
}

constexpr std::string_view ssh_magic("openssh-key-v1\0", 15);
constexpr std::string_view ssh_type = "ssh-ed25519";
constexpr std::string_view ssh_head = "-----BEGIN OPENSSH PRIVATE KEY-----\n";
constexpr std::string_view ssh_foot = "-----END OPENSSH PRIVATE KEY-----\n";
constexpr std::size_t ssh_columns = 70;

}  // namespace

SecretBytes password(std::size_t size, const Entropy& entropy) {
  Bytes bytes(entropy, "password");
  SecretBuilder out;
  constexpr unsigned fair = 256 / alphabet.size() * alphabet.size();
  while (out.size() < size)
    if (const unsigned byte = bytes.next(); byte < fair) out.append(alphabet[byte % alphabet.size()]);
  return out.take();
}

SecretBytes hex(std::size_t size, const Entropy& entropy) {
  return to_hex_secret(entropy.bytes(size, "hex").expose());
}

SecretBytes base64(std::size_t size, const Entropy& entropy) {
  return to_base64_secret(entropy.bytes(size, "base64").expose());
}

SecretBytes uuid(const Entropy& entropy) {
  SecretBytes bytes = entropy.bytes(16, "uuid");
  bytes.writable()[6] = (bytes.writable()[6] & std::byte{0x0f}) | std::byte{0x40};
  bytes.writable()[8] = (bytes.writable()[8] & std::byte{0x3f}) | std::byte{0x80};
  const SecretBytes digits = to_hex_secret(bytes.expose());
  SecretBuilder out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) out.append('-');
    out.append(digits.expose_text()[i]);
  }
  return out.take();
}

SecretBytes ssh_key(const Entropy& entropy) {
  initialise();
  const SecretBytes seed = entropy.bytes(crypto_sign_SEEDBYTES, "ssh-key");
  const SecretBytes check = entropy.bytes(4, "ssh-key check");
  SecretBytes secret(crypto_sign_SECRETKEYBYTES), open(crypto_sign_PUBLICKEYBYTES);
  crypto_sign_seed_keypair(raw(open.writable()), raw(secret.writable()), raw(seed.expose()));
  SecretBuilder wire;
  put_string(wire, ssh_type);
  put_string(wire, open.expose_text());
  const SecretBytes public_wire = wire.take();
  wire.append(check).append(check);
  put_string(wire, ssh_type);
  put_string(wire, open.expose_text());
  put_string(wire, secret.expose_text());
  put_string(wire, "");  // comment
  for (char pad = 1; wire.size() % 8 != 0; ++pad) wire.append(pad);
  const SecretBytes private_wire = wire.take();
  wire.append(ssh_magic);
  put_string(wire, "none");
  put_string(wire, "none");
  put_string(wire, "");
  wire.append(std::string_view("\0\0\0\1", 4));
  put_string(wire, public_wire.expose_text());
  put_string(wire, private_wire.expose_text());
  const SecretBytes text = to_base64_secret(wire.take().expose());
  SecretBuilder out;
  out.append(ssh_head);
  for (std::string_view rest = text.expose_text(); !rest.empty();
       rest.remove_prefix(std::min(ssh_columns, rest.size())))
    out.append(rest.substr(0, ssh_columns)).append('\n');
  out.append(ssh_foot);
  return out.take();
}

std::string ssh_public_key(std::string_view key) {
  if (!key.starts_with(ssh_head)) return {};
  SecretBuilder text;
  for (const char c : key.substr(ssh_head.size())) {
    if (c == '-') break;
    if (c != '\n' && c != '\r') text.append(c);
  }
  const auto wire = from_base64(text.take().expose_text());
  if (!wire) return {};
  // PROTOCOL.key: magic, cipher, key derivation and its options, the number of keys, the public key.
  std::string_view rest = wire->expose_text();
  if (!rest.starts_with(ssh_magic)) return {};
  rest.remove_prefix(ssh_magic.size());
  for (int skipped = 0; skipped < 3; ++skipped) take_string(rest);
  rest.remove_prefix(std::min<std::size_t>(4, rest.size()));
  const std::string_view key_wire = take_string(rest);
  std::string_view inside = key_wire;
  const std::string type(take_string(inside));
  if (type.empty() || inside.empty()) return {};
  return type + " " + to_base64(bytes_of(key_wire));
}

SecretBytes wireguard_key(const Entropy& entropy) {
  SecretBytes bytes = entropy.bytes(crypto_scalarmult_SCALARBYTES, "wireguard-key");
  bytes.writable()[0] &= std::byte{248};
  bytes.writable()[31] = (bytes.writable()[31] & std::byte{127}) | std::byte{64};
  return to_base64_secret(bytes.expose());
}

std::string wireguard_public_key(std::string_view key) {
  const auto scalar = from_base64(key);
  if (!scalar || scalar->size() != crypto_scalarmult_SCALARBYTES) return {};
  std::array<unsigned char, crypto_scalarmult_BYTES> point{};
  if (crypto_scalarmult_base(point.data(), raw(scalar->expose())) != 0) return {};
  return to_base64(std::as_bytes(std::span(point)));
}

std::optional<SecretBytes> generate(std::string_view recipe, std::int64_t size, const Entropy& entropy) {
  const auto count = static_cast<std::size_t>(size);
  if (recipe == "password") return password(count, entropy);
  if (recipe == "hex") return hex(count, entropy);
  if (recipe == "base64") return base64(count, entropy);
  if (recipe == "uuid") return uuid(entropy);
  if (recipe == "ssh-key") return ssh_key(entropy);
  if (recipe == "wireguard-key") return wireguard_key(entropy);
  return std::nullopt;
}

}  // namespace lab::crypto::recipes
