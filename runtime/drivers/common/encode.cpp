#include "runtime/drivers/common/encode.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <charconv>

namespace lab::drivers {

std::string percent_encode(std::string_view text) {
  constexpr std::string_view unreserved =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
  std::string out;
  for (const char c : text) {
    if (unreserved.find(c) != std::string_view::npos)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

std::string scalar_text(const nlohmann::json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "1" : "0";
  return value.dump();
}

std::string form_encode(const nlohmann::json& parameters) {
  std::string out;
  for (const auto& [name, value] : parameters.items()) {
    if (!out.empty()) out += '&';
    out += percent_encode(name) + '=' + percent_encode(scalar_text(value));
  }
  return out;
}

std::string base64_decode(std::string_view text) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    if (c == '=' || c == '\n' || c == '\r' || c == ' ') continue;
    const auto value = alphabet.find(c);
    if (value == std::string_view::npos) return {};
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    held += 6;
    if (held >= 8) {
      held -= 8;
      out += static_cast<char>(bits >> held & 0xff);
    }
  }
  return out;
}

std::string gunzip(std::string_view bytes) {
  z_stream stream{};
  constexpr int gzip_window = 16 + MAX_WBITS;
  if (inflateInit2(&stream, gzip_window) != Z_OK) return {};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // zlib does not write there
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  int result = Z_OK;
  while (result == Z_OK) {
    char part[16384];
    stream.next_out = reinterpret_cast<Bytef*>(part);
    stream.avail_out = sizeof part;
    result = inflate(&stream, Z_NO_FLUSH);
    out.append(part, sizeof part - stream.avail_out);
  }
  inflateEnd(&stream);
  return result == Z_STREAM_END ? out : std::string();
}

std::string untar(std::string_view archive, std::string_view name) {
  constexpr std::size_t block = 512, size_at = 124, size_width = 12, name_width = 100;
  while (archive.size() >= block && archive[0] != '\0') {
    const std::string_view entry = archive.substr(0, std::min(archive.find('\0'), name_width));
    std::size_t size = 0;
    std::string_view digits = archive.substr(size_at, size_width);
    while (!digits.empty() && digits.front() == ' ') digits.remove_prefix(1);
    std::from_chars(digits.data(), digits.data() + digits.size(), size, 8);
    archive.remove_prefix(block);
    if (size > archive.size()) return {};
    if (entry == name) return std::string(archive.substr(0, size));
    archive.remove_prefix(std::min(archive.size(), (size + block - 1) / block * block));
  }
  return {};
}

bool parse_json(std::string_view text, nlohmann::json& value) {
  value = nlohmann::json::parse(text, nullptr, false);
  if (!value.is_discarded()) return true;
  value = nullptr;
  return false;
}

}  // namespace lab::drivers
