#include "compiler/lower/kubernetes/pod.h"

#include <algorithm>

namespace lab::lower::kubernetes {

namespace {

constexpr std::int64_t default_grace_ms = 30'000;

void put_placement(Context& context, const Unit& unit, Map spec) {
  const model::Workload& w = unit.workload;
  if (w.priority) spec.set("priorityClassName", *w.priority, w.priority.at);
  const bool one_node = w.nodes.size() == 1;
  if (one_node || !w.node_labels.empty()) {
    Map selector = spec.map("nodeSelector");
    if (const model::Named* node = one_node ? context.lab.named(*w.nodes.front()) : nullptr)
      selector.set("kubernetes.io/hostname", node->name, w.nodes.front().at);
    for (const auto& label : w.node_labels) selector.set(label.name, label.value, label.at);
  }
  if (w.nodes.size() > 1) {
    Map affinity = spec.map("affinity").map("nodeAffinity");
    Map term = affinity.map("requiredDuringSchedulingIgnoredDuringExecution").list("nodeSelectorTerms").map();
    Map expression = term.list("matchExpressions").map();
    expression.set("key", "kubernetes.io/hostname").set("operator", "In");
    List values = expression.list("values");
    for (const auto& ref : w.nodes)
      if (const model::Named* node = context.lab.named(*ref)) values.add(node->name, ref.at);
  }
  if (!w.tolerate.empty()) {
    List tolerations = spec.list("tolerations");
    for (const model::Taint& taint : w.tolerate) {
      Map t = tolerations.map(taint.at);
      t.set("key", *taint.key, taint.key.at);
      if (taint.value->empty())
        t.set("operator", "Exists");
      else
        t.set("operator", "Equal").set("value", *taint.value, taint.value.at);
      t.set("effect", *taint.effect, taint.effect.at);
    }
  }
}

/// Replicas are kept on different machines as soon as there are two.
void put_spread(const Unit& unit, Map spec) {
  if (unit.daemon() || unit.replicas() < 2) return;
  const model::Opt<model::Spread>& spread = unit.app->spread;
  Map constraint = spec.list("topologySpreadConstraints").map(spread.at);
  const bool zones = spread && *spread->over == "zone";
  constraint.set("maxSkew", 1);
  constraint.set("topologyKey", zones ? "topology.kubernetes.io/zone" : "kubernetes.io/hostname");
  constraint.set("whenUnsatisfiable", spread && *spread->strict ? "DoNotSchedule" : "ScheduleAnyway");
  put_selector(unit, constraint.map("labelSelector").map("matchLabels"));
}

}  // namespace

std::int64_t Unit::replicas() const {
  if (app == nullptr) return 1;
  if (app->replicas.autoscale) return *app->replicas.autoscale->min;
  return app->replicas.number ? *app->replicas.number : 1;
}

void put_labels(Context& context, const Unit& unit, Map metadata) {
  Map labels = metadata.map("labels");
  labels.set("app.kubernetes.io/name", unit.name);
  labels.set("app.kubernetes.io/instance", unit.name);
  labels.set("app.kubernetes.io/part-of", context.part_of);
  labels.set("app.kubernetes.io/managed-by", "lab");
  for (const auto& label : unit.workload.labels) labels.set(label.name, label.value, label.at);
}

void put_selector(const Unit& unit, Map to) {
  to.set("app.kubernetes.io/name", unit.name);
}

void put_user(const model::RunAs& run, Map security, bool pod) {
  if (run.is("root")) {
    security.set("runAsUser", 0, run.at).set("runAsGroup", 0, run.at);
    return;
  }
  if (!run.user) return;  // the image's user, whoever that is
  security.set("runAsNonRoot", *run.user->uid != 0, run.at);
  security.set("runAsUser", *run.user->uid, run.user->uid.at);
  security.set("runAsGroup", *run.user->gid, run.user->gid.at);
  if (!pod) return;
  security.set("fsGroup", *run.user->gid, run.user->gid.at);
  security.set("fsGroupChangePolicy", "OnRootMismatch");
  if (run.user->groups.empty()) return;
  List groups = security.list("supplementalGroups");
  for (const auto& group : run.user->groups) groups.add(*group, group.at);
}

bool holds_exclusive_claim(const model::Workload& workload) {
  return std::any_of(workload.mount.begin(), workload.mount.end(), [](const model::Mount& mount) {
    return mount.from.claim && *mount.from.claim->access == "one" && !*mount.read_only;
  });
}

void put_pod(Context& context, const Unit& unit, Map pod_template) {
  const model::Workload& w = unit.workload;
  Map metadata = pod_template.map("metadata");
  put_labels(context, unit, metadata);
  put_entries(metadata, "annotations", w.annotations);
  if (!unit.hash.empty()) metadata.map("annotations").set("checksum/config", unit.hash);

  Map spec = pod_template.map("spec");
  if (w.api) spec.set("serviceAccountName", unit.name, w.api.at);
  spec.set("automountServiceAccountToken", static_cast<bool>(w.api), w.api.at);
  spec.set("enableServiceLinks", false);
  if (unit.app == nullptr) spec.set("restartPolicy", "Never");
  if (*w.host_network) {
    spec.set("hostNetwork", true, w.host_network.at);
    spec.set("dnsPolicy", "ClusterFirstWithHostNet", w.host_network.at);
  }
  put_placement(context, unit, spec);
  put_spread(unit, spec);
  if (w.grace->ms != default_grace_ms)
    spec.set("terminationGracePeriodSeconds", w.grace->to_seconds(), w.grace.at);
  Map security = spec.map("securityContext");
  put_user(w.run, security, true);
  security.map("seccompProfile").set("type", "RuntimeDefault");
  put_containers(context, unit, spec);
  put_volumes(context, unit, spec);
}

}  // namespace lab::lower::kubernetes
