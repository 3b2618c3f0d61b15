// Every prefix of a lab, with whose it is.
#pragma once
#include <string>
#include <vector>

#include "compiler/model/lab.h"

namespace lab::checks {

struct Prefix {
  enum class Use : std::uint8_t { network, pods, services, vpn, route };
  model::Cidr cidr;
  model::Origin at = 0;
  Use use{};
  model::Text name;         // of the network, cluster, VPN or route
  std::uint32_t index = 0;  // of the owner in its store
  model::Origin owner = 0;  // header of the owner
  /// "network `k8s`", "the pods of cluster `home`".
  [[nodiscard]] std::string words() const;
};

/// In the order of declaration within each use. Values that the evaluator refused are left out.
[[nodiscard]] std::vector<Prefix> prefixes_of(const model::Lab& lab);

}  // namespace lab::checks
