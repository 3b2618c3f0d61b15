// Where the secrets bundle of a Talos cluster stands in the vault.
#pragma once
#include <string>
#include <string_view>

#include "compiler/model/lab.h"

namespace lab::lower {

/// `talos/home`; with a place in the bundle (`certs/os/crt`) that of one value.
[[nodiscard]] inline std::string talos_bundle(const model::Cluster& cluster, std::string_view place = {}) {
  std::string handle = "talos/";
  handle += cluster.name;
  if (!place.empty()) handle.append(1, '/').append(place);
  return handle;
}

}  // namespace lab::lower
