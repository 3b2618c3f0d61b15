// Applications of Argo CD (argoproj.io/v1alpha1, 3.x).
#pragma once
#include "compiler/lower/gitops/units.h"

namespace lab::lower::gitops {

void lower_argocd(const model::Lab& lab, document::Arena& arena, Bundle& bundle,
                  const std::vector<Unit>& units);

}  // namespace lab::lower::gitops
