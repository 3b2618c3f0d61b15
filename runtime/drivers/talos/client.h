// Calls of Talos' API: gRPC over HTTP/2 to port 50000 (siderolabs/talos docs "Talos API"; grpc/grpc
// doc/PROTOCOL-HTTP2.md), with an administrator's certificate or, in maintenance mode, without one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/drivers/talos/messages.h"
#include "runtime/engine/driver.h"

namespace lab::drivers::talos {

inline constexpr std::uint16_t api_port = 50000;

/// What a talosconfig says of its current context.
struct Credentials {
  std::string ca_pem, certificate_pem;
  engine::Secret key;  // PEM that OpenSSL reads
};

/// Reads a talosconfig (YAML: context, contexts.NAME.{ca,crt,key} in base64). Nothing when something is
/// missing.
std::optional<Credentials> read_talosconfig(std::string_view text);

/// The credentials that `reference` of a plan leads to.
engine::Outcome<Credentials> credentials(engine::Context& context, const nlohmann::json& reference);

/// Where a call goes and as whom.
struct Peer {
  std::string address;
  engine::Tls tls;
};
Peer administrator(std::string address, const Credentials& credentials);
/// Whoever answers: in maintenance mode a node has a certificate that nothing vouches for.
Peer stranger(std::string address);

/// What came back: a gRPC status and, with `ok`, the messages. A Failure instead means that no gRPC answer
/// came.
struct Answer {
  int status = 0;
  std::string message;
  std::vector<std::string> bodies;
  std::string body() const { return bodies.empty() ? std::string() : bodies.front(); }
};

engine::Task<engine::Outcome<Answer>> ask(engine::Context& context, Peer peer, std::string_view path,
                                          std::string request);
/// As `ask`, with a request that holds secrets.
engine::Task<engine::Outcome<Answer>> ask_secretly(engine::Context& context, Peer peer, std::string_view path,
                                                   engine::Secret framed);

/// As `ask`; any status but ok becomes a Failure by the table in common/failures.h.
engine::Task<engine::Outcome<Answer>> demand(engine::Context& context, Peer peer, std::string_view path,
                                             std::string request);

/// The status of the machine, by COSI.
engine::Task<engine::Outcome<MachineStatus>> machine_state(engine::Context& context, Peer peer);

/// "192.0.2.1" and "2001:db8::1" as they stand in a URL.
std::string in_url(const std::string& address);

}  // namespace lab::drivers::talos
