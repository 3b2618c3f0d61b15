// `labc reach` and `labc exposed`: questions about flows, and their answers as text and JSON.
#pragma once
#include <optional>
#include <string>

#include "compiler/session/session.h"

namespace lab::session {

/// An answer to a person, and whether it was yes.
struct Told {
  bool yes = false;
  std::string text;  // ends with a line break
};

/// Whether FROM reaches TO: both expressions of the lab, as is PORT (empty: any port of TO). Nothing when one
/// of them is wrong; the sink says why. JSON has the format `lab.reach/1`.
[[nodiscard]] std::optional<Told> reach(Snapshot& snapshot, const std::string& from, const std::string& to,
                                        const std::string& port, bool json);

/// What the network policies of the cluster let pass for each ordered pair of ends that they can tell apart:
/// workloads, an unknown pod of each namespace, reserved identities, addresses, names. Pairs that nothing
/// passes are left out. JSON has the format `lab.reach-matrix/1`.
[[nodiscard]] Told reach_matrix(Snapshot& snapshot, bool json);

/// Doors that somebody in `from` (an expression; empty: the internet) comes through, with the way and who
/// signs people in. JSON has the format `lab.exposed/1`.
[[nodiscard]] std::optional<Told> exposed(Snapshot& snapshot, const std::string& from, bool json);

}  // namespace lab::session
