// The objects of one simulated cluster, with server-side apply at the depth that its client can see: fields
// with owners, conflicts, dry runs, resource versions. Lists are owned as a whole.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/simulator/world.h"

namespace lab::simulator::kubernetes {

struct Id {
  std::string api_version, kind, space, name;
  std::string key() const { return api_version + "|" + kind + "|" + space + "|" + name; }
};
Id id_of(const Json& object);

/// What an apply came to.
struct Applied {
  Json object;  ///< as it is, or would be
  bool created = false, changed = false;
  std::vector<std::pair<std::string, std::string>> conflicts;  ///< manager, field
};

class Store {
 public:
  /// `state` is the cluster's part of the world.
  Store(World& world, Json& state) : world_(world), state_(state) {}

  Json* find(const Id& id);
  Json& objects() { return state_["objects"]; }
  Applied apply(const Id& id, const Json& wanted, const std::string& manager, bool force, bool dry);
  void remove(const Id& id);
  /// A controller's change of an object's status. True when it is one.
  bool set_status(Json& object, const Json& status);

 private:
  std::string next_version();
  World& world_;
  Json& state_;
};

}  // namespace lab::simulator::kubernetes
