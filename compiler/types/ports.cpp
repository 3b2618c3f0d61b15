// Host parts, MACs and ports.
#include <fmt/format.h>

#include <string>

#include "compiler/types/digits.h"
#include "compiler/types/net.h"

namespace lab::types {
namespace {

constexpr std::array<std::pair<std::string_view, Protocol>, 4> protocols_by_name{
    {{"tcp", Protocol::tcp}, {"udp", Protocol::udp}, {"sctp", Protocol::sctp}, {"icmp", Protocol::icmp}}};

constexpr std::string_view port_forms = "write `tcp/443`, `tcp+udp/53` or `tcp/8000-8100`";

std::uint8_t protocol_of(std::string_view name) {
  for (const auto& [known, protocol] : protocols_by_name)
    if (name == known) return static_cast<std::uint8_t>(protocol);
  return 0;
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower(c);
  return out;
}

/// The set of `tcp+udp`; 0 and a reason in `why` when it is none.
std::uint8_t parse_protocols(std::string_view text, std::string& why) {
  std::uint8_t set = 0;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('+', at), text.size());
    const std::string_view name = text.substr(at, end - at);
    const std::uint8_t protocol = protocol_of(name);
    if (protocol == 0) why = fmt::format("`{}` is not a protocol: tcp, udp, sctp or icmp", name);
    if ((set & protocol) != 0) why = fmt::format("`{}` is named twice", name);
    if (!why.empty()) return 0;
    set = static_cast<std::uint8_t>(set | protocol);
    at = end + 1;
  }
  const auto icmp = static_cast<std::uint8_t>(Protocol::icmp);
  if ((set & icmp) != 0 && set != icmp) why = "icmp has message types instead of ports and stands alone";
  return why.empty() ? set : std::uint8_t{0};
}

/// What a person may have meant by a port that does not parse: `443`, `443/tcp`, `TCP/443`, `tcp:443`.
std::string guess_port(std::string_view text) {
  std::string guess = lower_case(text);
  if (is_digit(guess.empty() ? 'x' : guess[0])) {
    const std::size_t slash = guess.find('/');
    guess =
        slash == std::string::npos ? "tcp/" + guess : guess.substr(slash + 1) + "/" + guess.substr(0, slash);
  } else if (const std::size_t colon = guess.find(':'); colon != std::string::npos) {
    guess[colon] = '/';
  }
  return guess;
}

Result<PortSpec> parse_port(std::string_view text) {
  const std::size_t slash = text.find('/');
  std::string why;
  const std::uint8_t set = parse_protocols(text.substr(0, slash), why);
  if (set == 0) return Problem{fmt::format("`{}` is not a port: {}", text, why), {}};
  const bool icmp = set == static_cast<std::uint8_t>(Protocol::icmp);
  if (slash == std::string_view::npos) {
    if (icmp) return PortSpec{set, 0, 255};
    return Problem{fmt::format("`{}` has no port number: {}", text, port_forms), {}};
  }
  const std::string_view numbers = text.substr(slash + 1);
  const std::size_t dash = numbers.find('-');
  const auto first = decimal(numbers.substr(0, dash), 999999999);
  const auto last = dash == std::string_view::npos ? first : decimal(numbers.substr(dash + 1), 999999999);
  if (!first || !last) return Problem{fmt::format("`{}` has no port number: {}", text, port_forms), {}};
  const std::uint64_t least = icmp ? 0 : 1, most = icmp ? 255 : 65535;
  for (const std::uint64_t number : {*first, *last}) {
    if (number < least || number > most)
      return Problem{fmt::format("`{}`: {} is not {} {} {}..{}", text, number, icmp ? "an" : "a",
                                 icmp ? "ICMP type" : "port", least, most),
                     {}};
  }
  PortSpec spec{set, static_cast<std::uint16_t>(*first), static_cast<std::uint16_t>(*last)};
  if (spec.first > spec.last) {
    std::swap(spec.first, spec.last);
    return Problem{fmt::format("`{}` starts after its end", text), spec.format()};
  }
  return spec;
}

}  // namespace

Result<HostPart> HostPart::parse(std::string_view text) {
  std::uint32_t offset = 0;
  int parts = 0;
  for (std::size_t at = 0; at < text.size(); ++parts) {
    const std::size_t end = std::min(text.find('.', at + 1), text.size());
    const auto part = text[at] == '.' ? decimal(text.substr(at + 1, end - at - 1), 999999) : std::nullopt;
    if (!part || parts == 2) {
      parts = 0;
      break;
    }
    if (*part > 255) {
      // What is meant may be a lower number as well: said, and not offered.
      const bool splits = parts == 0 && end == text.size() && *part <= 65535;
      const std::string sum =
          splits ? fmt::format(": 256·{} + {} is `.{}.{}`", *part >> 8, *part & 255, *part >> 8, *part & 255)
                 : std::string();
      return Problem{fmt::format("`{}` has a number above 255{}", text, sum), {}};
    }
    offset = offset << 8 | static_cast<std::uint32_t>(*part);
    at = end;
  }
  if (parts == 0)
    return Problem{fmt::format("`{}` is not a host part: `.51`, or `.1.51` for 256·1 + 51", text), {}};
  return HostPart{static_cast<std::uint16_t>(offset)};
}

std::string HostPart::format() const {
  return offset > 255 ? fmt::format(".{}.{}", offset >> 8, offset & 255) : fmt::format(".{}", offset);
}

Result<Ip> HostPart::resolve(const Cidr& network) const {
  if (offset >= network.size())
    return Problem{fmt::format("`{}` lies outside {}, which ends at {}", format(),
                               network.canonical().format(), network.broadcast().format()),
                   {}};
  return network.host(offset);
}

Result<HostPart> plus(HostPart part, std::int64_t offset) {
  const std::int64_t room = std::int64_t{65535} - part.offset;
  if (offset > room || offset < -std::int64_t{part.offset})
    return Problem{fmt::format("`{}` + {} is not between .0 and .255.255", part.format(), offset), {}};
  return HostPart{static_cast<std::uint16_t>(part.offset + offset)};
}

Result<HostRange> HostRange::parse(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos)
    return Problem{fmt::format("`{}` is not a range of host parts: `.60-.80`", text), {}};
  const auto first = HostPart::parse(text.substr(0, dash));
  if (!first) return Problem{first.problem().reason, {}};
  const std::string_view tail = text.substr(dash + 1);
  const auto last = HostPart::parse(tail);
  if (last) return from(*first, *last);
  const auto bare = decimal(tail, 255);
  return Problem{last.problem().reason, bare ? fmt::format("{}-.{}", first->format(), *bare) : std::string()};
}

Result<HostRange> HostRange::from(HostPart first, HostPart last) {
  if (last < first)
    return Problem{fmt::format("the range starts at `{}`, after its end `{}`", first.format(), last.format()),
                   fmt::format("{}-{}", last.format(), first.format())};
  return HostRange{first, last};
}

std::string HostRange::format() const {
  return fmt::format("{}-{}", first.format(), last.format());
}

Result<IpRange> HostRange::resolve(const Cidr& network) const {
  const auto low = first.resolve(network);
  if (!low) return low.problem();
  const auto high = last.resolve(network);
  if (!high) return high.problem();
  return IpRange{*low, *high};
}

Result<Mac> Mac::parse(std::string_view text) {
  Mac mac;
  std::size_t digits = 0;
  bool colons = text.size() == 17, marks = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i % 3 == 2 && text[i] != ':') colons = false;
    const int digit = hex_digit(text[i]);
    if (digit < 0) {
      marks = marks && (text[i] == ':' || text[i] == '-' || text[i] == '.');
      continue;
    }
    if (digits < 12) mac.bytes[digits / 2] = static_cast<std::uint8_t>(mac.bytes[digits / 2] << 4 | digit);
    ++digits;
  }
  if (digits != 12 || !marks)
    return Problem{fmt::format("`{}` is not a MAC: six pairs of hexadecimal digits with colons", text), {}};
  if (!colons)
    return Problem{fmt::format("`{}` is not written with colons between pairs", text), mac.format()};
  return mac;
}

std::string Mac::format() const {
  return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", bytes[0], bytes[1], bytes[2], bytes[3],
                     bytes[4], bytes[5]);
}

Mac derived_mac(std::uint32_t vmid, std::uint32_t vlan) {
  const std::uint32_t n = ((vmid % 4096) << 12 | vlan % 4096) ^ (0x9e3779u * (vmid / 4096) & 0xffffff);
  return {{0xbc, 0x24, 0x11, static_cast<std::uint8_t>(n >> 16), static_cast<std::uint8_t>(n >> 8),
           static_cast<std::uint8_t>(n)}};
}

Result<PortSpec> PortSpec::parse(std::string_view text) {
  auto spec = parse_port(text);
  if (spec || !spec.problem().suggestion.empty()) return spec;
  const std::string guess = guess_port(text);
  return Problem{spec.problem().reason, guess != text && parse_port(guess) ? guess : std::string()};
}

std::string PortSpec::format() const {
  std::string out;
  for (const auto& [name, protocol] : protocols_by_name) {
    if (!has(protocol)) continue;
    if (!out.empty()) out += '+';
    out += name;
  }
  if (has(Protocol::icmp) && first == 0 && last == 255) return out;
  return out + '/' + format_numbers();
}

std::string PortSpec::format_numbers() const {
  return is_single() ? fmt::format("{}", first) : fmt::format("{}-{}", first, last);
}

std::string_view name_of(Protocol protocol) {
  for (const auto& [name, known] : protocols_by_name)
    if (known == protocol) return name;
  return {};
}

}  // namespace lab::types
