// The kinds that a simulated API server serves.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/simulator/world.h"

namespace lab::simulator::kubernetes {

struct ServedKind {
  std::string kind, plural;
  bool namespaced = true;
};

/// The kinds of an API version: built-in ones, those of CustomResourceDefinitions that are established, and
/// those that installed charts bring. Empty when the server does not know the version.
std::vector<ServedKind> served(const Json& cluster, const std::string& api_version);

/// What a chart is for, as far as the world changes by it; by the last part of its name.
enum class Role { other, network, gitops };
Role role_of_chart(const std::string& chart);

}  // namespace lab::simulator::kubernetes
