// Calls of Talos' API: gRPC over HTTP/2 to port 50000 (siderolabs/talos docs "Talos API"; grpc/grpc
// doc/PROTOCOL-HTTP2.md), with an administrator's certificate or, in maintenance mode, without one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/drivers/common/driver.h"
#include "runtime/drivers/talos/messages.h"

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
Outcome<Credentials> credentials(Context& context, const nlohmann::json& reference);

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

Task<Outcome<Answer>> ask(Context& context, Peer peer, std::string_view path, std::string request);
/// As `ask`, with a request that holds secrets.
Task<Outcome<Answer>> ask_secretly(Context& context, Peer peer, std::string_view path, engine::Secret framed);

/// As `ask`; any status but ok becomes a Failure by the table in common/failures.h.
Task<Outcome<Answer>> demand(Context& context, Peer peer, std::string_view path, std::string request);

/// Failures that say that a node is not there, or not as far, to be asked: time may heal them. A certificate
/// that is not the cluster's is one, for a node that has no configuration yet.
bool not_yet(const Failure& failure);

inline constexpr Milliseconds between_looks{3000};

/// The status of the machine, by COSI.
Task<Outcome<MachineStatus>> machine_state(Context& context, Peer peer);

/// "192.0.2.1" and "2001:db8::1" as they stand in a URL.
std::string in_url(const std::string& address);

}  // namespace lab::drivers::talos
