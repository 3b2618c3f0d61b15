// LAB0322: the guest agent of a node's VM is there exactly when the image has its extension. LAB0323: the
// image of a node follows from its cluster.
#include "compiler/checks/fixes.h"
#include "compiler/checks/rules.h"

namespace lab::checks {

namespace {

constexpr std::string_view extension = "qemu-guest-agent";

/// Where the extension is given to a node; 0 when it is not.
model::Origin extension_of(const model::Distribution::Talos& talos, const model::Node& node) {
  for (const auto& e : talos.extensions)
    if (*e == extension) return e.at;
  for (const model::NodeGroup& group : node.groups)
    for (const auto& e : group.extensions)
      if (*e == extension) return e.at;
  return 0;
}

void agent(const model::Vm& vm, const model::Cluster& cluster, model::Origin given, Context& context) {
  if (!vm.agent || *vm.agent == (given != 0)) return;
  const bool says = *vm.agent;
  Diagnostic& d =
      says ? context.report(make(Code::agent_disagrees, context.span(vm.agent.at), "waits for an agent",
                                 "vm `{}` expects a guest agent that its image has not", vm.name))
           : context.report(make(Code::agent_disagrees, context.span(vm.agent.at), "says there is none",
                                 "the image of vm `{}` has a guest agent that the vm denies", vm.name));
  if (given != 0)
    context.label(d, given, "its extension is in the image");
  else
    context.label(d, cluster.distribution.at,
                  fmt::format("cluster `{}` has no extension `{}`", cluster.name, extension));
  offer_text(context, d, vm.agent.at, says ? "true" : "false", says ? "false" : "true", Applicability::maybe);
}

}  // namespace

void node_images(const model::Lab& lab, Context& context) {
  for (const model::Node& node : lab.nodes) {
    const model::Vm* vm = lab.as<model::Vm>(node.machine);
    const model::Cluster* cluster = lab.find(node.cluster);
    if (vm == nullptr || cluster == nullptr || !cluster->distribution.talos) continue;
    agent(*vm, *cluster, extension_of(*cluster->distribution.talos, node), context);
    if (!vm->boot_image) continue;
    Diagnostic& d =
        context.report(make(Code::node_boot_image, context.span(vm->boot_image.at), "a second statement",
                            "the image of vm `{}` follows from cluster `{}`", vm->name, cluster->name));
    context.label(d, node.at, fmt::format("vm `{}` is a node of cluster `{}`", vm->name, cluster->name));
    d.help({"leave `boot-image` out", Applicability::maybe, {}});
  }
}

}  // namespace lab::checks
