#include "compiler/lower/gitops/gitops.h"

#include <fmt/format.h>

#include "compiler/diagnostics/diagnostic.h"
#include "compiler/lower/gitops/argocd.h"
#include "compiler/lower/gitops/units.h"
#include "compiler/lower/secret_leaf.h"

namespace lab::lower::gitops {

namespace {

/// Charts are installed by a controller; without one they would silently be missing.
void check_charts(const model::Lab& lab, diagnostics::Sink& sink, const Options& options) {
  using namespace diagnostics;
  for (const model::Helm& helm : lab.helms) {
    Diagnostic d = make(Code::chart_without_gitops, options.locate(helm.at), "a chart",
                        "nobody installs the chart of `{}`", helm.name);
    d.note("write `gitops = argocd { repo = \"…\" }` in `lab`");
    sink.report(std::move(d));
  }
}

/// The identity with which the controller decrypts: applied once, before it, by whoever sets the cluster up.
void add_controller_key(const model::Lab& lab, document::Arena& arena, Bundle& bundle) {
  if (!lab.lab().secrets.sops || !lab.lab().gitops.argocd) return;
  for (const model::Helm& helm : lab.helms) {
    if (chart_name(*helm.chart) != "argo-cd") continue;
    const model::Cluster* cluster =
        lab.find(helm.in->valid() ? lab.cluster_of(*helm.in) : lab.only_cluster());
    if (cluster == nullptr) continue;
    document::Map root = arena.map(helm.at);
    root.set("apiVersion", "v1").set("kind", "Secret");
    document::Map metadata = root.map("metadata");
    metadata.set("name", *lab.lab().secrets.sops->key, lab.lab().secrets.sops->key.at);
    metadata.set("namespace", model::object_name(lab.get(*helm.in).name));
    root.set("type", "Opaque");
    const std::string handle = cluster_identity(*cluster) + "/identity";
    const document::SecretPiece piece{{}, handle, '\0'};
    root.map("stringData").set("keys.txt", arena.secret({&piece, 1}));
    document::Sealing sealing = operator_sealing(lab);
    sealing.encrypted_regex = kubernetes_values;
    bundle.add_sealed(fmt::format("bootstrap/{}/{}.sops.yaml", cluster->name, *lab.lab().secrets.sops->key),
                      "gitops.controller-key", {root}, std::move(sealing));
  }
}

}  // namespace

void lower(const model::Lab& lab, document::Arena& arena, Bundle& bundle, diagnostics::Sink& sink,
           const Options& options) {
  const std::vector<Unit> units = units_of(lab, arena, bundle, sink, options);
  add_kustomizations(arena, bundle);
  if (lab.lab().gitops.argocd)
    lower_argocd(lab, arena, bundle, units);
  else
    check_charts(lab, sink, options);
  add_controller_key(lab, arena, bundle);
}

}  // namespace lab::lower::gitops
