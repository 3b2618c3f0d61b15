#include "crypto/talos/client.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>

#include "crypto/encoding.h"
#include "crypto/talos/read_key.h"
#include "crypto/x509/certificate.h"

namespace lab::crypto::talos {

namespace {

constexpr std::int64_t one_year = 8760LL * 3600;

struct Profile {
  std::string_view purpose;  // keeps the keys of different clients apart
  x509::Subject subject;
  x509::Usage usage;
  std::int64_t before;  // seconds before `issued` from which it is valid
};

Profile profile_of(Api api) {
  if (api == Api::talos) return {"talos admin", {{"os:admin"}, ""}, x509::Usage::digital_signature, 0};
  return {"kubernetes admin",
          {{"system:masters"}, "admin"},
          x509::Usage::digital_signature_and_key_encipherment,
          10};
}

/// Exactly `digits.size()` digits.
std::optional<unsigned> digits(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<Client> make_admin(Api api, const SecretBytes& authority_crt, const SecretBytes& authority_key,
                                 std::string_view issued) {
  const auto pem = from_base64(authority_crt.expose_text());
  const auto signer = read_key(authority_key);
  const auto from = parse_time(issued);
  const auto authority = pem ? x509::read_certificate(pem->expose_text()) : std::nullopt;
  if (!authority || !signer || !from || signer->kind() == x509::KeyKind::rsa) return std::nullopt;
  const Profile profile = profile_of(api);
  const std::string info = fmt::format("{} {}", profile.purpose, *from);
  const x509::Key key = signer->derive(info);
  const x509::Validity validity = {*from - profile.before,
                                   std::min(*from + one_year, authority->validity.not_after)};
  auto crt = x509::make_client(key, profile.subject, validity, signer->derive_bytes(info, 16), profile.usage,
                               pem->expose_text(), *signer);
  if (!crt) return std::nullopt;
  return Client{std::move(*crt), key.pem()};
}

std::optional<std::int64_t> parse_time(std::string_view text) {
  if (text.size() != 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' ||
      text[16] != ':' || text[19] != 'Z') {
    return std::nullopt;
  }
  const auto year = digits(text.substr(0, 4)), month = digits(text.substr(5, 2)),
             day = digits(text.substr(8, 2));
  const auto hour = digits(text.substr(11, 2)), minute = digits(text.substr(14, 2)),
             second = digits(text.substr(17, 2));
  if (!year || !month || !day || !hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 59) {
    return std::nullopt;
  }
  using namespace std::chrono;
  const year_month_day date{std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                            std::chrono::day(*day)};
  if (!date.ok()) return std::nullopt;
  return sys_days(date).time_since_epoch() / seconds(1) + *hour * 3600LL + *minute * 60LL + *second;
}

std::string format_time(std::int64_t seconds) {
  using namespace std::chrono;
  const sys_seconds at{std::chrono::seconds(seconds)};
  const auto day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss clock{at - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     unsigned{date.month()}, unsigned{date.day()}, clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
}

}  // namespace lab::crypto::talos
