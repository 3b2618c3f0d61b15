// A model of the Talos image factory: schematics by the hash of their canonical form
// (siderolabs/image-factory pkg/schematic/schematic.go, internal/frontend/http/schematic.go).
#pragma once

#include "runtime/simulator/http.h"
#include "runtime/simulator/world.h"

namespace lab::simulator::edge {

class Factory {
 public:
  explicit Factory(World& world) : world_(world) {}
  HttpReply handle(const HttpRequest& request);

 private:
  World& world_;
};

}  // namespace lab::simulator::edge
