// URLs, paths, e-mail and PCI addresses.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "compiler/diagnostics/nearest.h"
#include "compiler/types/digits.h"
#include "compiler/types/net.h"
#include "compiler/types/text.h"

namespace lab::types {
namespace {

constexpr std::array<std::string_view, 37> schemes{
    "http",  "https",   "ssh",     "git",   "git+https", "git+http", "git+ssh",  "oci",
    "s3",    "b2",      "azblob",  "gs",    "ws",        "wss",      "ftp",      "ftps",
    "sftp",  "tcp",     "udp",     "tls",   "dns",       "quic",     "grpc",     "grpcs",
    "ldap",  "ldaps",   "smtp",    "smtps", "redis",     "rediss",   "postgres", "postgresql",
    "mysql", "mariadb", "mongodb", "amqp",  "nfs"};

/// Characters of a URL behind its host: unreserved, reserved and `%` of RFC 3986 §2.
constexpr std::array<bool, 256> url_char = [] {
  std::array<bool, 256> table{};
  for (unsigned c = 0; c < 128; ++c) table[c] = is_alnum(static_cast<char>(c));
  for (const char c : std::string_view("-._~:/?#[]@!$&'()*+,;=%")) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

/// Whether each `%` is followed by two hexadecimal digits.
bool percents_right(std::string_view text) {
  for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1))
    if (at + 2 >= text.size() || hex_digit(text[at + 1]) < 0 || hex_digit(text[at + 2]) < 0) return false;
  return true;
}

Check bad_url(std::string_view text, std::string_view why, std::string suggestion = {}) {
  return Problem{fmt::format("`{}` is not a URL: {}", text, why), std::move(suggestion)};
}

/// Why `host` is neither a host name nor an address, and the spelling that would be one.
Check host_fault(std::string_view host) {
  if (host.starts_with('[')) {
    const auto ip = host.ends_with(']') ? Ip::parse(host.substr(1, host.size() - 2)) : Ip::parse("");
    if (ip && ip->family == Family::v6) return std::nullopt;
    return Problem{"its host is not an IPv6 address in brackets", {}};
  }
  if (host.empty()) return Problem{"it has no host", {}};
  if (is_digit(host.back()) && host.find(':') == std::string_view::npos && Ip::parse(host)) return std::nullopt;
  auto fault = check_hostname(host);
  if (fault) fault->reason = fmt::format("its host {}", fault->reason);
  return fault;
}

/// `git@host:path`, the short form of ssh.
std::string from_scp(std::string_view text) {
  const std::size_t at = text.find('@'), colon = text.find(':');
  if (at == std::string_view::npos || colon == std::string_view::npos || colon < at || at == 0) return {};
  std::string guess = fmt::format("ssh://{}/{}", text.substr(0, colon), text.substr(colon + 1));
  return check_url(guess) ? std::string() : guess;
}

Check unknown_scheme(std::string_view text, std::string_view scheme, std::string_view rest) {
  const auto close = diagnostics::nearest(scheme, schemes);
  return bad_url(text, fmt::format("its scheme `{}` is not known", scheme),
                 close ? fmt::format("{}://{}", *close, rest) : std::string());
}

Check no_scheme(std::string_view text) {
  std::string guess = from_scp(text);
  if (guess.empty()) {
    const std::size_t colon = text.find(':');  // `https:/host` lost a slash
    const bool slipped = colon != std::string_view::npos &&
                         std::find(schemes.begin(), schemes.end(), text.substr(0, colon)) != schemes.end();
    std::string_view rest = slipped ? text.substr(colon + 1) : text;
    rest.remove_prefix(std::min(rest.find_first_not_of('/'), rest.size()));
    guess = fmt::format("{}://{}", slipped ? text.substr(0, colon) : "https", rest);
    if (rest.empty() || check_url(guess)) guess.clear();
  }
  return bad_url(text, "it has no scheme such as `https://`", std::move(guess));
}

Problem bad_path(std::string_view text, std::string_view why, std::string suggestion) {
  return {fmt::format("`{}` is not a path: {}", text, why), std::move(suggestion)};
}

/// `path` without empty and `.` parts and without `/` at its end.
std::string cleaned(std::string_view path) {
  std::string out = path.starts_with('/') ? "/" : "";
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view part = path.substr(at, end - at);
    at = end + 1;
    if (part.empty() || part == ".") continue;
    if (!out.empty() && out.back() != '/') out += '/';
    out += part;
  }
  return out.empty() ? "." : out;
}

bool has_part(std::string_view path, std::string_view wanted) {
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    if (path.substr(at, end - at) == wanted) return true;
    at = end + 1;
  }
  return false;
}

/// Whether `text` has the shape of `pattern`, where `h` is a hexadecimal digit.
bool like_pattern(std::string_view text, std::string_view pattern) {
  return std::equal(text.begin(), text.end(), pattern.begin(), pattern.end(),
                    [](char c, char p) { return p == 'h' ? hex_digit(c) >= 0 : c == p; });
}

}  // namespace

Check check_url(std::string_view text) {
  const std::size_t mark = text.find("://");
  if (mark == std::string_view::npos) return no_scheme(text);
  const std::string_view scheme = text.substr(0, mark), rest = text.substr(mark + 3);
  if (std::find(schemes.begin(), schemes.end(), scheme) == schemes.end())
    return unknown_scheme(text, scheme, rest);
  if (!std::all_of(rest.begin(), rest.end(), [](char c) { return url_char[static_cast<unsigned char>(c)]; }))
    return bad_url(text, "it has a character that is written with `%`");
  if (!percents_right(rest)) return bad_url(text, "a `%` is followed by two hexadecimal digits");
  const std::size_t authority_end = std::min(rest.find_first_of("/?#"), rest.size());
  std::string_view host = rest.substr(0, authority_end);
  const std::size_t user = host.rfind('@');
  if (user != std::string_view::npos) host.remove_prefix(user + 1);
  const std::size_t bracket = host.find(']');
  const std::size_t colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos) {
    const auto port = decimal(host.substr(colon + 1), 65535);
    if (!port || *port == 0) return bad_url(text, "its port is not a number 1..65535");
    host = host.substr(0, colon);
  }
  const auto fault = host_fault(host);
  if (!fault) return std::nullopt;
  const auto begin = static_cast<std::size_t>(host.data() - text.data());
  std::string guess;
  if (!fault->suggestion.empty())
    guess = fmt::format("{}{}{}", text.substr(0, begin), fault->suggestion, text.substr(begin + host.size()));
  return bad_url(text, fault->reason, std::move(guess));
}

Check check_path(std::string_view text) {
  if (text.empty()) return bad_path(text, "it is empty", {});
  if (std::any_of(text.begin(), text.end(),
                  [](char c) { return static_cast<unsigned char>(c) < 32 || c == 127; }))
    return bad_path(text, "it has a control character", {});
  if (text.starts_with('~')) return bad_path(text, "`~` is a shell's; write the folder", {});
  if (has_part(text, "..")) return bad_path(text, "it has a `..`", {});
  std::string clean = cleaned(text);
  if (clean != text) return bad_path(text, "it has a part that says nothing", std::move(clean));
  return std::nullopt;
}

Check check_absolute_path(std::string_view text) {
  if (text.empty() || text.starts_with('/') || text.starts_with('~')) return check_path(text);
  std::string guess = "/" + cleaned(text);
  if (text == "." || check_path(guess)) guess.clear();
  return bad_path(text, "it does not begin with `/`", std::move(guess));
}

Check check_email(std::string_view text) {
  const auto bad = [text](std::string_view why) {
    return Problem{fmt::format("`{}` is not an e-mail address: {}", text, why), {}};
  };
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos) return bad("it has no `@`");
  const std::string_view local = text.substr(0, at), host = text.substr(at + 1);
  if (local.empty() || local.size() > 64) return bad("in front of `@` stand 1 to 64 characters");
  const auto atom = [](char c) {
    return is_alnum(c) || std::string_view(".!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
  };
  if (!std::all_of(local.begin(), local.end(), atom))
    return bad("it has a character that is not allowed in front of `@`");
  if (local.front() == '.' || local.back() == '.' || local.find("..") != std::string_view::npos)
    return bad("a dot stands between characters");
  std::string small(host);
  std::transform(small.begin(), small.end(), small.begin(), lower);
  if (check_hostname(small) || small.find('.') == std::string::npos) return bad("behind `@` stands a domain");
  return std::nullopt;
}

Check check_pci_address(std::string_view text) {
  std::string small(text);
  std::transform(small.begin(), small.end(), small.begin(), lower);
  const bool function = like_pattern(text, "hhhh:hh:hh.h");
  if (function || like_pattern(text, "hhhh:hh:hh")) {
    const int device = hex_digit(text[8]) * 16 + hex_digit(text[9]);
    const bool exists = device <= 31 && (!function || hex_digit(text[11]) <= 7);
    if (exists && small == text) return std::nullopt;
    if (exists) return Problem{fmt::format("`{}` has capitals", text), std::move(small)};
    return Problem{fmt::format("`{}` is not a PCI address: a device is 00..1f, a function 0..7", text), {}};
  }
  std::string guess;
  if (like_pattern(text, "hh:hh.h") || like_pattern(text, "hh:hh")) guess = fmt::format("0000:{}", small);
  if (!guess.empty() && check_pci_address(guess)) guess.clear();
  return Problem{fmt::format("`{}` is not a PCI address such as `0000:09:00.0`", text), std::move(guess)};
}

}  // namespace lab::types
