// Services: one inside the cluster for the ports, one for each address of its own.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/lower/kubernetes/pod.h"
#include "compiler/lower/kubernetes/rules.h"

namespace lab::lower::kubernetes {

namespace {

bool leads_to(const model::Door& door, const model::AppPort& port, const model::App& app) {
  return door.port ? door.port->block == port.name : &app.port.front() == &port;
}

/// `appProtocol` where the protocol must be known to the gateway (KEP-3726).
std::string_view app_protocol(const Unit& unit, const model::AppPort& port) {
  if (*port.protocol == "h2c" || *port.protocol == "grpc") return "kubernetes.io/h2c";
  if (*port.protocol == "https") return "https";
  if (unit.app != nullptr)
    for (const model::Door& door : unit.app->expose)
      if (door.via && *door.protocol == "h2c" && leads_to(door, port, *unit.app)) return "kubernetes.io/h2c";
  return {};
}

void put_port(const Unit& unit, const PortEntry& entry, List ports) {
  const Origin at = entry.port->number.at;
  Map port = ports.map(entry.port->at);
  port.set("name", entry.name, entry.port->at);
  port.set("port", entry.service, entry.port->service ? entry.port->service.at : at);
  port.set("targetPort", entry.name, at);
  if (entry.protocol != "TCP") port.set("protocol", entry.protocol, at);
  port.set_nonempty("appProtocol", app_protocol(unit, *entry.port), entry.port->protocol.at);
}

bool offers(const model::Door& door, const PortEntry& entry) {
  return door.ports.empty() || std::any_of(door.ports.begin(), door.ports.end(),
                                           [&](const auto& port) { return port->block == entry.port->name; });
}

std::size_t doors_at(const Context& context, const types::Ip& address) {
  return static_cast<std::size_t>(std::count_if(
      context.doors.begin(), context.doors.end(),
      [&](const model::DoorOf& d) { return d.door != nullptr && d.door->at_ && *d.door->at_ == address; }));
}

void put_load_balancer(Context& context, const Unit& unit, const model::Door& door, std::size_t number,
                       Folder& folder) {
  const std::string suffix = number == 0 ? "" : fmt::format("-{}", number + 1);
  Object service = object(context, "v1", "Service", fmt::format("{}-lb{}", unit.name, suffix), unit.ns_name);
  put_labels(context, unit, service.metadata);
  service.metadata.map("labels").set("app.kubernetes.io/component", "load-balancer");
  Map annotations = service.metadata.map("annotations");
  const std::string address = door.at_->format();
  if (context.cilium != nullptr) {
    annotations.set("lbipam.cilium.io/ips", address, door.at_.at);
    if (doors_at(context, *door.at_) > 1) {
      annotations.set("lbipam.cilium.io/sharing-key", address, door.at_.at);
      annotations.set("lbipam.cilium.io/sharing-cross-namespace", "*", door.at_.at);
    }
  } else {
    annotations.set("metallb.io/loadBalancerIPs", address, door.at_.at);
    if (doors_at(context, *door.at_) > 1) annotations.set("metallb.io/allow-shared-ip", address, door.at_.at);
  }
  Map spec = service.spec();
  spec.set("type", "LoadBalancer", door.at_.at);
  if (context.cilium != nullptr) spec.set("allocateLoadBalancerNodePorts", false);
  put_selector(unit, spec.map("selector"));
  List ports = spec.list("ports");
  for (const PortEntry& entry : unit.ports)
    if (offers(door, entry)) put_port(unit, entry, ports);
  folder.add("load-balancer" + suffix, "kubernetes.load-balancer", service.root, unit.raw());
}

/// Gives each pod of a StatefulSet a name of its own.
void put_headless(Context& context, const Unit& unit, Folder& folder) {
  Object service = object(context, "v1", "Service", fmt::format("{}-pods", unit.name), unit.ns_name);
  put_labels(context, unit, service.metadata);
  service.metadata.map("labels").set("app.kubernetes.io/component", "pods");
  Map spec = service.spec();
  spec.set("clusterIP", "None");
  put_selector(unit, spec.map("selector"));
  if (!unit.ports.empty()) {
    List ports = spec.list("ports");
    for (const PortEntry& entry : unit.ports) put_port(unit, entry, ports);
  }
  folder.add("service-pods", "kubernetes.service", service.root);
}

}  // namespace

void put_services(Context& context, const Unit& unit, Folder& folder) {
  if (unit.stateful()) put_headless(context, unit, folder);
  if (unit.ports.empty()) return;
  Object service = object(context, "v1", "Service", unit.name, unit.ns_name);
  put_labels(context, unit, service.metadata);
  Map spec = service.spec();
  put_selector(unit, spec.map("selector"));
  List ports = spec.list("ports");
  for (const PortEntry& entry : unit.ports) put_port(unit, entry, ports);
  folder.add("service", "kubernetes.service", service.root, unit.raw());
  if (unit.app == nullptr) return;
  std::size_t number = 0;
  for (const model::Door& door : unit.app->expose)
    if (door.at_) put_load_balancer(context, unit, door, number++, folder);
}

}  // namespace lab::lower::kubernetes
