#include "crypto/encoding.h"

#include <sodium.h>

namespace lab::crypto {

namespace {

int variant(Base64 form) {
  switch (form) {
    case Base64::padded:
      return sodium_base64_VARIANT_ORIGINAL;
    case Base64::unpadded:
      return sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
    case Base64::url_unpadded:
      return sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  }
  return sodium_base64_VARIANT_ORIGINAL;
}

}  // namespace

SecretBytes to_base64_secret(std::span<const std::byte> bytes, Base64 form) {
  initialise();
  SecretBytes out(sodium_base64_encoded_len(bytes.size(), variant(form)));
  sodium_bin2base64(reinterpret_cast<char*>(out.writable().data()), out.size(), raw(bytes), bytes.size(),
                    variant(form));
  out.shrink(out.size() - 1);  // its NUL
  return out;
}

std::string to_base64(std::span<const std::byte> bytes, Base64 form) {
  return std::string(to_base64_secret(bytes, form).expose_text());
}

SecretBytes to_hex_secret(std::span<const std::byte> bytes) {
  initialise();
  SecretBytes out(2 * bytes.size() + 1);
  sodium_bin2hex(reinterpret_cast<char*>(out.writable().data()), out.size(), raw(bytes), bytes.size());
  out.shrink(out.size() - 1);
  return out;
}

std::optional<SecretBytes> from_base64(std::string_view text, Base64 form) {
  initialise();
  SecretBytes out(text.size() / 4 * 3 + 3);
  std::size_t size = 0;
  const char* end = nullptr;
  if (sodium_base642bin(raw(out.writable()), out.size(), text.data(), text.size(), nullptr, &size, &end,
                        variant(form)) != 0 ||
      end != text.data() + text.size())
    return std::nullopt;
  out.shrink(size);
  if (to_base64_secret(out.expose(), form).expose_text() != text) return std::nullopt;
  return out;
}

}  // namespace lab::crypto
