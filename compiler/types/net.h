// Addresses, prefixes, address ranges, host parts, MACs and ports as plain values.
#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "compiler/types/result.h"

namespace lab::types {

enum class Family : std::uint8_t { v4, v6 };

/// An IPv4 or IPv6 address as a number; ordered by family, then numerically.
struct Ip {
  Family family = Family::v4;
  std::uint64_t high = 0;  // of an IPv6 address; 0 for IPv4
  std::uint64_t low = 0;   // an IPv4 address in its last 32 bits
  auto operator<=>(const Ip&) const = default;

  /// Dotted decimal without leading zeros (RFC 6943 §3.1.1), or any form of RFC 4291 §2.2; no zone.
  static Result<Ip> parse(std::string_view text);
  static Ip from_v4(std::uint32_t number) { return {Family::v4, 0, number}; }
  /// The canonical form of RFC 5952, also for IPv4-mapped addresses (`::ffff:192.0.2.1`).
  [[nodiscard]] std::string format() const;
  /// Width of the family in bits: 32 or 128.
  [[nodiscard]] unsigned bits() const { return family == Family::v4 ? 32 : 128; }
};

/// `ip` moved by `offset` addresses; a problem where the family's numbers end.
Result<Ip> plus(Ip ip, std::int64_t offset);
/// `to - from` in addresses; nothing when the families differ or it does not fit.
[[nodiscard]] std::optional<std::int64_t> distance(Ip from, Ip to);

struct IpRange;

/// A prefix, or an address in one: the host bits are kept as written.
struct Cidr {
  Ip address;
  std::uint8_t length = 0;  // 0..address.bits()
  auto operator<=>(const Cidr&) const = default;

  static Result<Cidr> parse(std::string_view text);
  [[nodiscard]] std::string format() const;
  /// Whether all host bits are zero.
  [[nodiscard]] bool is_canonical() const { return address == network(); }
  [[nodiscard]] Cidr canonical() const { return {network(), length}; }
  /// The first address: all host bits zero.
  [[nodiscard]] Ip network() const;
  /// The last address: all host bits one. IPv6 has no broadcast, the address is still the last.
  [[nodiscard]] Ip broadcast() const;
  /// Addresses a machine may have: without network and broadcast address in IPv4 but in /31 (RFC 3021)
  /// and /32, without the subnet-router anycast address (RFC 4291 §2.6.1) in IPv6 but in /127 (RFC 6164)
  /// and /128.
  [[nodiscard]] Ip first_usable() const;
  [[nodiscard]] Ip last_usable() const;
  [[nodiscard]] bool usable(Ip ip) const { return ip >= first_usable() && ip <= last_usable(); }
  [[nodiscard]] bool contains(Ip ip) const;
  [[nodiscard]] bool contains(const Cidr& other) const;
  [[nodiscard]] bool contains(const IpRange& range) const;
  [[nodiscard]] bool overlaps(const Cidr& other) const {
    return contains(other.network()) || other.contains(network());
  }
  /// All addresses as a range, network and broadcast address included.
  [[nodiscard]] IpRange range() const;
  /// Number of addresses; 2^64-1 stands for everything above it.
  [[nodiscard]] std::uint64_t size() const;
  /// The network's address plus `n`; a problem outside of the prefix.
  [[nodiscard]] Result<Ip> host(std::int64_t n) const;
  /// How many prefixes of `new_length` it holds, saturating; 0 when `new_length` is shorter or too long.
  [[nodiscard]] std::uint64_t subnet_count(std::int64_t new_length) const;
  /// Its `n`th prefix of `new_length`, from 0.
  [[nodiscard]] Result<Cidr> subnet(std::int64_t new_length, std::int64_t n) const;
};

/// Addresses from `first` to `last`, both included; same family, `first <= last`.
struct IpRange {
  Ip first;
  Ip last;
  auto operator<=>(const IpRange&) const = default;

  /// `192.168.40.60-192.168.40.80`.
  static Result<IpRange> parse(std::string_view text);
  static Result<IpRange> from(Ip first, Ip last);
  [[nodiscard]] std::string format() const;
  [[nodiscard]] bool contains(Ip ip) const { return ip >= first && ip <= last; }
  [[nodiscard]] bool contains(const IpRange& other) const {
    return contains(other.first) && contains(other.last);
  }
  [[nodiscard]] bool overlaps(const IpRange& other) const {
    return first <= other.last && other.first <= last;
  }
  [[nodiscard]] bool overlaps(const Cidr& prefix) const { return overlaps(prefix.range()); }
  /// Number of addresses; 2^64-1 stands for everything above it.
  [[nodiscard]] std::uint64_t size() const;
  /// The `n`th address from 0; a problem outside.
  [[nodiscard]] Result<Ip> host(std::int64_t n) const;
};

/// `.51` or `.1.51` (256·1 + 51): an offset from the address of a network said elsewhere.
struct HostPart {
  std::uint16_t offset = 0;
  auto operator<=>(const HostPart&) const = default;

  static Result<HostPart> parse(std::string_view text);
  [[nodiscard]] std::string format() const;
  /// The address in `network`; a problem when it lies outside.
  [[nodiscard]] Result<Ip> resolve(const Cidr& network) const;
};
/// A problem outside of 0..65535.
Result<HostPart> plus(HostPart part, std::int64_t offset);

/// `.60-.80`, `first <= last`.
struct HostRange {
  HostPart first;
  HostPart last;
  auto operator<=>(const HostRange&) const = default;

  static Result<HostRange> parse(std::string_view text);
  static Result<HostRange> from(HostPart first, HostPart last);
  [[nodiscard]] std::string format() const;
  [[nodiscard]] Result<IpRange> resolve(const Cidr& network) const;
};

/// A 48-bit hardware address.
struct Mac {
  std::array<std::uint8_t, 6> bytes{};
  auto operator<=>(const Mac&) const = default;

  /// Six pairs of hexadecimal digits with colons, either case.
  static Result<Mac> parse(std::string_view text);
  /// Lower case with colons.
  [[nodiscard]] std::string format() const;
  [[nodiscard]] bool is_multicast() const { return (bytes[0] & 1) != 0; }
  [[nodiscard]] bool is_locally_administered() const { return (bytes[0] & 2) != 0; }
};

/// The MAC of the network card of VM `vmid` in VLAN `vlan` (0: untagged), the same for ever:
/// `bc:24:11` (the prefix registered for Proxmox, its own default), then the 24-bit number
/// `(vmid mod 4096)·4096 + (vlan mod 4096)`, exclusive-or `0x9e3779 · (vmid div 4096)` modulo 2^24.
/// Two cards whose VM ids lie in one block of 4096 (so all below 4096) never share one.
[[nodiscard]] Mac derived_mac(std::uint32_t vmid, std::uint32_t vlan);

enum class Protocol : std::uint8_t { tcp = 1, udp = 2, sctp = 4, icmp = 8 };

/// `tcp/443`, `tcp+udp/53`, `tcp/8000-8100`; `icmp/8` is a message type, `icmp` alone every type.
struct PortSpec {
  std::uint8_t protocols = 0;  // a set of `Protocol`; icmp stands alone
  std::uint16_t first = 0;     // ports 1..65535, message types 0..255
  std::uint16_t last = 0;
  auto operator<=>(const PortSpec&) const = default;

  static Result<PortSpec> parse(std::string_view text);
  /// Protocols in the order tcp, udp, sctp.
  [[nodiscard]] std::string format() const;
  /// `443` or `8000-8100`.
  [[nodiscard]] std::string format_numbers() const;
  [[nodiscard]] bool has(Protocol p) const { return (protocols & static_cast<std::uint8_t>(p)) != 0; }
  [[nodiscard]] bool is_single() const { return first == last; }
  [[nodiscard]] bool contains(const PortSpec& other) const {
    return (other.protocols & ~protocols) == 0 && first <= other.first && other.last <= last;
  }
  [[nodiscard]] bool overlaps(const PortSpec& other) const {
    return (protocols & other.protocols) != 0 && first <= other.last && other.first <= last;
  }
};
/// `tcp`, `udp`, `sctp`, `icmp`.
[[nodiscard]] std::string_view name_of(Protocol protocol);

}  // namespace lab::types
