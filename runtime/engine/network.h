// Where hosts of the plan are reached when the world outside is not the real one.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "runtime/engine/http.h"
#include "runtime/engine/outcome.h"

namespace lab::engine {

struct Route {
  std::uint16_t port = 0;  // on 127.0.0.1
  std::string
      ca_pem;  // authorities in place of the machine's own, for Tls::Verify::system; and beside Tls::ca_pem
};

// The simulated world, as the transport sees it. With one, nothing leaves this machine: a host without a
// route is a failure of class not_sent, and no program is started.
class Network {
 public:
  virtual ~Network() = default;
  virtual Outcome<Route> route(std::string_view host, std::uint16_t port) = 0;
  virtual Outcome<Exited> run(const Program& program) = 0;
  // The whole state, from which a later process makes the same world again: simulated servers outlive a
  // labrun that is killed. Called between two callbacks of the loop; connections are no part of it, tasks
  // under way are.
  virtual nlohmann::json save() const = 0;
};

}  // namespace lab::engine
