// Writing DER (ITU-T X.690): what certificates need. Each function gives one whole encoding.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace lab::crypto::x509::der {

/// Tags that certificates use.
enum class Tag : std::uint8_t {
  boolean = 0x01,
  integer = 0x02,
  bit_string = 0x03,
  octet_string = 0x04,
  object_id = 0x06,
  utf8_string = 0x0c,
  printable_string = 0x13,
  utc_time = 0x17,
  generalized_time = 0x18,
  sequence = 0x30,
  set = 0x31,
};

[[nodiscard]] std::string wrap(std::uint8_t tag, std::string_view content);
[[nodiscard]] inline std::string wrap(Tag tag, std::string_view content) {
  return wrap(static_cast<std::uint8_t>(tag), content);
}
[[nodiscard]] std::string sequence(std::initializer_list<std::string_view> parts);
/// A number that is not negative, from its big-endian bytes.
[[nodiscard]] std::string unsigned_integer(std::string_view big_endian);
/// `unused`: how many of the last byte's low bits do not count.
[[nodiscard]] std::string bit_string(std::string_view bytes, unsigned unused = 0);
/// A PrintableString where the text is one, else a UTF8String (as Go's encoding/asn1 chooses).
[[nodiscard]] std::string text(std::string_view value);
/// UTCTime up to 2049, GeneralizedTime after it (RFC 5280, 4.1.2.5); seconds since 1970, UTC.
[[nodiscard]] std::string time(std::int64_t seconds);

}  // namespace lab::crypto::x509::der
