// Base64 and hexadecimal, in constant time (libsodium), reading only what one writer would have written.
#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "crypto/secret_bytes.h"

namespace lab::crypto {

enum class Base64 : std::uint8_t { padded, unpadded, url_unpadded };  // RFC 4648 §4, §3.2, §5

[[nodiscard]] std::string to_base64(std::span<const std::byte> bytes, Base64 form = Base64::padded);
[[nodiscard]] SecretBytes to_base64_secret(std::span<const std::byte> bytes, Base64 form = Base64::padded);
/// Lower case.
[[nodiscard]] SecretBytes to_hex_secret(std::span<const std::byte> bytes);

/// Nothing for text that is not canonical: other characters, white space, wrong padding, unused bits set.
[[nodiscard]] std::optional<SecretBytes> from_base64(std::string_view text, Base64 form = Base64::padded);

[[nodiscard]] inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}
[[nodiscard]] inline const unsigned char* raw(std::span<const std::byte> bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
[[nodiscard]] inline unsigned char* raw(std::span<std::byte> bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

}  // namespace lab::crypto
