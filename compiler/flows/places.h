// Endpoints as concrete places: where a packet starts, and where it shall arrive.
#pragma once
#include <string>
#include <vector>

#include "compiler/flows/world.h"

namespace lab::flows {

struct Place {
  enum class Kind : std::uint8_t { pods, address, network, internet, overlay, gateway } kind = Kind::pods;
  std::string shown;  // `media/sonarr`, `device pihole`, `network servers`
  Identity pods;      // Kind::pods
  Ip ip;              // an address; of a network, one in it
  Text host;          // of a name in the internet
  const model::Network* network = nullptr;
  const model::Node* node = nullptr;        // the address is that of a node
  const model::Gateway* gateway = nullptr;  // Kind::gateway
  const model::Vpn* vpn = nullptr;          // Kind::overlay
  std::vector<PortSpec> ports;              // where it listens; empty: anywhere
  Origin at = 0;
};

/// The places that an endpoint means; none for what the lab knows no place of.
[[nodiscard]] std::vector<Place> places(const World& world, const model::Endpoint& endpoint);

/// Whether a rule that names the endpoint means the place, when it is asked at `ports` (empty: at any).
[[nodiscard]] bool means(const World& world, const model::Endpoint& endpoint, const Place& place,
                         const std::vector<PortSpec>& ports);

/// Whether one port is in both lists; an empty list holds every port.
[[nodiscard]] bool meet(const std::vector<PortSpec>& a, const std::vector<PortSpec>& b);

}  // namespace lab::flows
