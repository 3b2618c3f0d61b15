// A model of Pi-hole 6 as far as records are kept in it (pi-hole/FTL src/api: auth, config).
#pragma once

#include <string>

#include "runtime/simulator/http.h"
#include "runtime/simulator/world.h"

namespace lab::simulator::edge {

class Pihole {
 public:
  explicit Pihole(World& world) : world_(world) {}
  HttpReply handle(const std::string& host, const HttpRequest& request);

 private:
  World& world_;
};

}  // namespace lab::simulator::edge
