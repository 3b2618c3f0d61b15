#include "crypto/age/bech32.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace lab::crypto::age {

namespace {

constexpr std::string_view charset = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr std::size_t checksum_size = 6;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

/// BIP 173, "Checksum".
class Checksum {
 public:
  void add(std::uint8_t value) {
    constexpr std::array<std::uint32_t, 5> generators = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                                         0x2a1462b3};
    const std::uint32_t top = state_ >> 25;
    state_ = (state_ & 0x1ffffff) << 5 ^ value;
    for (std::size_t i = 0; i < generators.size(); ++i)
      if (((top >> i) & 1) != 0) state_ ^= generators[i];
  }
  void add_prefix(std::string_view hrp) {
    for (const char c : hrp) add(static_cast<std::uint8_t>(lower(c) >> 5));
    add(0);
    for (const char c : hrp) add(static_cast<std::uint8_t>(lower(c) & 31));
  }
  [[nodiscard]] std::uint32_t state() const { return state_; }

 private:
  std::uint32_t state_ = 1;
};

}  // namespace

SecretBytes bech32_encode(std::string_view hrp, std::span<const std::byte> data) {
  SecretBuilder out;
  out.append(hrp).append('1');
  Checksum checksum;
  checksum.add_prefix(hrp);
  const auto put = [&](std::uint8_t value) {
    checksum.add(value);
    out.append(charset[value]);
  };
  std::uint32_t bits = 0, held = 0;
  for (const std::byte b : data) {
    held = held << 8 | std::to_integer<std::uint32_t>(b);
    for (bits += 8; bits >= 5; bits -= 5) put(static_cast<std::uint8_t>(held >> (bits - 5) & 31));
    held &= (1U << bits) - 1;
  }
  if (bits > 0) put(static_cast<std::uint8_t>(held << (5 - bits) & 31));
  Checksum end = checksum;
  for (std::size_t i = 0; i < checksum_size; ++i) end.add(0);
  const std::uint32_t sum = end.state() ^ 1;
  for (std::size_t i = 0; i < checksum_size; ++i)
    out.append(charset[sum >> (5 * (checksum_size - 1 - i)) & 31]);
  return out.take();
}

std::optional<Bech32> bech32_decode(std::string_view text) {
  const std::size_t one = text.rfind('1');
  if (one == std::string_view::npos || one == 0 || text.size() - one - 1 < checksum_size) return std::nullopt;
  const bool upper = std::any_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  const bool small = std::any_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  if (upper && small) return std::nullopt;
  const std::string_view hrp = text.substr(0, one);
  if (std::any_of(hrp.begin(), hrp.end(), [](char c) { return c < 33 || c > 126; })) return std::nullopt;
  Checksum checksum;
  checksum.add_prefix(hrp);
  SecretBytes data((text.size() - one) * 5 / 8 + 1);
  std::size_t size = 0;
  std::uint32_t bits = 0, held = 0;
  for (std::size_t i = one + 1; i < text.size(); ++i) {
    const std::size_t value = charset.find(lower(text[i]));
    if (value == std::string_view::npos) return std::nullopt;
    checksum.add(static_cast<std::uint8_t>(value));
    if (i >= text.size() - checksum_size) continue;
    held = (held << 5 | static_cast<std::uint32_t>(value)) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    data.writable()[size++] = static_cast<std::byte>(held >> bits & 0xff);
  }
  if (checksum.state() != 1 || bits >= 5 || (held & ((1U << bits) - 1)) != 0) return std::nullopt;
  data.shrink(size);
  return Bech32{std::string(hrp), std::move(data)};
}

}  // namespace lab::crypto::age
