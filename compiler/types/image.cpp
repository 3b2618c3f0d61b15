// Image references: the grammar at the head of github.com/distribution/reference/reference.go, split into
// registry and path as its normalize.go does, but for one rule: a first part that merely has capitals is no
// registry here.
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "compiler/types/digits.h"
#include "compiler/types/net.h"
#include "compiler/types/text.h"

namespace lab::types {
namespace {

/// [a-z0-9]+ with `.`, `_`, `__` or any number of `-` between.
bool is_path_component(std::string_view text) {
  std::size_t marks = 0;
  bool letter = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_lower(c) || is_digit(c)) {
      letter = true;
      marks = 0;
      continue;
    }
    ++marks;
    const bool again = marks > 1;
    const bool right = c == '-'   ? !again || text[i - 1] == '-'
                       : c == '_' ? !again || (marks == 2 && text[i - 1] == '_')
                                  : c == '.' && !again;
    if (!letter || !right) return false;
  }
  return letter && marks == 0;
}

bool is_tag(std::string_view text) {
  const auto allowed = [](char c) { return is_alnum(c) || c == '_' || c == '.' || c == '-'; };
  return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), allowed) &&
         text[0] != '.' && text[0] != '-';
}

bool is_digest(std::string_view text) {
  const auto hex = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); };
  const std::size_t length = text.starts_with("sha256:") ? 64 : text.starts_with("sha512:") ? 128 : 0;
  return length != 0 && text.size() == 7 + length && std::all_of(text.begin() + 7, text.end(), hex);
}

bool is_registry(std::string_view text) {
  const std::size_t bracket = text.find(']');
  const std::size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos && !decimal(text.substr(colon + 1), 65535)) return false;
  const std::string_view host = text.substr(0, colon);
  if (host.starts_with('['))
    return host.ends_with(']') && host.find(':') != std::string_view::npos &&
           Ip::parse(host.substr(1, host.size() - 2));
  if (!host.empty() && is_digit(host.back()) && Ip::parse(host)) return true;
  std::string small(host);
  std::transform(small.begin(), small.end(), small.begin(), lower);
  return !check_hostname(small);
}

Problem bad(std::string_view text, std::string_view why, std::string guess = {}) {
  if (!guess.empty() && !Image::parse(guess)) guess.clear();
  return {fmt::format("`{}` is not an image reference: {}", text, why), std::move(guess)};
}

}  // namespace

Result<Image> Image::parse(std::string_view text) {
  if (const std::size_t scheme = text.find("://"); scheme != std::string_view::npos)
    return bad(text, "it has no scheme", std::string(text.substr(scheme + 3)));
  Image image;
  std::string_view name = text;
  if (const std::size_t at = name.find('@'); at != std::string_view::npos) {
    image.digest = name.substr(at + 1);
    if (!is_digest(image.digest)) return bad(text, "behind `@` stands `sha256:` and 64 digits 0..9 a..f");
    name = name.substr(0, at);
  }
  const std::size_t colon = name.rfind(':'), last_slash = name.rfind('/');
  if (colon != std::string_view::npos && (last_slash == std::string_view::npos || colon > last_slash)) {
    image.tag = name.substr(colon + 1);
    if (!is_tag(image.tag)) return bad(text, "a tag is up to 128 letters, digits, `_`, `.` and `-`");
    name = name.substr(0, colon);
  }
  image.repository = name;
  const std::size_t slash = name.find('/');
  const std::string_view head = name.substr(0, slash);
  if (slash != std::string_view::npos &&
      (head.find_first_of(".:[") != std::string_view::npos || head == "localhost")) {
    image.registry = head;
    image.repository = name.substr(slash + 1);
    if (!is_registry(head)) return bad(text, fmt::format("`{}` is not a registry", head));
  }
  if (name.size() > 255) return bad(text, "its name is longer than 255 characters");
  for (std::size_t at = 0; at <= image.repository.size();) {
    const std::size_t end = std::min(image.repository.find('/', at), image.repository.size());
    if (!is_path_component(image.repository.substr(at, end - at))) {
      std::string guess(text);
      const auto begin = static_cast<std::size_t>(image.repository.data() - text.data());
      for (std::size_t i = begin; i < begin + image.repository.size(); ++i) guess[i] = lower(guess[i]);
      return bad(text, "a repository has lower-case letters and digits, with `.`, `_`, `__` or `-` between",
                 guess == text ? std::string() : guess);
    }
    at = end + 1;
  }
  return image;
}

}  // namespace lab::types
