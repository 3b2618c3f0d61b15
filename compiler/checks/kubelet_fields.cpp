// LAB0530: Talos decides about some fields of a kubelet's configuration file itself.
#include <algorithm>
#include <array>

#include "compiler/checks/rules.h"
#include "compiler/document/document.h"

namespace lab::checks {

namespace {

/// siderolabs/talos pkg/machinery kubelet/kubelet.go, ProtectedConfigurationFields.
constexpr std::array<std::string_view, 13> own_fields = {
    "apiVersion",     "authentication", "authorization",         "cgroupRoot", "kind",
    "kubeletCgroups", "port",           "protectKernelDefaults", "resolvConf", "rotateCertificates",
    "systemCgroups",  "staticPodPath",  "seccompDefault"};

}  // namespace

void kubelet_fields(const model::Lab& lab, Context& context) {
  for (const model::Node& node : lab.nodes) {
    if (!lab.get(node.cluster).distribution.talos) continue;
    for (const model::NodeGroup& group : node.groups) {
      const model::Data config = *group.kubelet.config;
      for (const auto* field = config == nullptr ? nullptr : config->child(); field != nullptr;
           field = field->next) {
        if (std::find(own_fields.begin(), own_fields.end(), field->key()) == own_fields.end()) continue;
        context
            .report(make(Code::kubelet_field, context.span(field->origin), "set by Talos",
                         "Talos sets `{}` of a kubelet's configuration itself", field->key()))
            .note("a machine configuration that sets it is refused; leave it out");
      }
    }
  }
}

}  // namespace lab::checks
