#include "compiler/lower/kubernetes/kubernetes.h"

#include "compiler/lower/kubernetes/rules.h"

namespace lab::lower::kubernetes {

void lower(const model::Lab& lab, document::Arena& arena, Bundle& bundle, diagnostics::Sink& sink,
           const Options& options) {
  if (lab.clusters.empty()) return;
  Context context(lab, arena, bundle, sink, options);
  lower_workloads(context);
  lower_manifests(context);
  lower_chart_doors(context);
  lower_exposes(context);
  lower_gateways(context);
  lower_issuers(context);
  lower_certificates(context);
  lower_announcements(context);
  lower_storage_classes(context);
  lower_volumes(context);
  lower_namespaces(context);
  lower_secrets(context);
}

}  // namespace lab::lower::kubernetes
