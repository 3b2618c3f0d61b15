#include "crypto/sops/cipher.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <sodium.h>

#include <array>
#include <memory>

#include "crypto/encoding.h"

namespace lab::crypto::sops {

namespace {

constexpr std::size_t nonce_size = 32, tag_size = 16;
constexpr std::string_view head = "ENC[AES256_GCM,data:";

struct Word {
  Type type;
  std::string_view word;
};
constexpr std::array words = {Word{Type::text, "str"},   Word{Type::integer, "int"},
                              Word{Type::real, "float"}, Word{Type::boolean, "bool"},
                              Word{Type::time, "time"},  Word{Type::comment, "comment"},
                              Word{Type::text, "bytes"}};  // read alone

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

SecretBytes hmac(std::span<const std::byte> key, std::initializer_list<std::string_view> parts) {
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, raw(key), key.size());
  for (const std::string_view part : parts)
    crypto_auth_hmacsha256_update(&state, raw(bytes_of(part)), part.size());
  SecretBytes out(crypto_auth_hmacsha256_BYTES);
  crypto_auth_hmacsha256_final(&state, raw(out.writable()));
  wipe(&state, sizeof state);
  return out;
}

SecretBytes nonce_of(const SecretBytes& plaintext, std::string_view aad, const SecretBytes& data_key) {
  const SecretBytes key = hmac(data_key.expose(), {"lab/sops-siv/v1"});
  std::array<char, 8> length{};
  for (std::size_t i = 0; i < length.size(); ++i) length[i] = static_cast<char>(aad.size() >> (8 * (7 - i)));
  return hmac(key.expose(), {{length.data(), length.size()}, aad, plaintext.expose_text()});
}

struct Parts {
  std::string_view data, iv, tag, type;
};

/// Takes up to `mark` off the front.
bool take(std::string_view& text, std::string_view mark, std::string_view& into) {
  const std::size_t end = text.find(mark);
  if (end == std::string_view::npos) return false;
  into = text.substr(0, end);
  text.remove_prefix(end + mark.size());
  return true;
}

bool split(std::string_view text, Parts& parts) {
  if (!text.starts_with(head) || !text.ends_with(']')) return false;
  text.remove_prefix(head.size());
  text.remove_suffix(1);
  if (!take(text, ",iv:", parts.data) || !take(text, ",tag:", parts.iv) || !take(text, ",type:", parts.tag))
    return false;
  parts.type = text;
  return text.find_first_not_of("abcdefghijklmnopqrstuvwxyz") == std::string_view::npos;
}

}  // namespace

std::string_view word(Type type) {
  for (const Word& w : words)
    if (w.type == type) return w.word;
  return "str";
}

bool is_encrypted(std::string_view text) {
  Parts parts;
  return split(text, parts);
}

std::string encrypt_value(const SecretBytes& plaintext, Type type, std::string_view aad,
                          const SecretBytes& data_key) {
  initialise();
  const SecretBytes nonce = nonce_of(plaintext, aad, data_key);
  SecretBytes data(plaintext.size()), tag(tag_size);
  const Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int size = 0;
  unsigned char none = 0;
  // The length of the nonce must be said before the nonce itself.
  EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, nullptr, nullptr);
  EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_IVLEN, nonce_size, nullptr);
  EVP_EncryptInit_ex(context.get(), nullptr, nullptr, raw(data_key.expose()), raw(nonce.expose()));
  EVP_EncryptUpdate(context.get(), nullptr, &size, raw(bytes_of(aad)), static_cast<int>(aad.size()));
  if (!plaintext.empty())
    EVP_EncryptUpdate(context.get(), raw(data.writable()), &size, raw(plaintext.expose()),
                      static_cast<int>(plaintext.size()));
  EVP_EncryptFinal_ex(context.get(), &none, &size);
  EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, tag_size, raw(tag.writable()));
  return fmt::format("{}{},iv:{},tag:{},type:{}]", head, to_base64(data.expose()), to_base64(nonce.expose()),
                     to_base64(tag.expose()), word(type));
}

std::optional<Decrypted> decrypt_value(std::string_view text, std::string_view aad,
                                       const SecretBytes& data_key) {
  initialise();
  Parts parts;
  if (!split(text, parts)) return std::nullopt;
  const auto data = from_base64(parts.data), nonce = from_base64(parts.iv), tag = from_base64(parts.tag);
  if (!data || !nonce || !tag || nonce->empty() || tag->size() != tag_size) return std::nullopt;
  Decrypted out;
  bool known = false;
  for (const Word& w : words)
    if (w.word == parts.type) {
      out.type = w.type;
      known = true;
    }
  if (!known) return std::nullopt;
  out.value = SecretBytes(data->size());
  const Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int size = 0;
  unsigned char none = 0;
  SecretBytes expected = tag->clone();
  EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, nullptr, nullptr);
  EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_IVLEN, static_cast<int>(nonce->size()), nullptr);
  EVP_DecryptInit_ex(context.get(), nullptr, nullptr, raw(data_key.expose()), raw(nonce->expose()));
  EVP_DecryptUpdate(context.get(), nullptr, &size, raw(bytes_of(aad)), static_cast<int>(aad.size()));
  if (!data->empty())
    EVP_DecryptUpdate(context.get(), raw(out.value.writable()), &size, raw(data->expose()),
                      static_cast<int>(data->size()));
  EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, tag_size, raw(expected.writable()));
  if (EVP_DecryptFinal_ex(context.get(), &none, &size) != 1) return std::nullopt;
  return out;
}

}  // namespace lab::crypto::sops
