// What stands beside an app of several replicas, and what scrapes it.
#include <algorithm>

#include "compiler/lower/kubernetes/pod.h"
#include "compiler/lower/kubernetes/rules.h"

namespace lab::lower::kubernetes {

namespace {

bool has_side_services(const Unit& unit) {
  return unit.stateful() || std::any_of(unit.app->expose.begin(), unit.app->expose.end(),
                                        [](const model::Door& door) { return static_cast<bool>(door.at_); });
}

}  // namespace

void put_scaling(Context& context, const Unit& unit, Folder& folder) {
  const model::App& app = *unit.app;
  if (const auto& scale = app.replicas.autoscale; scale && !unit.daemon()) {
    Object out = object(context, "autoscaling/v2", "HorizontalPodAutoscaler", unit.name, unit.ns_name);
    put_labels(context, unit, out.metadata);
    Map spec = out.spec();
    spec.map("scaleTargetRef")
        .set("apiVersion", "apps/v1")
        .set("kind", unit.stateful() ? "StatefulSet" : "Deployment")
        .set("name", unit.name);
    spec.set("minReplicas", *scale->min, scale->min.at).set("maxReplicas", *scale->max, scale->max.at);
    Map metric = spec.list("metrics").map(scale->cpu.at);
    metric.set("type", "Resource");
    Map resource = metric.map("resource").set("name", "cpu");
    resource.map("target")
        .set("type", "Utilization")
        .set("averageUtilization", scale->cpu->hundredths / 100, scale->cpu.at);
    folder.add("horizontal-pod-autoscaler", "kubernetes.autoscale", out.root, unit.raw());
  }
  // A budget for a single pod would block every drain of its node.
  if (unit.daemon() || unit.replicas() < 2) return;
  Object budget = object(context, "policy/v1", "PodDisruptionBudget", unit.name, unit.ns_name);
  put_labels(context, unit, budget.metadata);
  Map spec = budget.spec();
  spec.set("maxUnavailable", app.unavailable ? *app.unavailable : 1, app.unavailable.at);
  put_selector(unit, spec.map("selector").map("matchLabels"));
  folder.add("pod-disruption-budget", "kubernetes.disruption-budget", budget.root, unit.raw());
}

void put_monitor(Context& context, const Unit& unit, Folder& folder) {
  const model::App& app = *unit.app;
  if (!app.metrics || !context.prometheus) return;
  Object monitor = object(context, "monitoring.coreos.com/v1", "ServiceMonitor", unit.name, unit.ns_name);
  put_labels(context, unit, monitor.metadata);
  Map spec = monitor.spec();
  put_selector(unit, spec.map("selector").map("matchLabels"));
  if (has_side_services(unit)) {
    // Those carry the same name and would have every pod scraped twice.
    Map main_only = spec.map("selector").list("matchExpressions").map();
    main_only.set("key", "app.kubernetes.io/component").set("operator", "DoesNotExist");
  }
  Map endpoint = spec.list("endpoints").map(app.metrics.at);
  endpoint.set("port", app.metrics->block, app.metrics.at);
  if (*app.metrics_path != "/metrics") endpoint.set("path", *app.metrics_path, app.metrics_path.at);
  folder.add("service-monitor", "kubernetes.service-monitor", monitor.root, unit.raw());
}

}  // namespace lab::lower::kubernetes
