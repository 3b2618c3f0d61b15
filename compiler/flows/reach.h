// Who reaches whom, over networks, routers, overlays, tunnels, gateways, Services and network policies.
//
// The world is closed: what nothing declares is not there. Packets pass between networks only through a
// router that has a leg in both, and only if a rule, derived or declared, lets them or its default does; from
// the internet they come in only through what a router forwards; from inside they get out unless a `deny`
// says otherwise. Replies pass.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "compiler/flows/world.h"

namespace lab::flows {

/// One hop of a path, or what stops one.
struct Hop {
  std::string text;
  Origin at = 0;
};

struct Answer {
  enum class Verdict : std::uint8_t { yes, no, unknown } verdict = Verdict::no;
  std::string said;       // one sentence: `internet reaches media/plex at tcp/32400`
  std::vector<Hop> hops;  // of `yes`: the path; of `no`: how far it goes and what stops it
  PortSet ports;          // of `yes` between pods: what passes
};

/// Whether something of `from` reaches something of `to`, at `port` or at any port that `to` has.
[[nodiscard]] Answer reach(const World& world, const std::vector<model::Endpoint>& from,
                           const std::vector<model::Endpoint>& to, const std::optional<PortSpec>& port);

/// A door and how somebody comes through it.
struct Passage {
  model::DoorOf door;
  bool open = false;
  std::vector<Hop> hops;
};
/// Every door of the lab, in order of declaration, and whether something of `from` comes through it.
[[nodiscard]] std::vector<Passage> passages(const World& world, const std::vector<model::Endpoint>& from);

/// The internet, as an end of flows.
[[nodiscard]] model::Endpoint the_internet();

}  // namespace lab::flows
