#include "runtime/drivers/kubernetes/readiness.h"

#include <fmt/format.h>

namespace lab::drivers::kubernetes {
namespace {

using Json = nlohmann::json;

const Verdict current{Readiness::current, {}};

Verdict wait(std::string reason) {
  return {Readiness::in_progress, std::move(reason)};
}
Verdict fail(std::string reason) {
  return {Readiness::failed, std::move(reason)};
}

Json at(const Json& object, const char* pointer) {
  const Json::json_pointer where(pointer);
  return object.contains(where) ? object.at(where) : Json();
}

std::int64_t number(const Json& object, const char* pointer, std::int64_t otherwise = 0) {
  const Json value = at(object, pointer);
  return value.is_number_integer() ? value.get<std::int64_t>() : otherwise;
}

/// The condition of that type: its status, or "" without one; and its reason.
struct Condition {
  std::string status, reason, message;
};
Condition condition(const Json& object, std::string_view type) {
  for (const Json& each : at(object, "/status/conditions"))
    if (each.value("type", "") == type)
      return {each.value("status", ""), each.value("reason", ""), each.value("message", "")};
  return {};
}

Verdict deployment(const Json& object) {
  const std::int64_t wanted = number(object, "/spec/replicas", 1);
  if (condition(object, "Progressing").reason == "ProgressDeadlineExceeded")
    return fail("its progress deadline is over");
  if (number(object, "/status/updatedReplicas") < wanted)
    return wait(fmt::format("updated {} of {}", number(object, "/status/updatedReplicas"), wanted));
  if (number(object, "/status/replicas") > wanted) return wait("old replicas are ending");
  if (number(object, "/status/availableReplicas") < wanted)
    return wait(fmt::format("available {} of {}", number(object, "/status/availableReplicas"), wanted));
  if (wanted > 0 && condition(object, "Available").status != "True") return wait("not available");
  return current;
}

Verdict stateful_set(const Json& object) {
  const std::int64_t wanted = number(object, "/spec/replicas", 1);
  if (number(object, "/status/readyReplicas") < wanted)
    return wait(fmt::format("ready {} of {}", number(object, "/status/readyReplicas"), wanted));
  if (at(object, "/status/currentRevision") != at(object, "/status/updateRevision"))
    return wait("rolling out");
  return current;
}

Verdict daemon_set(const Json& object) {
  const Json desired = at(object, "/status/desiredNumberScheduled");
  if (desired.is_null()) return wait("not scheduled yet");
  const std::int64_t wanted = number(object, "/status/desiredNumberScheduled");
  if (number(object, "/status/updatedNumberScheduled") < wanted ||
      number(object, "/status/numberAvailable") < wanted)
    return wait(fmt::format("available {} of {}", number(object, "/status/numberAvailable"), wanted));
  return current;
}

Verdict job(const Json& object) {
  if (condition(object, "Failed").status == "True") return fail(condition(object, "Failed").message);
  if (condition(object, "Complete").status != "True") return wait("running");
  return current;
}

Verdict pod(const Json& object) {
  const std::string phase =
      at(object, "/status/phase").is_string() ? at(object, "/status/phase").get<std::string>() : "";
  if (phase == "Succeeded") return current;
  if (phase == "Failed") return fail("the pod failed");
  for (const Json& each : at(object, "/status/containerStatuses"))
    if (at(each, "/state/waiting/reason") == "CrashLoopBackOff") return fail("a container keeps crashing");
  return condition(object, "Ready").status == "True" ? current : wait("not ready");
}

Verdict definition(const Json& object) {
  if (condition(object, "NamesAccepted").status == "False")
    return fail(condition(object, "NamesAccepted").message);
  return condition(object, "Established").status == "True" ? current : wait("not established");
}

Verdict claim(const Json& object) {
  return at(object, "/status/phase") == "Bound" ? current : wait("not bound");
}

Verdict load_balancer(const Json& object) {
  if (at(object, "/spec/type") == "LoadBalancer" && at(object, "/status/loadBalancer/ingress").empty())
    return wait("has no address");
  return current;
}

struct Rule {
  std::string_view group, kind;  // group without version
  Verdict (*judge)(const Json&);
};
constexpr Rule rules[] = {
    {"apps", "Deployment", deployment},
    {"apps", "StatefulSet", stateful_set},
    {"apps", "DaemonSet", daemon_set},
    {"batch", "Job", job},
    {"", "Pod", pod},
    {"", "PersistentVolumeClaim", claim},
    {"", "Service", load_balancer},
    {"apiextensions.k8s.io", "CustomResourceDefinition", definition},
};

Verdict is_true(const Json& object, std::string_view type) {
  const Condition found = condition(object, type);
  return found.status == "True" ? current
                                : wait(found.message.empty() ? fmt::format("not {}", type) : found.message);
}

struct Named {
  std::string_view name;
  Verdict (*judge)(const Json&);
};
constexpr Named conditions[] = {
    {"exists", [](const Json&) { return current; }},
    {"ready", readiness},
    {"established", definition},
    {"available", [](const Json& object) { return is_true(object, "Available"); }},
    {"complete", job},
    {"bound", claim},
    {"programmed", [](const Json& object) { return is_true(object, "Programmed"); }},
    {"accepted", [](const Json& object) { return is_true(object, "Accepted"); }},
    {"synced",
     [](const Json& object) {
       return at(object, "/status/sync/status") == "Synced" ? current : wait("not synced");
     }},
    {"healthy",
     [](const Json& object) {
       return at(object, "/status/health/status") == "Healthy" ? current : wait("not healthy");
     }},
};

}  // namespace

Verdict readiness(const Json& object) {
  if (!at(object, "/metadata/deletionTimestamp").is_null()) return {Readiness::terminating, "being deleted"};
  const Json observed = at(object, "/status/observedGeneration");
  if (observed.is_number_integer() && observed != at(object, "/metadata/generation"))
    return wait("not looked at yet");
  if (condition(object, "Stalled").status == "True") return fail(condition(object, "Stalled").message);
  if (condition(object, "Reconciling").status == "True")
    return wait(condition(object, "Reconciling").message);
  const std::string version = object.value("apiVersion", "");
  const std::string group =
      version.find('/') == std::string::npos ? "" : version.substr(0, version.find('/'));
  for (const Rule& rule : rules)
    if (rule.group == group && rule.kind == object.value("kind", "")) return rule.judge(object);
  const Condition ready = condition(object, "Ready");
  return ready.status.empty() || ready.status == "True"
             ? current
             : wait(ready.message.empty() ? "not ready" : ready.message);
}

Verdict meets(const Json& object, std::string_view condition) {
  if (!at(object, "/metadata/deletionTimestamp").is_null()) return {Readiness::terminating, "being deleted"};
  for (const Named& each : conditions)
    if (each.name == condition) return each.judge(object);
  return fail(fmt::format("the condition {} is not known", condition));
}

}  // namespace lab::drivers::kubernetes
