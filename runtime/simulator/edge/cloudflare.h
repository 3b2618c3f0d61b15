// A model of Cloudflare's API v4: zones, DNS records, tunnels (cloudflare/api-schemas openapi.json).
#pragma once

#include <string>

#include "runtime/simulator/http.h"
#include "runtime/simulator/world.h"

namespace lab::simulator::edge {

class Cloudflare {
 public:
  explicit Cloudflare(World& world) : world_(world) {}
  void add_zone(const std::string& name);
  /// A tunnel that somebody made before.
  void add_tunnel(const std::string& name);
  /// `prefix` is the path before /zones: "/client/v4".
  HttpReply handle(const std::string& prefix, const HttpRequest& request);

 private:
  HttpReply records(const HttpRequest& request, const std::string& zone, const std::string& id);
  HttpReply tunnels(const HttpRequest& request, const std::string& id, const std::string& rest);
  Json& make_tunnel(const std::string& name, const std::string& config_src);
  std::string new_id(std::size_t digits);
  Json& state() { return world_.part("cloudflare"); }

  World& world_;
};

}  // namespace lab::simulator::edge
