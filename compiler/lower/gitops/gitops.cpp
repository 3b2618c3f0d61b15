#include "compiler/lower/gitops/gitops.h"

#include "compiler/diagnostics/diagnostic.h"
#include "compiler/lower/gitops/argocd.h"
#include "compiler/lower/gitops/units.h"

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

}  // namespace

void lower(const model::Lab& lab, document::Arena& arena, Bundle& bundle, diagnostics::Sink& sink,
           const Options& options) {
  const std::vector<Unit> units = units_of(lab, arena, bundle, sink, options);
  add_kustomizations(arena, bundle);
  if (lab.lab().gitops.argocd)
    lower_argocd(lab, arena, bundle, units);
  else
    check_charts(lab, sink, options);
}

}  // namespace lab::lower::gitops
