// LAB0522: the flannel that Talos brings forwards by VXLAN; its configuration has no place for another way.
#include "compiler/checks/fixes.h"
#include "compiler/checks/rules.h"

namespace lab::checks {

void talos_flannel(const model::Lab& lab, Context& context) {
  for (const model::Cluster& cluster : lab.clusters) {
    const auto& flannel = cluster.cni.flannel;
    if (!cluster.distribution.talos || !flannel || *flannel->backend == "vxlan") continue;
    Diagnostic& d = context.report(make(Code::talos_flannel, context.span(flannel->backend.at), "not VXLAN",
                                        "Talos cannot run flannel with backend `{}`", *flannel->backend));
    d.note("cilium has `routing = native` and `encryption = wireguard`");
    offer_text(context, d, flannel->backend.at, *flannel->backend, "vxlan", Applicability::maybe);
  }
}

}  // namespace lab::checks
