#include "crypto/x509/der.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace lab::crypto::x509::der {

namespace {

bool printable(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view(" '()+,-./:=?").find(c) != std::string_view::npos;
}

}  // namespace

std::string wrap(std::uint8_t tag, std::string_view content) {
  std::string out(1, static_cast<char>(tag));
  if (content.size() < 0x80) {
    out += static_cast<char>(content.size());
  } else {
    std::string length;
    for (std::size_t left = content.size(); left != 0; left >>= 8) {
      length.insert(length.begin(), static_cast<char>(left & 0xff));
    }
    out += static_cast<char>(0x80 | length.size());
    out += length;
  }
  return out.append(content);
}

std::string sequence(std::initializer_list<std::string_view> parts) {
  std::string content;
  for (const std::string_view part : parts) content += part;
  return wrap(Tag::sequence, content);
}

std::string unsigned_integer(std::string_view big_endian) {
  big_endian.remove_prefix(std::min(big_endian.find_first_not_of('\0'), big_endian.size()));
  std::string content(big_endian);
  if (content.empty() || (static_cast<unsigned char>(content.front()) & 0x80) != 0)
    content.insert(0, 1, '\0');
  return wrap(Tag::integer, content);
}

std::string bit_string(std::string_view bytes, unsigned unused) {
  return wrap(Tag::bit_string, std::string(1, static_cast<char>(unused)).append(bytes));
}

std::string text(std::string_view value) {
  return wrap(std::all_of(value.begin(), value.end(), printable) ? Tag::printable_string : Tag::utf8_string,
              value);
}

std::string time(std::int64_t seconds) {
  using namespace std::chrono;
  const sys_seconds at{std::chrono::seconds(seconds)};
  const auto day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss clock{at - day};
  const int year = static_cast<int>(date.year());
  const std::string rest =
      fmt::format("{:02}{:02}{:02}{:02}{:02}Z", unsigned{date.month()}, unsigned{date.day()},
                  clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (year < 2050) return wrap(Tag::utc_time, fmt::format("{:02}{}", year % 100, rest));
  return wrap(Tag::generalized_time, fmt::format("{:04}{}", year, rest));
}

}  // namespace lab::crypto::x509::der
