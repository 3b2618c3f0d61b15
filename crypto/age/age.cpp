// The file format of age v1 (C2SP age.md): header with stanzas and MAC, payload in chunks.
#include "crypto/age/age.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "crypto/age/bech32.h"
#include "crypto/encoding.h"

namespace lab::crypto::age {

namespace {

constexpr std::string_view version_line = "age-encryption.org/v1";
constexpr std::string_view x25519_info = "age-encryption.org/v1/X25519";
constexpr std::size_t key_size = 32, file_key_size = 16, nonce_size = 16, columns = 64;
constexpr std::size_t tag_size = crypto_aead_chacha20poly1305_ietf_ABYTES;
constexpr std::size_t chunk_size = std::size_t{64} << 10;

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// RFC 5869 with SHA-256 for 32 bytes; native in libsodium from 1.0.19 only.
SecretBytes hkdf(std::span<const std::byte> key, std::string_view salt, std::string_view info) {
  const std::array<unsigned char, key_size> zero{};
  SecretBytes prk(key_size), okm(key_size);
  crypto_auth_hmacsha256_state state;
  if (salt.empty())
    crypto_auth_hmacsha256_init(&state, zero.data(), zero.size());
  else
    crypto_auth_hmacsha256_init(&state, raw(bytes_of(salt)), salt.size());
  crypto_auth_hmacsha256_update(&state, raw(key), key.size());
  crypto_auth_hmacsha256_final(&state, raw(prk.writable()));
  crypto_auth_hmacsha256_init(&state, raw(prk.expose()), prk.size());
  crypto_auth_hmacsha256_update(&state, raw(bytes_of(info)), info.size());
  const unsigned char one = 1;
  crypto_auth_hmacsha256_update(&state, &one, 1);
  crypto_auth_hmacsha256_final(&state, raw(okm.writable()));
  wipe(&state, sizeof state);
  return okm;
}

std::string mac_of(const SecretBytes& file_key, std::string_view header) {
  const SecretBytes key = hkdf(file_key.expose(), {}, "header");
  SecretBytes mac(crypto_auth_hmacsha256_BYTES);
  crypto_auth_hmacsha256(raw(mac.writable()), raw(bytes_of(header)), header.size(), raw(key.expose()));
  return std::string(mac.expose_text());
}

using Nonce = std::array<unsigned char, crypto_aead_chacha20poly1305_ietf_NPUBBYTES>;

SecretBytes seal(std::span<const std::byte> plaintext, const Nonce& nonce, const SecretBytes& key) {
  SecretBytes out(plaintext.size() + tag_size);
  crypto_aead_chacha20poly1305_ietf_encrypt(raw(out.writable()), nullptr, raw(plaintext), plaintext.size(),
                                            nullptr, 0, nullptr, nonce.data(), raw(key.expose()));
  return out;
}

std::optional<SecretBytes> open(std::span<const std::byte> sealed, const Nonce& nonce,
                                const SecretBytes& key) {
  if (sealed.size() < tag_size) return std::nullopt;
  SecretBytes out(sealed.size() - tag_size);
  unsigned char none = 0;
  unsigned char* to = out.empty() ? &none : raw(out.writable());
  if (crypto_aead_chacha20poly1305_ietf_decrypt(to, nullptr, nullptr, raw(sealed), sealed.size(), nullptr, 0,
                                                nonce.data(), raw(key.expose())) != 0)
    return std::nullopt;
  return out;
}

/// The nonce of a chunk: a counter of 11 bytes, and whether it is the last.
Nonce chunk_nonce(std::uint64_t counter, bool last) {
  Nonce nonce{};
  for (std::size_t i = 0; i < 8; ++i) nonce[10 - i] = static_cast<unsigned char>(counter >> (8 * i));
  nonce[11] = last ? 1 : 0;
  return nonce;
}

struct Stanza {
  std::vector<std::string_view> arguments;  // the type first
  std::string body;
};

struct Header {
  std::vector<Stanza> stanzas;
  std::string_view signed_part;  // up to and with `---`
  std::string mac;
  std::string_view payload;
};

/// A line without its LF; nothing when there is none. CR belongs to the line, where nothing allows it.
std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

bool split(std::string_view line, std::vector<std::string_view>& into) {
  while (true) {
    const std::size_t end = std::min(line.find(' '), line.size());
    const std::string_view word = line.substr(0, end);
    if (word.empty() || std::any_of(word.begin(), word.end(), [](char c) { return c < 33 || c > 126; }))
      return false;
    into.push_back(word);
    if (end == line.size()) return true;
    line.remove_prefix(end + 1);
  }
}

bool read_body(std::string_view& text, std::string& body) {
  while (true) {
    const auto line = take_line(text);
    if (!line || line->size() > columns) return false;
    const auto bytes = from_base64(*line, Base64::unpadded);
    if (!bytes) return false;
    body += bytes->expose_text();
    if (line->size() < columns) return true;
  }
}

std::string parse_header(std::string_view file, Header& into) {
  std::string_view text = file;
  const auto first = take_line(text);
  if (!first || *first != version_line) return "it does not begin as a file of age v1 does";
  while (true) {
    const std::size_t line_begin = file.size() - text.size();
    const auto line = take_line(text);
    if (!line) return "its header ends too early";
    if (line->starts_with("---")) {
      if (!line->starts_with("--- ")) return "the line of its MAC is malformed";
      const auto mac = from_base64(line->substr(4), Base64::unpadded);
      if (!mac || mac->size() != crypto_auth_hmacsha256_BYTES) return "the line of its MAC is malformed";
      into.mac = mac->expose_text();
      into.signed_part = file.substr(0, line_begin + 3);
      into.payload = text;
      return into.stanzas.empty() ? "it has no recipients" : std::string();
    }
    if (!line->starts_with("-> ")) return "a stanza of its header is malformed";
    Stanza& stanza = into.stanzas.emplace_back();
    if (!split(line->substr(3), stanza.arguments) || !read_body(text, stanza.body))
      return "a stanza of its header is malformed";
  }
}

SecretBytes wrap_key(const SecretBytes& shared, std::string_view share, std::string_view recipient) {
  return hkdf(shared.expose(), std::string(share) + std::string(recipient), x25519_info);
}

std::string public_point(const std::string& recipient) {
  return std::string(bech32_decode(recipient)->data.expose_text());
}

/// The file key of a stanza; nothing when it is for somebody else. What is malformed goes to `problem`.
std::optional<SecretBytes> unwrap(const Stanza& stanza, const Identity& identity, std::string& problem) {
  if (stanza.arguments.front() != "X25519") return std::nullopt;
  const auto share =
      stanza.arguments.size() == 2 ? from_base64(stanza.arguments[1], Base64::unpadded) : std::nullopt;
  if (!share || share->size() != key_size || stanza.body.size() != file_key_size + tag_size) {
    problem = "a stanza of X25519 is malformed";
    return std::nullopt;
  }
  SecretBytes shared(key_size);
  if (crypto_scalarmult(raw(shared.writable()), raw(identity.scalar.expose()), raw(share->expose())) != 0) {
    problem = "a stanza of X25519 has a share of low order";
    return std::nullopt;
  }
  const SecretBytes key = wrap_key(shared, share->expose_text(), public_point(identity.recipient));
  return open(bytes_of(stanza.body), Nonce{}, key);
}

Opened failed(Trouble trouble, std::string why) {
  return {trouble, std::move(why), {}};
}

Opened open_payload(std::string_view payload, const SecretBytes& file_key) {
  if (payload.size() < nonce_size) return failed(Trouble::header, "its nonce is cut off");
  const SecretBytes key = hkdf(file_key.expose(), payload.substr(0, nonce_size), "payload");
  payload.remove_prefix(nonce_size);
  SecretBuilder plaintext;
  for (std::uint64_t counter = 0;; ++counter) {
    const std::size_t size = std::min(payload.size(), chunk_size + tag_size);
    const bool last = size == payload.size();
    const auto chunk = open(bytes_of(payload.substr(0, size)), chunk_nonce(counter, last), key);
    if (!chunk) return failed(Trouble::payload, "its content was changed or cut off");
    if (chunk->empty() && counter > 0) return failed(Trouble::payload, "its last chunk is empty");
    plaintext.append(*chunk);
    payload.remove_prefix(size);
    if (last) return {Trouble::none, {}, plaintext.take()};
  }
}

/// What stands in the way when no identity fits: named, because the remedy differs.
std::string why_no_match(const Header& header) {
  for (const Stanza& stanza : header.stanzas) {
    if (stanza.arguments.front() == "scrypt")
      return "it is encrypted with a passphrase, which no build could type; encrypt it to age keys";
    if (stanza.arguments.front().starts_with("mlkem768"))
      return "it is encrypted to post-quantum recipients alone, which are not supported yet";
  }
  return "none of the identities at hand is a recipient of it";
}

}  // namespace

std::string encrypt(std::span<const std::byte> plaintext, std::span<const std::string> recipients,
                    const Entropy& entropy) {
  initialise();
  const SecretBytes file_key = entropy.bytes(file_key_size, "age file key");
  std::string header(version_line);
  header += '\n';
  for (const std::string& recipient : recipients) {
    const std::string point = public_point(recipient);
    const SecretBytes ephemeral = entropy.bytes(key_size, "age ephemeral " + recipient);
    SecretBytes share(key_size), shared(key_size);
    crypto_scalarmult_base(raw(share.writable()), raw(ephemeral.expose()));
    if (crypto_scalarmult(raw(shared.writable()), raw(ephemeral.expose()), raw(bytes_of(point))) != 0)
      return {};
    const SecretBytes body = seal(file_key.expose(), Nonce{}, wrap_key(shared, share.expose_text(), point));
    header += fmt::format("-> X25519 {}\n{}\n", to_base64(share.expose(), Base64::unpadded),
                          to_base64(body.expose(), Base64::unpadded));
  }
  header += "---";
  const std::string mac = mac_of(file_key, header);
  std::string out = header + ' ' + to_base64(bytes_of(mac), Base64::unpadded) + '\n';
  const SecretBytes nonce = entropy.bytes(nonce_size, "age nonce");
  out += nonce.expose_text();
  const SecretBytes key = hkdf(file_key.expose(), nonce.expose_text(), "payload");
  for (std::uint64_t counter = 0;; ++counter) {
    const std::size_t size = std::min(plaintext.size(), chunk_size);
    const bool last = size == plaintext.size();
    out += text_of(seal(plaintext.first(size), chunk_nonce(counter, last), key).expose());
    plaintext = plaintext.subspan(size);
    if (last) return out;
  }
}

Opened decrypt(std::string_view file, std::span<const Identity> identities) {
  initialise();
  if (is_armored(file)) {
    const auto binary = unarmor(file);
    if (!binary) return failed(Trouble::armor, "its armor is malformed");
    // Armor inside armor is no armor.
    if (is_armored(*binary)) return failed(Trouble::header, "it does not begin as a file of age v1 does");
    return decrypt(*binary, identities);
  }
  Header header;
  if (std::string problem = parse_header(file, header); !problem.empty())
    return failed(Trouble::header, std::move(problem));
  const auto scrypt = [](const Stanza& s) { return s.arguments.front() == "scrypt"; };
  if (header.stanzas.size() > 1 && std::any_of(header.stanzas.begin(), header.stanzas.end(), scrypt))
    return failed(Trouble::header, "a passphrase stands beside other recipients");
  for (const Identity& identity : identities)
    for (const Stanza& stanza : header.stanzas) {
      std::string problem;
      const auto file_key = unwrap(stanza, identity, problem);
      if (!problem.empty()) return failed(Trouble::header, std::move(problem));
      if (!file_key) continue;
      const std::string mac = mac_of(*file_key, header.signed_part);
      if (sodium_memcmp(mac.data(), header.mac.data(), mac.size()) != 0)
        return failed(Trouble::hmac, "its header was changed");
      return open_payload(header.payload, *file_key);
    }
  return failed(Trouble::no_match, why_no_match(header));
}

}  // namespace lab::crypto::age
