// The sockets of the simulated world: listeners on 127.0.0.1, served by the loop that runs the plan.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "runtime/engine/loop.h"
#include "runtime/simulator/http.h"
#include "runtime/simulator/tls.h"

namespace lab::simulator {

class Server {
 public:
  /// `loop` outlives the server.
  explicit Server(engine::Loop& loop);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Opens a listener and returns its port on 127.0.0.1; 0 when TLS settings do not load or no socket is to
  /// be had.
  std::uint16_t listen(const TlsSettings& tls, Handler handler);

  /// Closes a listener and every connection made through it.
  void close(std::uint16_t port);

  /// A port that refuses connections as long as this server lives.
  std::uint16_t refused();

 private:
  struct Listener;
  struct Connection;

  void accept_on(Listener& listener);
  /// Does what can be done without blocking; false when the connection is over.
  bool advance(Connection& connection);
  void serve(int socket);

  engine::Loop& loop_;
  std::map<int, std::unique_ptr<Listener>> listeners_;      ///< by socket
  std::map<int, std::unique_ptr<Connection>> connections_;  ///< by socket
  int refusing_ = -1;
  std::uint16_t refusing_port_ = 0;
};

}  // namespace lab::simulator
