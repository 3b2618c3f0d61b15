// Armor: strict PEM (RFC 7468 as age narrows it, filippo.io/age/armor).
#include <algorithm>

#include "crypto/age/age.h"
#include "crypto/encoding.h"

namespace lab::crypto::age {

namespace {

constexpr std::string_view head = "-----BEGIN AGE ENCRYPTED FILE-----";
constexpr std::string_view foot = "-----END AGE ENCRYPTED FILE-----";
constexpr std::size_t columns = 64, line_bytes = 48;
constexpr std::size_t most_space = 1024;

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
bool blank(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_space);
}

/// Takes a line off the front; without its LF and one CR before it.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

bool is_armored(std::string_view text) {
  const auto first = std::find_if_not(text.begin(), text.end(), is_space);
  return text.substr(static_cast<std::size_t>(first - text.begin())).starts_with("-----BEGIN");
}

std::string armor(std::string_view binary) {
  std::string out(head);
  out += '\n';
  for (; !binary.empty(); binary.remove_prefix(std::min(line_bytes, binary.size()))) {
    out += to_base64(bytes_of(binary.substr(0, line_bytes)));
    out += '\n';
  }
  out += foot;
  out += '\n';
  return out;
}

std::optional<std::string> unarmor(std::string_view text) {
  const std::size_t whole = text.size();
  std::string_view line = take_line(text);
  while (blank(line) && !text.empty()) line = take_line(text);
  if (line != head || whole - text.size() > most_space + head.size() + 2) return std::nullopt;
  std::string out;
  bool last = false;
  while (true) {
    if (text.empty()) return std::nullopt;
    line = take_line(text);
    if (line == foot) break;
    if (last || line.empty() || line.size() > columns) return std::nullopt;
    const auto bytes = from_base64(line);
    if (!bytes) return std::nullopt;
    out += bytes->expose_text();
    last = bytes->size() < line_bytes;
  }
  if (text.size() > most_space || !blank(text)) return std::nullopt;
  return out;
}

}  // namespace lab::crypto::age
