// A model of machines that boot Talos: maintenance mode, installation, reboot, the API behind mutual TLS,
// etcd, services, the stage of the machine. It holds what a configuration says only as far as this needs it.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "runtime/simulator/http.h"
#include "runtime/simulator/tls.h"
#include "runtime/simulator/world.h"

namespace lab::simulator::talos {

class Talos {
 public:
  /// Something about a node's sockets changed: it came up, went down or shows another certificate.
  using OnChange = std::function<void(const std::string& address)>;
  /// A node registers at the API server of its cluster: its state as in machines().
  using OnRegistered = std::function<void(const std::string& name, const Json& node)>;

  Talos(World& world, OnChange on_change, OnRegistered on_registered);

  /// A machine that boots Talos when it is powered on: its name, where it answers, and whose node it is to
  /// be.
  void add_machine(const std::string& name, const std::string& address, const std::string& cluster);

  /// The machine called `name` was powered on or off. Nothing happens for names that are not Talos machines.
  void power(const std::string& name, bool on);

  /// How the API at `address` presents itself; nothing when nothing listens there.
  std::optional<TlsSettings> listener(const std::string& address);
  HttpReply handle(const std::string& address, const HttpRequest& request);

  /// The Kubernetes API server of a node, also called `name`: its identity and the authority of its clients;
  /// nothing before it is up.
  std::optional<TlsSettings> kubernetes_listener(const std::string& address, const std::string& name);

  /// Every machine's state: {name: {address, phase, …}}.
  const Json& machines() { return nodes(); }
  /// Whether Kubernetes says that the node is ready; asked for MachineStatus.
  std::function<bool(const std::string& cluster, const std::string& name)> node_ready;

 private:
  Json& nodes() { return world_.part("talos")["nodes"]; }
  Json* by_address(const std::string& address);
  void enter(const std::string& name, const std::string& phase);
  HttpReply call(const std::string& name, Json& node, const std::string& path, std::string_view message,
                 bool administrator);
  HttpReply apply(const std::string& name, Json& node, std::string_view message);
  HttpReply bootstrap(const std::string& name, Json& node);
  HttpReply resource(const std::string& name, Json& node, std::string_view message, bool administrator);
  HttpReply kubeconfig(Json& node);
  void settle(const std::string& name, Json& node);

  World& world_;
  OnChange on_change_;
  OnRegistered on_registered_;
};

}  // namespace lab::simulator::talos
