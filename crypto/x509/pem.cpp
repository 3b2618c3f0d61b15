#include "crypto/x509/pem.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>

namespace lab::crypto::x509 {

namespace {

constexpr std::size_t line_bytes = 48;  // 64 columns
constexpr int variant = sodium_base64_VARIANT_ORIGINAL;

struct Block {
  std::string_view label;
  std::string_view body;  // base64 with line ends
};

/// The first block whose label is `wanted`, or any when that is empty.
std::optional<Block> find_block(std::string_view pem, std::string_view wanted) {
  constexpr std::string_view begin = "-----BEGIN ";
  constexpr std::string_view dashes = "-----";
  while (true) {
    const std::size_t start = pem.find(begin);
    if (start == std::string_view::npos) return std::nullopt;
    pem.remove_prefix(start + begin.size());
    const std::size_t label_end = pem.find(dashes);
    if (label_end == std::string_view::npos) return std::nullopt;
    const std::string_view label = pem.substr(0, label_end);
    pem.remove_prefix(label_end + dashes.size());
    if (!wanted.empty() && label != wanted) continue;
    const std::string end = std::string("-----END ").append(label).append(dashes);
    const std::size_t body_end = pem.find(end);
    if (body_end == std::string_view::npos) return std::nullopt;
    return Block{label, pem.substr(0, body_end)};
  }
}

/// Decodes into `out`, which has room for `body.size()` bytes; the number of bytes, or nothing.
std::optional<std::size_t> decode(std::string_view body, unsigned char* out) {
  std::size_t size = 0;
  const char* end = nullptr;
  if (sodium_base642bin(out, body.size(), body.data(), body.size(), " \t\r\n", &size, &end, variant) != 0 ||
      end != body.data() + body.size() || size == 0) {
    return std::nullopt;
  }
  return size;
}

std::size_t armored_size(std::string_view label, std::size_t bytes) {
  const std::size_t lines = (bytes + line_bytes - 1) / line_bytes;
  return std::string_view("-----BEGIN -----\n-----END -----\n").size() + 2 * label.size() +
         (bytes + 2) / 3 * 4 + lines;
}

/// Writes exactly `armored_size` characters.
void armor(std::string_view label, std::span<const std::byte> der, char* out) {
  const auto put = [&out](std::string_view text) { out = std::copy(text.begin(), text.end(), out); };
  put("-----BEGIN ");
  put(label);
  put("-----\n");
  for (; !der.empty(); der = der.subspan(std::min(line_bytes, der.size()))) {
    const std::size_t count = std::min(line_bytes, der.size());
    char line[sodium_base64_ENCODED_LEN(line_bytes, variant)];
    sodium_bin2base64(line, sizeof line, reinterpret_cast<const unsigned char*>(der.data()), count, variant);
    put(std::string_view(line));
    put("\n");
    sodium_memzero(line, sizeof line);
  }
  put("-----END ");
  put(label);
  put("-----\n");
}

}  // namespace

std::optional<std::string> read_public_pem(std::string_view pem, std::string_view label) {
  const auto block = find_block(pem, label);
  if (!block) return std::nullopt;
  std::string out(block->body.size(), '\0');
  const auto size = decode(block->body, reinterpret_cast<unsigned char*>(out.data()));
  if (!size) return std::nullopt;
  out.resize(*size);
  return out;
}

std::string write_public_pem(std::string_view label, std::string_view der) {
  std::string out(armored_size(label, der.size()), '\0');
  armor(label, std::as_bytes(std::span(der)), out.data());
  return out;
}

std::optional<SecretBlock> read_secret_pem(const SecretBytes& pem) {
  const auto block = find_block(pem.expose_text(), {});
  if (!block) return std::nullopt;
  SecretBytes der(block->body.size());
  const auto size = decode(block->body, reinterpret_cast<unsigned char*>(der.writable().data()));
  if (!size) return std::nullopt;
  der.shrink(*size);
  return SecretBlock{std::string(block->label), std::move(der)};
}

SecretBytes write_secret_pem(std::string_view label, std::span<const std::byte> der) {
  SecretBytes out(armored_size(label, der.size()));
  armor(label, der, reinterpret_cast<char*>(out.writable().data()));
  return out;
}

}  // namespace lab::crypto::x509
