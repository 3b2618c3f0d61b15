// Addresses, prefixes and ranges; host parts, MACs and ports are in ports.cpp.
#include "compiler/types/net.h"

#include <fmt/format.h>

#include <limits>

#include "compiler/types/digits.h"

namespace lab::types {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::uint64_t saturated = std::numeric_limits<std::uint64_t>::max();

Wide number(const Ip& ip) {
  return (static_cast<Wide>(ip.high) << 64) | ip.low;
}
Ip address(Family family, Wide n) {
  return {family, static_cast<std::uint64_t>(n >> 64), static_cast<std::uint64_t>(n)};
}
Wide ones(unsigned bits) {
  return bits >= 128 ? ~Wide{0} : (Wide{1} << bits) - 1;
}
std::uint64_t saturate(Wide n) {
  return n > saturated ? saturated : static_cast<std::uint64_t>(n);
}

std::string dotted(std::uint64_t n) {
  return fmt::format("{}.{}.{}.{}", (n >> 24) & 255, (n >> 16) & 255, (n >> 8) & 255, n & 255);
}

Result<Ip> parse_v4(std::string_view text) {
  std::uint64_t all = 0;
  bool zeros = false;
  std::string_view rest = text;
  for (int i = 0; i < 4; ++i) {
    const std::size_t end = i == 3 ? rest.size() : rest.find('.');
    const auto part = end == std::string_view::npos ? std::nullopt : decimal(rest.substr(0, end), 999);
    if (!part)
      return Problem{fmt::format("`{}` is not an address: four numbers with dots, or IPv6 with colons", text),
                     {}};
    if (*part > 255) return Problem{fmt::format("`{}` is not an address: {} is above 255", text, *part), {}};
    zeros = zeros || (end > 1 && rest[0] == '0');
    all = all << 8 | *part;
    rest.remove_prefix(i == 3 ? end : end + 1);
  }
  if (zeros)
    return Problem{
        fmt::format("`{}` has a number with a leading zero, which some programs read as octal", text),
        dotted(all)};
  return Ip::from_v4(static_cast<std::uint32_t>(all));
}

/// The eight groups of an IPv6 address as one number; nothing when `text` is none.
std::optional<Wide> parse_v6(std::string_view text) {
  std::array<std::uint32_t, 8> groups{};
  std::size_t count = 0, at = 0;
  std::optional<std::size_t> gap;
  if (text.starts_with("::")) {
    gap = 0;
    at = 2;
  }
  while (at < text.size()) {
    const std::size_t start = at;
    std::uint32_t value = 0;
    for (; at < text.size() && at - start < 5 && hex_digit(text[at]) >= 0; ++at)
      value = value << 4 | static_cast<std::uint32_t>(hex_digit(text[at]));
    if (at < text.size() && text[at] == '.') {
      const auto tail = parse_v4(text.substr(start));
      if (!tail || count > 6) return std::nullopt;
      groups[count++] = static_cast<std::uint32_t>(tail->low >> 16);
      groups[count++] = static_cast<std::uint32_t>(tail->low & 0xffff);
      break;
    }
    if (at == start || at - start > 4 || count == 8) return std::nullopt;
    groups[count++] = value;
    if (at == text.size()) break;
    if (text[at++] != ':' || at == text.size()) return std::nullopt;
    if (text[at] == ':') {
      if (gap) return std::nullopt;
      gap = count;
      ++at;
    }
  }
  if (gap ? count == 8 : count != 8) return std::nullopt;
  Wide n = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (gap && *gap == i) n <<= 16 * (8 - count);
    n = n << 16 | groups[i];
  }
  if (gap && *gap == count && count > 0) n <<= 16 * (8 - count);
  return n;
}

std::string format_v6(const Ip& ip) {
  if (ip.high == 0 && ip.low >> 32 == 0xffff) return "::ffff:" + dotted(ip.low & 0xffffffff);
  const Wide n = number(ip);
  const auto group = [n](std::size_t i) { return static_cast<std::uint32_t>(n >> (112 - 16 * i) & 0xffff); };
  std::size_t best = 8, length = 1;  // the first longest run of at least two zero groups
  for (std::size_t i = 0; i < 8;) {
    std::size_t end = i;
    while (end < 8 && group(end) == 0) ++end;
    if (end - i > length) {
      best = i;
      length = end - i;
    }
    i = end + 1;
  }
  std::string out;
  for (std::size_t i = 0; i < 8;) {
    if (i == best) {
      out += "::";
      i += length;
      continue;
    }
    if (!out.empty() && out.back() != ':') out += ':';
    fmt::format_to(std::back_inserter(out), "{:x}", group(i++));
  }
  return out;
}

/// `255.255.255.0` is 24; nothing when the ones are not in front.
std::optional<unsigned> length_of_mask(std::string_view text) {
  const auto mask = Ip::parse(text);
  if (!mask || mask->family != Family::v4) return std::nullopt;
  for (unsigned length = 0; length <= 32; ++length)
    if (mask->low == (ones(32) ^ ones(32 - length))) return length;
  return std::nullopt;
}

Wide host_mask(const Cidr& c) {
  return ones(c.address.bits() - c.length);
}

}  // namespace

Result<Ip> Ip::parse(std::string_view text) {
  if (text.find(':') == std::string_view::npos) return parse_v4(text);
  if (const auto n = parse_v6(text)) return address(Family::v6, *n);
  return Problem{
      fmt::format(
          "`{}` is not an IPv6 address: eight groups of up to four hexadecimal digits, one `::` at most",
          text),
      {}};
}

std::string Ip::format() const {
  return family == Family::v4 ? dotted(low) : format_v6(*this);
}

Result<Ip> plus(Ip ip, std::int64_t offset) {
  const Wide n = number(ip);
  const bool back = offset < 0;
  const std::uint64_t step =
      back ? ~static_cast<std::uint64_t>(offset) + 1 : static_cast<std::uint64_t>(offset);
  if (step > (back ? n : ones(ip.bits()) - n))
    return Problem{fmt::format("there is no address {} {} {}", ip.format(), back ? '-' : '+', step), {}};
  return address(ip.family, back ? n - step : n + step);
}

std::optional<std::int64_t> distance(Ip from, Ip to) {
  if (from.family != to.family) return std::nullopt;
  const bool back = to < from;
  const Wide n = back ? number(from) - number(to) : number(to) - number(from);
  if (n > static_cast<Wide>(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
  return back ? -static_cast<std::int64_t>(n) : static_cast<std::int64_t>(n);
}

Result<Cidr> Cidr::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto ip = Ip::parse(text.substr(0, slash));
  if (!ip) return Problem{ip.problem().reason, {}};
  const std::string address = ip->format();
  if (slash == std::string_view::npos) {
    return Problem{fmt::format("`{}` is an address: a prefix says its length", text),
                   address + (ip->family == Family::v4 ? "/24" : "/64")};
  }
  const std::string_view tail = text.substr(slash + 1);
  if (const auto length = decimal(tail, 999)) {
    if (*length > ip->bits())
      return Problem{fmt::format("`{}` has a prefix longer than {} bits", text, ip->bits()), {}};
    if (tail.size() > 1 && tail[0] == '0')
      return Problem{fmt::format("`{}` has a length with a leading zero", text),
                     fmt::format("{}/{}", address, *length)};
    return Cidr{*ip, static_cast<std::uint8_t>(*length)};
  }
  if (const auto length = length_of_mask(tail); length && ip->family == Family::v4)
    return Problem{fmt::format("`{}` has a mask where a length is expected", text),
                   fmt::format("{}/{}", address, *length)};
  return Problem{fmt::format("`{}` has no length after its `/`", text), {}};
}

std::string Cidr::format() const {
  return fmt::format("{}/{}", address.format(), length);
}

Ip Cidr::network() const {
  return types::address(address.family, number(address) & ~host_mask(*this));
}

Ip Cidr::broadcast() const {
  return types::address(address.family, number(address) | host_mask(*this));
}

Ip Cidr::first_usable() const {
  const Ip first = network();
  return length + 1u >= address.bits() ? first : types::address(first.family, number(first) + 1);
}

Ip Cidr::last_usable() const {
  const Ip last = broadcast();
  return length + 1u >= address.bits() || last.family == Family::v6
             ? last
             : types::address(last.family, number(last) - 1);
}

bool Cidr::contains(Ip ip) const {
  return ip.family == address.family && ((number(ip) ^ number(address)) & ~host_mask(*this)) == 0;
}

bool Cidr::contains(const Cidr& other) const {
  return length <= other.length && contains(other.address);
}

bool Cidr::contains(const IpRange& other) const {
  return contains(other.first) && contains(other.last);
}

IpRange Cidr::range() const {
  return {network(), broadcast()};
}

std::uint64_t Cidr::size() const {
  const unsigned bits = address.bits() - length;
  return bits >= 64 ? saturated : std::uint64_t{1} << bits;
}

Result<Ip> Cidr::host(std::int64_t n) const {
  if (n < 0 || static_cast<std::uint64_t>(n) >= size())
    return Problem{fmt::format("{} has no address number {}: it ends at {}", canonical().format(), n,
                               broadcast().format()),
                   {}};
  return plus(network(), n);
}

std::uint64_t Cidr::subnet_count(std::int64_t new_length) const {
  if (new_length < length || new_length > address.bits()) return 0;
  const auto bits = static_cast<unsigned>(new_length) - length;
  return bits >= 64 ? saturated : std::uint64_t{1} << bits;
}

Result<Cidr> Cidr::subnet(std::int64_t new_length, std::int64_t n) const {
  const std::uint64_t count = subnet_count(new_length);
  if (count == 0)
    return Problem{fmt::format("{} has no prefixes of length {}", canonical().format(), new_length), {}};
  if (n < 0 || static_cast<std::uint64_t>(n) >= count)
    return Problem{fmt::format("{} has {} prefixes of length {}, none of number {}", canonical().format(),
                               count, new_length, n),
                   {}};
  const unsigned host_bits = address.bits() - static_cast<unsigned>(new_length);
  const Wide step = host_bits >= 128 ? 0 : static_cast<Wide>(n) << host_bits;
  return Cidr{types::address(address.family, number(network()) + step),
              static_cast<std::uint8_t>(new_length)};
}

Result<IpRange> IpRange::parse(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos)
    return Problem{fmt::format("`{}` is not a range: two addresses with `-` between them", text), {}};
  const auto first = Ip::parse(text.substr(0, dash));
  if (!first) return first.problem();
  const std::string_view tail = text.substr(dash + 1);
  if (const auto number = decimal(tail, 255); number && first->family == Family::v4) {
    const Ip last = Ip::from_v4(static_cast<std::uint32_t>((first->low & ~std::uint64_t{255}) | *number));
    return Problem{fmt::format("`{}` is not a range: both ends are whole addresses", text),
                   fmt::format("{}-{}", first->format(), last.format())};
  }
  const auto last = Ip::parse(tail);
  if (!last) return Problem{last.problem().reason, {}};
  return from(*first, *last);
}

Result<IpRange> IpRange::from(Ip first, Ip last) {
  if (first.family != last.family)
    return Problem{fmt::format("{} and {} are of different families", first.format(), last.format()), {}};
  if (last < first)
    return Problem{fmt::format("the range starts at {}, after its end {}", first.format(), last.format()),
                   fmt::format("{}-{}", last.format(), first.format())};
  return IpRange{first, last};
}

std::string IpRange::format() const {
  return fmt::format("{}-{}", first.format(), last.format());
}

std::uint64_t IpRange::size() const {
  const Wide span = number(last) - number(first);
  return span == ~Wide{0} ? saturated : saturate(span + 1);
}

Result<Ip> IpRange::host(std::int64_t n) const {
  if (n < 0 || static_cast<std::uint64_t>(n) >= size())
    return Problem{fmt::format("{} has no address number {}: it has {}", format(), n, size()), {}};
  return plus(first, n);
}

}  // namespace lab::types
