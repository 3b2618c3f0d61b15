// The simulated world as the engine sees it: a network of one's own on 127.0.0.1, made for one plan. It knows
// of the plan what a real place would have by nature: which Proxmox nodes and storages there are, which
// zones, which address a machine will answer at.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/engine/loop.h"
#include "runtime/engine/network.h"
#include "runtime/plan/plan.h"
#include "runtime/simulator/edge/cloudflare.h"
#include "runtime/simulator/edge/factory.h"
#include "runtime/simulator/edge/pihole.h"
#include "runtime/simulator/faults.h"
#include "runtime/simulator/kubernetes/kubernetes.h"
#include "runtime/simulator/proxmox/proxmox.h"
#include "runtime/simulator/server.h"
#include "runtime/simulator/talos/talos.h"
#include "runtime/simulator/world.h"

namespace lab::crypto {
class SecretBytes;
}

namespace lab::simulator {

class Simulator final : public engine::Network {
 public:
  struct Setting {
    const plan::Plan& plan;  ///< outlives the simulator, as `loop` does
    engine::Loop& loop;
    ReadFile read;  ///< files beside plan.json
    std::uint64_t seed = 1;
    Faults faults;
    /// The text of the vendor's description of the Proxmox API; the one that the environment points at when
    /// empty, and a table of our own when there is none. See proxmox/schema.h.
    std::string proxmox_schema;
  };
  explicit Simulator(Setting setting);
  ~Simulator() override;

  engine::Outcome<engine::Route> route(std::string_view host, std::uint16_t port) override;
  engine::Outcome<engine::Exited> run(const engine::Program& program) override;
  /// The world as it stands. It holds configurations with their secrets: see keep_in.
  nlohmann::json save() const override { return world_.state(); }

  /// Goes on with the world in `file`, when it is there, and keeps it there from now on: written whole before
  /// each reply that changed something. The file is encrypted with `key` (any secret text of the plan's own,
  /// which a resumed run has too), because a world holds configurations with their secrets.
  engine::Outcome<engine::Nothing> keep_in(std::string file, const crypto::SecretBytes& key);

  /// How many requests changed something since the world began, and what they were.
  std::uint64_t writes() const { return world_.writes(); }
  std::vector<std::string> log();

  /// What there is, without secrets, times and numbers drawn by chance: equal for equal worlds.
  Json picture();

  /// What came up, one line a thing, in the order: machines, cluster, applications, doors, names.
  std::vector<std::string> summary();

 private:
  enum class Service { proxmox, talos, kubernetes, cloudflare, pihole, factory, web };
  struct Place {
    Service service = Service::web;
    std::string name;    ///< of the Proxmox cluster, of the cluster, of the address
    std::string prefix;  ///< Cloudflare: of its paths
  };
  void learn(const plan::Step& step);
  void learn_machines();
  void add_place(const std::string& url, Service service, std::string name = {});
  void advance();
  HttpReply serve(const Place& place, const std::string& host, const HttpRequest& request);
  HttpReply dispatch(const Place& place, const std::string& host, const HttpRequest& request);
  HttpReply web(const std::string& host, const HttpRequest& request);
  void spoil_task(const std::string& cluster, const Fault& fault);
  std::optional<TlsSettings> tls_for(const Place& place, const std::string& host);
  /// Whatever listens at `address` does so no longer; the sockets go when no request is being served.
  void forget(const std::string& address);
  void keep();

  Setting setting_;
  World world_;
  proxmox::Schema schema_;
  proxmox::Proxmox proxmox_;
  talos::Talos talos_;
  kubernetes::Kubernetes kubernetes_;
  edge::Cloudflare cloudflare_;
  edge::Pihole pihole_;
  edge::Factory factory_;
  Server server_;
  Identity authority_;
  std::map<std::pair<std::string, std::uint16_t>, Place> places_;
  std::map<std::pair<std::string, std::uint16_t>, std::uint16_t> listening_;  ///< place → port on 127.0.0.1
  std::string file_;
  std::unique_ptr<crypto::SecretBytes> key_;
  Milliseconds began_{0};  ///< the loop's time when the world was at `offset_`
  Milliseconds offset_{0};
};

}  // namespace lab::simulator
