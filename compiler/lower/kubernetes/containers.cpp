// Containers of a pod: ports, variables, resources, rights.
#include <string>

#include "compiler/lower/kubernetes/pod.h"
#include "compiler/lower/secret_names.h"

namespace lab::lower::kubernetes {

namespace {

void put_words(Map to, Text key, const std::vector<model::Prop<Text>>& words) {
  if (words.empty()) return;
  List list = to.list(key);
  for (const auto& word : words) list.add(*word, word.at);
}

void put_ports(const Unit& unit, Map container) {
  if (unit.ports.empty()) return;
  List ports = container.list("ports");
  for (const PortEntry& entry : unit.ports) {
    const Origin at = entry.port->number.at;
    Map port = ports.map(entry.port->at);
    port.set("name", entry.name, entry.port->at).set("containerPort", entry.container, at);
    if (entry.protocol != "TCP") port.set("protocol", entry.protocol, at);
  }
}

/// What the device plugin of a vendor calls its cards.
std::string_view gpu_resource(const model::Lab& lab) {
  for (const model::Host& host : lab.hosts)
    for (const model::HostGpu& gpu : host.gpu) {
      if (*gpu.vendor == "intel") return "gpu.intel.com/i915";
      if (*gpu.vendor == "amd") return "amd.com/gpu";
    }
  return "nvidia.com/gpu";
}

void put_resources(Context& context, const model::Resources& resources, const model::Prop<Text>* gpu,
                   Map container) {
  const Origin cpu = resources.cpu.at;
  const Origin memory = resources.memory.at;
  Map of = container.map("resources", resources.at);
  Map requests = of.map("requests");
  requests.set("cpu", resources.cpu->low.to_kubernetes(), cpu);
  requests.set("memory", resources.memory->low.to_kubernetes(), memory);
  Map limits = of.map("limits");
  if (resources.cpu->range) limits.set("cpu", resources.cpu->high.to_kubernetes(), cpu);
  limits.set("memory", resources.memory->high.to_kubernetes(), memory);
  if (gpu == nullptr || **gpu == "none" || **gpu == "0") return;
  limits.set(gpu_resource(context.lab), **gpu == "whole" ? document::Value(1) : plain(**gpu), gpu->at);
}

/// Secure unless a relaxation says otherwise.
struct Rights {
  const model::Prop<bool>& privileged;
  const std::vector<model::Prop<Text>>& capabilities;
  bool escalation = false;
  bool writable_root = false;
  Origin escalation_at = 0;
  Origin writable_at = 0;
};

void put_rights(const Rights& rights, const model::RunAs* run, Map container) {
  Map security = container.map("securityContext");
  if (run != nullptr) put_user(*run, security, false);
  if (*rights.privileged) {
    security.set("privileged", true, rights.privileged.at);
  } else {
    security.set("allowPrivilegeEscalation", rights.escalation, rights.escalation_at);
    Map capabilities = security.map("capabilities");
    capabilities.list("drop").add("ALL");
    put_words(capabilities, "add", rights.capabilities);
  }
  security.set("readOnlyRootFilesystem", !rights.writable_root, rights.writable_at);
}

void put_container(Context& context, const Unit& unit, const model::Container& c, Map out) {
  const model::Workload& w = unit.workload;
  out.set("name", context.object(c.name), c.at).set("image", *c.image, c.image.at);
  put_words(out, "command", c.command);
  put_words(out, "args", c.args);
  put_variables(context, unit, c.env, c.env_from, out);
  put_resources(context, c.resources, nullptr, out);
  put_mounts(context, unit, c.mount.empty() ? nullptr : &c.mount, out);
  if (c.health) put_probes(unit, *c.health, std::nullopt, out);
  put_rights(
      {c.privileged, c.capabilities, *w.escalation, *w.writable_root, w.escalation.at, w.writable_root.at},
      c.run ? &*c.run : nullptr, out);
}

}  // namespace

void put_variables(Context& context, const Unit& unit, const std::vector<model::EnvVar>& env,
                   const std::vector<model::Prop<Ref<model::Secret>>>& sets, Map container) {
  if (!sets.empty()) {
    List from = container.list("envFrom");
    for (const auto& set : sets)
      if (const model::Secret* secret = context.lab.find(*set))
        from.map(set.at).map("secretRef").set("name", context.object(secret->name), set.at);
  }
  List list = context.arena.list();
  for (const model::EnvVar& var : env) {
    const model::EnvValue& value = var.value;
    if (value.is("none")) continue;
    Map entry = list.map(var.at);
    entry.set("name", var.name, var.at);
    if (value.field) {
      entry.map("valueFrom").map("fieldRef").set("fieldPath", *value.field->path, value.field->path.at);
    } else if (value.resource) {
      entry.map("valueFrom").map("resourceFieldRef").set("resource", *value.resource->name, value.at);
    } else if (value.value && value.value->secret != nullptr) {
      const SecretKey key = secret_key(context.lab, *value.value->secret, unit.name, var.name);
      Map ref = entry.map("valueFrom").map("secretKeyRef");
      ref.set("name", context.object(key.name), value.at).set("key", key.key, value.at);
    } else {
      entry.set("value", value.value->text, value.at);
    }
  }
  if (!list.empty()) container.set("env", list);
}

void put_containers(Context& context, const Unit& unit, Map spec) {
  const model::Workload& w = unit.workload;
  // The sidecars of a job must end with it: init containers that keep running (Kubernetes 1.29).
  const bool native_sidecars = unit.app == nullptr;
  if (!w.init.empty() || (native_sidecars && !w.sidecar.empty())) {
    List list = spec.list("initContainers");
    if (native_sidecars)
      for (const model::Container& c : w.sidecar) {
        Map out = list.map(c.at);
        put_container(context, unit, c, out);
        out.set("restartPolicy", "Always");
      }
    for (const model::Container& c : w.init) put_container(context, unit, c, list.map(c.at));
  }
  List list = spec.list("containers");
  Map main = list.map(w.at);
  main.set("name", unit.name).set("image", *w.image, w.image.at);
  put_words(main, "command", w.command);
  put_words(main, "args", w.args);
  put_ports(unit, main);
  put_variables(context, unit, w.env, w.env_from, main);
  put_resources(context, w.resources, &w.gpu, main);
  put_mounts(context, unit, nullptr, main);
  if (unit.app != nullptr) put_probes(unit, unit.app->health, *unit.app->startup, main);
  put_rights(
      {w.privileged, w.capabilities, *w.escalation, *w.writable_root, w.escalation.at, w.writable_root.at},
      nullptr, main);
  if (!native_sidecars)
    for (const model::Container& c : w.sidecar) put_container(context, unit, c, list.map(c.at));
}

}  // namespace lab::lower::kubernetes
