// Forms of strings: each check returns nothing when the text is right, else why not.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "compiler/types/result.h"

namespace lab::types {

using Check = std::optional<Problem>;

// Names (names.cpp). Kubernetes' rules are those of k8s.io/apimachinery pkg/util/validation and
// pkg/api/validate/content.

/// A host name of RFC 1123 §2.1 in lower case: labels of at most 63, 253 in all, the last of several not a
/// number (that would be an address). With `wildcard`, `*` may stand for the first label.
[[nodiscard]] Check check_hostname(std::string_view text, bool wildcard = false);
/// Lower-case letters, digits and `-`, at most 63 characters: names of namespaces, and the like.
[[nodiscard]] Check check_dns_label(std::string_view text);
/// Labels with dots between them, at most 253 characters: names of most objects.
[[nodiscard]] Check check_dns_subdomain(std::string_view text);
/// `app`, `app.kubernetes.io/name`: keys of labels, annotations, taints.
[[nodiscard]] Check check_label_key(std::string_view text);
/// At most 63 characters, may be empty.
[[nodiscard]] Check check_label_value(std::string_view text);
/// The name of a container's port: at most 15 of lower-case letters, digits and `-`, one letter at least.
[[nodiscard]] Check check_port_name(std::string_view text);
/// The name of an environment variable as every supported Kubernetes takes it.
[[nodiscard]] Check check_env_name(std::string_view text);

// Places (places.cpp).

/// A known scheme, `://`, a host or address, with port, user, path, query and fragment of RFC 3986.
[[nodiscard]] Check check_url(std::string_view text);
/// A file path, absolute or not, without empty, `.` (but alone) or `..` parts and without a `/` at its end.
[[nodiscard]] Check check_path(std::string_view text);
[[nodiscard]] Check check_absolute_path(std::string_view text);
/// `name@host.domain`: a dot-atom of RFC 5322 §3.4.1 and a host name of two labels at least.
[[nodiscard]] Check check_email(std::string_view text);
/// `0000:09:00.0` (domain:bus:device.function); without its function it names all of them.
[[nodiscard]] Check check_pci_address(std::string_view text);

// Small notations (notations.cpp).

/// `0644`: four octal digits. Yields the number.
[[nodiscard]] Result<std::uint16_t> parse_mode(std::string_view text);
/// `HH:MM`, 00:00 to 23:59. Yields minutes since midnight.
[[nodiscard]] Result<std::uint16_t> parse_time(std::string_view text);
/// A regular expression in the syntax of RE2 (no look-around, no back-references, repetition up to 1000), as
/// far as its form goes: groups, classes, escapes, repetition.
[[nodiscard]] Check check_regex(std::string_view text);

/// An image reference of the OCI distribution (github.com/distribution/reference), split; the parts are views
/// into the text it was read from.
struct Image {
  std::string_view registry;    // `ghcr.io`, `registry.lan:5000`; empty when not said (docker.io)
  std::string_view repository;  // `home-operations/sonarr`
  std::string_view tag;         // `4.0.16`, or empty
  std::string_view digest;      // `sha256:…`, or empty

  static Result<Image> parse(std::string_view text);
  [[nodiscard]] bool has_digest() const { return !digest.empty(); }
};

/// A five-field cron schedule as the sets of what it allows; bit n stands for the number n.
/// As in crontab(5), a day matches when either of its two fields does and neither starts with `*`, else when
/// both do.
struct Cron {
  std::uint64_t minutes = 0;  // 0..59
  std::uint32_t hours = 0;    // 0..23
  std::uint32_t days = 0;     // of the month, 1..31
  std::uint16_t months = 0;   // 1..12
  std::uint8_t weekdays = 0;  // 0 (Sunday)..6
  bool any_day = false;       // the field of days starts with `*`
  bool any_weekday = false;

  /// Numbers, names (JAN, SUN, either case), `a-b`, `*`, steps after those two, lists. What only some crons
  /// know (7 for Sunday, `5/10`, `@daily`, seconds) is refused with the portable spelling. The problem names
  /// the field. A schedule whose day never comes (`31 2`) is refused.
  static Result<Cron> parse(std::string_view text);
};

}  // namespace lab::types
