// A model of a cluster behind the Kubernetes API: discovery, server-side apply, and controllers that bring
// things up as far as a client can see. Charts are not rendered: a release is a name that becomes healthy.
// What a GitOps controller points at in the emitted tree is applied from there.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "runtime/simulator/http.h"
#include "runtime/simulator/kubernetes/store.h"
#include "runtime/simulator/world.h"

namespace lab::simulator::kubernetes {

class Kubernetes {
 public:
  explicit Kubernetes(World& world);

  /// A node of the cluster registered; `network` when it has a pod network without any chart.
  void add_node(const std::string& cluster, const std::string& node, const std::string& address,
                const std::string& version, bool network);
  bool node_ready(const std::string& cluster, const std::string& node);

  HttpReply handle(const std::string& cluster, const HttpRequest& request);

 private:
  struct Route;
  /// The cluster's part of the world; a new one has the namespaces that every cluster has.
  Json& state(const std::string& cluster);
  HttpReply apply(const std::string& cluster, const Route& route, const HttpRequest& request);

  /// Looks at an object again after `delay`.
  void settle_later(const std::string& cluster, const std::string& key, Milliseconds delay);
  void settle(const std::string& cluster, const std::string& key);
  void run_job(const std::string& cluster, Json& job);
  void install(const std::string& cluster, const std::string& release, const std::string& chart,
               const std::string& version, const std::string& space);
  void sync(const std::string& cluster, Json& application);
  void assess(const std::string& cluster, const std::string& key);
  void update_nodes(const std::string& cluster);
  /// The objects that a folder of the emitted tree yields through its kustomization.yaml; nothing when it has
  /// none.
  bool collect(const std::string& folder, std::vector<Json>& out);

  World& world_;
};

}  // namespace lab::simulator::kubernetes
