// A model of Proxmox VE behind its HTTP API: nodes, storages, tasks, VMs and the rules that its schema does
// not state (proxmox/qemu-server PVE/API2/Qemu.pm, pve-http-server AnyEvent.pm).
#pragma once

#include <functional>
#include <string>

#include "runtime/simulator/http.h"
#include "runtime/simulator/proxmox/schema.h"
#include "runtime/simulator/world.h"

namespace lab::simulator::proxmox {

class Proxmox {
 public:
  /// A VM that was started or stopped: its configuration and whether it runs now.
  using OnPower = std::function<void(const Json& config, bool running)>;

  /// Both outlive the model.
  Proxmox(World& world, const Schema& schema, OnPower on_power);

  /// A node with a storage, below the API of `cluster` ("192.0.2.10:8006").
  void add_node(const std::string& cluster, const std::string& node);
  void add_storage(const std::string& cluster, const std::string& node, const std::string& storage);

  HttpReply handle(const std::string& cluster, const HttpRequest& request);

 private:
  struct Call;
  HttpReply route(Call& call);
  HttpReply tasks(Call& call);
  HttpReply storage(Call& call);
  HttpReply create(Call& call);
  HttpReply vm(Call& call, Json& machine);
  HttpReply configure(Call& call, Json& machine);
  HttpReply resize(Call& call, Json& machine);
  HttpReply power(Call& call, Json& machine, const std::string& verb);
  HttpReply resources(const std::string& cluster);

  /// Starts a task that ends after `time` with `event` handed to what happens then; returns its UPID.
  std::string start_task(const Call& call, const std::string& type, const std::string& id, Milliseconds time,
                         Json event);
  void end_task(const Json& event);
  Json& nodes(const std::string& cluster) { return world_.part("proxmox")[cluster]["nodes"]; }

  World& world_;
  const Schema& schema_;
  OnPower on_power_;
};

}  // namespace lab::simulator::proxmox
