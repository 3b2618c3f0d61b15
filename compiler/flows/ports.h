// Sets of ports: what a rule, or all rules of a pair together, let pass.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "compiler/types/net.h"

namespace lab::flows {

/// Ports of TCP, UDP and SCTP; ICMP is no port and is not held.
class PortSet {
 public:
  static PortSet all();
  /// The ports of a specification; nothing for `icmp`.
  static PortSet of(const types::PortSpec& spec);
  /// The ports of all of them; `all()` for an empty list, as rules mean it.
  static PortSet of(const std::vector<types::PortSpec>& specs);

  void add(const PortSet& other);
  void remove(const PortSet& other);
  void keep(const PortSet& other);
  [[nodiscard]] bool contains(types::Protocol protocol, std::uint16_t port) const;
  [[nodiscard]] bool empty() const;
  [[nodiscard]] bool overlaps(const PortSet& other) const;
  [[nodiscard]] bool contains(const PortSet& other) const;
  /// `all`, or `tcp/80`, `udp/1000-2000`, … by protocol and number.
  [[nodiscard]] std::vector<std::string> format() const;
  bool operator==(const PortSet&) const = default;

 private:
  struct Interval {
    std::uint32_t first, last;
    bool operator==(const Interval&) const = default;
  };
  using Intervals = std::vector<Interval>;  // sorted, apart, not touching
  static constexpr std::size_t protocols = 3;
  std::array<Intervals, protocols> of_;  // tcp, udp, sctp
};

}  // namespace lab::flows
