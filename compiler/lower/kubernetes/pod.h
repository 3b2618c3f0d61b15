// The pod of an app, job or cron job.
#pragma once
#include <optional>
#include <vector>

#include "compiler/lower/kubernetes/context.h"
#include "compiler/lower/kubernetes/names.h"
#include "compiler/model/apps.h"

namespace lab::lower::kubernetes {

/// A workload with what several rules need of it.
struct Unit {
  const model::Workload& workload;
  const model::App* app = nullptr;  // null for jobs and cron jobs
  Ref<model::Namespace> ns;
  Text name;     // of its objects
  Text ns_name;  // of its namespace
  std::vector<PortEntry> ports;
  std::string hash;  // of its ConfigMap; empty when it has none

  [[nodiscard]] bool stateful() const { return app != nullptr && *app->kind_ == "stateful"; }
  [[nodiscard]] bool daemon() const { return app != nullptr && *app->kind_ == "daemon"; }
  /// Pods that run at least; 1 for jobs.
  [[nodiscard]] std::int64_t replicas() const;
  [[nodiscard]] const Node* raw() const { return *workload.raw; }
};

/// `app.kubernetes.io/{name,instance,part-of,managed-by}` and the workload's own labels.
void put_labels(Context& context, const Unit& unit, Map metadata);
/// `app.kubernetes.io/name`: what everything that selects these pods uses.
void put_selector(const Unit& unit, Map to);

/// Fills a pod template: metadata and spec.
void put_pod(Context& context, const Unit& unit, Map pod_template);

// ---- parts of it, one file each
/// The containers' ports, variables, resources, probes, rights.
void put_containers(Context& context, const Unit& unit, Map spec);
void put_probes(const Unit& unit, const model::Health& health, std::optional<types::Duration> startup,
                Map container);
void put_variables(Context& context, const Unit& unit, const std::vector<model::EnvVar>& env,
                   const std::vector<model::Prop<Ref<model::Secret>>>& sets, Map container);
/// Mounts of a container; none of its own means those of the workload.
void put_mounts(Context& context, const Unit& unit, const std::vector<model::Mount>* own, Map container);
/// The volumes behind all of them.
void put_volumes(Context& context, const Unit& unit, Map spec);
/// `runAsUser` and what goes with it, for a pod or a container.
void put_user(const model::RunAs& run, Map security, bool pod);

/// Whether the workload can write to a volume of which only one node may have the mount.
[[nodiscard]] bool holds_exclusive_claim(const model::Workload& workload);

}  // namespace lab::lower::kubernetes
