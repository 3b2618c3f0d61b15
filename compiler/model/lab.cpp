#include "compiler/model/lab.h"

#include <algorithm>

#include "compiler/eval/record.h"

namespace lab::model {

namespace {

template <class T>
const T* find_named(const std::vector<T>& blocks, Text name) {
  const auto it = std::find_if(blocks.begin(), blocks.end(), [&](const T& b) { return b.name == name; });
  return it == blocks.end() ? nullptr : &*it;
}

}  // namespace

std::string object_name(std::string_view name) {
  std::string out(name);
  std::replace(out.begin(), out.end(), '.', '-');
  return out;
}

const Named* Lab::named(const AnyRef& ref) const {
  if (!ref.valid()) return nullptr;
#define LAB_KIND(type, name, store) \
  if (ref.store_kind() == name) return &store[ref.index];
#include "compiler/model/kinds.def"
#undef LAB_KIND
  return nullptr;
}

// ---- machines and networks

Opt<Ip> Lab::ip_of(const AnyRef& machine) const {
  if (const Host* host = as<Host>(machine)) return {true, host->address, host->address.at};
  if (const Server* server = as<Server>(machine)) return {true, server->at_, server->at_.at};
  if (const Device* device = as<Device>(machine)) return device->at_ ? device->at_ : device->address;
  if (const Nas* nas = as<Nas>(machine)) return nas->at_ ? nas->at_ : nas->address;
  if (const Vm* vm = as<Vm>(machine); vm != nullptr && !vm->nic.empty()) {
    const NicAddress& address = vm->nic.front().address;
    if (address.reserved) return {true, address.reserved->address, address.at};
    return address.ip;
  }
  return {};
}

const Network* Lab::network_of(const Ip& address) const {
  const auto it = std::find_if(networks.begin(), networks.end(),
                               [&](const Network& n) { return n.cidr->contains(address); });
  return it == networks.end() ? nullptr : &*it;
}

const Host* Lab::host_of(const AnyRef& machine) const {
  if (const Host* host = as<Host>(machine)) return host;
  if (const Vm* vm = as<Vm>(machine)) return vm->on.size() == 1 ? find(*vm->on.front()) : nullptr;
  const Device* device = as<Device>(machine);
  if (const Nas* nas = as<Nas>(machine)) device = nas;
  return device != nullptr && device->within ? host_of(*device->within) : nullptr;
}

Text Lab::zone_of(const AnyRef& machine) const {
  if (const Host* host = host_of(machine)) return *host->zone;
  if (const Server* server = as<Server>(machine)) return *server->zone;
  const Device* device = as<Device>(machine);
  if (const Nas* nas = as<Nas>(machine)) device = nas;
  if (device != nullptr && device->within) return zone_of(*device->within);
  const Named* n = named(machine);
  return n == nullptr ? Text{} : n->name;
}

std::pair<const Network*, Text> Lab::named_range(const IpRange& range) const {
  for (const Network& n : networks)
    for (const auto& entry : n.range)
      if (entry.value == range) return {&n, entry.name};
  return {nullptr, {}};
}

const NasExport* Lab::export_of(const AnyRef& ref) const {
  const Nas* nas = owner<Nas>(ref);
  return nas == nullptr ? nullptr : find_named(nas->export_, ref.block);
}

const DevicePort* Lab::device_port(const AnyRef& ref) const {
  if (ref.kind != DevicePort::schema) return nullptr;
  const Device* device = owner<Device>(ref);
  if (const Nas* nas = owner<Nas>(ref)) device = nas;
  return device == nullptr ? nullptr : find_named(device->port, ref.block);
}

const HostStorage* Lab::storage_of(const AnyRef& ref) const {
  const Host* host = owner<Host>(ref);
  return host == nullptr ? nullptr : find_named(host->storage, ref.block);
}

const HostGpu* Lab::gpu_of(const AnyRef& ref) const {
  const Host* host = owner<Host>(ref);
  return host == nullptr ? nullptr : find_named(host->gpu, ref.block);
}

// ---- clusters

std::vector<const Node*> Lab::nodes_of(Ref<Cluster> cluster) const {
  std::vector<const Node*> out;
  for (const Node& n : nodes)
    if (n.cluster == cluster) out.push_back(&n);
  return out;
}

const Node* Lab::node_of(const AnyRef& machine) const {
  const auto it =
      std::find_if(nodes.begin(), nodes.end(), [&](const Node& n) { return n.machine == machine; });
  return it == nodes.end() ? nullptr : &*it;
}

Ref<Cluster> Lab::only_cluster() const {
  return clusters.size() == 1 ? Ref<Cluster>{0} : Ref<Cluster>{};
}

Ref<Cluster> Lab::cluster_of(Ref<Namespace> ns) const {
  const Namespace* n = find(ns);
  return n != nullptr && n->in ? *n->in : only_cluster();
}

// ---- workloads and doors

Text Lab::domain_of(const AnyRef& ref) const {
  if (const Gateway* gateway = as<Gateway>(ref)) return *gateway->domain;
  if (const Tunnel* tunnel = as<Tunnel>(ref)) {
    if (const Zone* zone = find(*tunnel->zone)) return *zone->domain;
  }
  return {};
}

PortOf Lab::port_of(const AnyRef& ref) const {
  PortOf out;
  if (ref.kind != AppPort::schema) return out;
  if (const App* app = owner<App>(ref)) {
    out.app = app;
    out.port = find_named(app->port, ref.block);
  } else if (const Helm* helm = owner<Helm>(ref)) {
    out.helm = helm;
    out.workload = find_named(helm->workload, ref.within);
    if (out.workload != nullptr) out.port = find_named(out.workload->port, ref.block);
  }
  return out;
}

std::vector<DoorOf> Lab::doors() const {
  std::vector<DoorOf> out;
  const auto add = [&](const Door& door, const AnyRef& owner, Text name, const AppPort* first) {
    const AppPort* port = door.port ? port_of(*door.port).port : first;
    out.push_back({&door, nullptr, owner, name, door.fqdn ? *door.fqdn : Text{}, port, nullptr});
  };
  for (const App& app : apps)
    for (const Door& door : app.expose)
      add(door, any_of(app), app.name, app.port.empty() ? nullptr : &app.port.front());
  for (const Helm& helm : helms) {
    const AppPort* first = nullptr;
    for (const HelmWorkload& w : helm.workload)
      if (first == nullptr && !w.port.empty()) first = &w.port.front();
    for (const Door& door : helm.expose) add(door, any_of(helm), helm.name, first);
  }
  for (const Expose& e : exposes) {
    const AppPort* port = port_of(e.to.ref).port;
    if (const App* app = as<App>(e.to.ref); app != nullptr && !app->port.empty()) port = &app->port.front();
    out.push_back({nullptr, &e, any_of(e), e.name, *e.fqdn, port, device_port(e.to.ref)});
  }
  return out;
}

Ref<Namespace> Lab::namespace_of(const AnyRef& ref) const {
  const AnyRef r = ref.is_block() ? AnyRef{ref.owner_kind, ref.index, {}, {}, {}} : ref;
  const auto optional = [](const Opt<Ref<Namespace>>& in) { return in ? *in : Ref<Namespace>{}; };
  if (const App* app = as<App>(r)) return optional(app->in);
  if (const Job* job = as<Job>(r)) return optional(job->in);
  if (const Cron* cron = as<Cron>(r)) return optional(cron->in);
  if (const Helm* helm = as<Helm>(r)) return *helm->in;
  if (const Gateway* gateway = as<Gateway>(r)) return optional(gateway->in);
  if (const Tunnel* tunnel = as<Tunnel>(r)) return *tunnel->in;
  if (const Vpn* vpn = as<Vpn>(r)) return optional(vpn->in);
  if (const IdentityProvider* idp = as<IdentityProvider>(r)) return optional(idp->in);
  if (const Volume* volume = as<Volume>(r)) return *volume->in;
  if (r.kind == Namespace::kind) return {r.index};
  return {};
}

// ---- secrets

const Secret* Lab::secret_of(const eval::SecretPart& part) const {
  return part.source == nullptr || part.source->model_index >= secrets.size()
             ? nullptr
             : &secrets[part.source->model_index];
}

}  // namespace lab::model
