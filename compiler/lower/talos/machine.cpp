// The `machine` section of the v1alpha1 document.
#include <fmt/format.h>

#include "compiler/lower/talos/node.h"

namespace lab::lower::talos {

namespace {

using document::List;
using document::Map;

void add_kubelet(const Node& n, Map machine) {
  Map kubelet = machine.map("kubelet");
  kubelet.set("image", fmt::format("ghcr.io/siderolabs/kubelet:{}", n.kubernetes), n.kubernetes_at);
  if (!n.facts.kubelet_args.empty()) set_all(kubelet.map("extraArgs"), n.facts.kubelet_args);
  for (const model::KubeletMount* mount : n.facts.mounts) {
    Map entry = kubelet.list("extraMounts").map(mount->at);
    entry.set("destination", mount->name, mount->at).set("type", "bind");
    entry.set("source", mount->from ? *mount->from : mount->name, mount->from ? mount->from.at : mount->at);
    add_all(entry.list("options"), mount->options);
  }
  for (const model::Data config : n.facts.kubelet_config) kubelet.map("extraConfig").merge(*config);
  if (!n.control_plane()) {
    // A worker's kubelet may set taints only when it registers its Node (admission plugin NodeRestriction).
    for (const model::Taint* taint : n.facts.taints) {
      Map entry = kubelet.map("extraConfig").list("registerWithTaints").map(taint->at);
      entry.set("key", *taint->key, taint->key.at);
      entry.set_nonempty("value", *taint->value, taint->value.at);
      entry.set("effect", *taint->effect, taint->effect.at);
    }
  }
  kubelet.set("defaultRuntimeSeccompProfileEnabled", true);
  if (!n.facts.node_ip.empty()) {
    List subnets = kubelet.map("nodeIP").list("validSubnets");
    for (const auto& cidr : n.facts.node_ip) subnets.add(cidr->format(), cidr.at);
  } else if (n.several_cards() && n.cards.front().address) {
    const auto& ip = n.cards.front().address;
    kubelet.map("nodeIP").list("validSubnets").add(fmt::format("{}/{}", ip->format(), ip->bits()), ip.at);
  }
  kubelet.set("disableManifestsDirectory", true);
}

void add_install(const Node& n, Map machine) {
  Map install = machine.map("install");
  if (const auto disk = install_disk(n)) install.set("disk", *disk, disk.at);
  install.set("image", n.image.installer, n.talos.version.at);
  install.set("wipe", false);
  install.set("grubUseUKICmdline", true);
}

void add_features(const Node& n, Map machine) {
  Map features = machine.map("features");
  if (const auto& access = n.cluster.talos_api; access && n.control_plane()) {
    Map api = features.map("kubernetesTalosAPIAccess", access.at);
    api.set("enabled", true, access.at);
    add_all(api.list("allowedRoles"), access->roles);
    List namespaces = api.list("allowedKubernetesNamespaces");
    for (const auto& ns : access->namespaces) {
      if (const model::Namespace* named = n.lab.find(*ns)) namespaces.add(named->name, ns.at);
    }
  }
  features.set("diskQuotaSupport", true);
  features.map("kubePrism").set("enabled", true).set("port", 7445);
  features.map("hostDNS").set("enabled", true).set("forwardKubeDNSToHost", true);
}

void add_node_metadata(const Node& n, Map machine) {
  // Without workloads, the control plane is no target of load balancers (as Talos' generator has it).
  if (n.control_plane() && !*n.cluster.schedule_on_control_plane) {
    machine.map("nodeLabels").set("node.kubernetes.io/exclude-from-external-load-balancers", "");
  }
  if (!n.facts.labels.empty()) set_all(machine.map("nodeLabels"), n.facts.labels);
  if (!n.facts.annotations.empty()) set_all(machine.map("nodeAnnotations"), n.facts.annotations);
  if (!n.control_plane()) return;
  for (const model::Taint* taint : n.facts.taints) {
    const std::string value = taint->value->empty() ? std::string(*taint->effect)
                                                    : fmt::format("{}:{}", *taint->value, *taint->effect);
    machine.map("nodeTaints").set(*taint->key, value, taint->at);
  }
}

}  // namespace

model::Opt<std::string> install_disk(const Node& n) {
  if (n.facts.install) return {true, std::string(*n.facts.install), n.facts.install.at};
  const model::Vm* vm = n.lab.as<model::Vm>(n.node.machine);
  if (vm == nullptr || vm->disk.empty()) return {};
  const model::VmDisk& first = vm->disk.front();
  return {true, *first.bus == "virtio" ? "/dev/vda" : "/dev/sda", first.at};
}

void add_machine(const Node& n, Map config) {
  Map machine = config.map("machine", n.node.at);
  machine.set("type", n.control_plane() ? "controlplane" : "worker", n.node.at);
  List sans = machine.list("certSANs");
  if (n.node.ip) sans.add(n.node.ip->format(), n.node.ip.at);
  if (n.control_plane()) {
    if (n.cluster.vip) sans.add(n.cluster.vip->format(), n.cluster.vip.at);
    add_all(sans, n.cluster.names);
  }
  add_kubelet(n, machine);
  add_install(n, machine);
  if (!n.facts.sysctls.empty()) set_all(machine.map("sysctls"), n.facts.sysctls);
  add_features(n, machine);
  for (const auto& module : n.facts.modules) {
    machine.map("kernel").list("modules").map(module.at).set("name", *module, module.at);
  }
  add_node_metadata(n, machine);
}

}  // namespace lab::lower::talos
