// HTTP/1.1 and HTTP/2 over TLS, by libcurl's multi interface in the engine's loop.
#pragma once

#include "runtime/engine/loop.h"
#include "runtime/engine/network.h"

namespace lab::engine {

class Transport {
 public:
  // `network` is the simulated world, or null. At most `per_host` connections to one host at a time. All must
  // outlive the requests.
  Transport(Loop& loop, Network* network, unsigned per_host = 6);

  // One exchange; never a second try, except that libcurl repeats what a server provably did not begin.
  // Redirects are not followed. The failure says how far the request came:
  //   not_sent  no connection, or it broke before a byte of the request was written
  //   sent      it broke afterwards        timeout  no whole reply within request.timeout
  //   tls       the peer's certificate is not what request.tls demands
  //   auth      the peer does not take our certificate, or misses one
  //   permanent the URL, the protocol or the size of the reply is wrong
  Task<Outcome<Reply>> send(Request request);

  // Requests under way now.
  unsigned in_flight() const { return in_flight_; }

 private:
  class Exchange;
  Loop& loop_;
  Network* network_;
  unsigned in_flight_ = 0;
};

}  // namespace lab::engine
