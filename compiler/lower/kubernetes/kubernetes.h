// Kubernetes manifests: everything that runs in a cluster and what it needs there.
#pragma once
#include "compiler/lower/lower.h"

namespace lab::lower::kubernetes {

void lower(const model::Lab& lab, document::Arena& arena, Bundle& bundle, diagnostics::Sink& sink,
           const Options& options);

}  // namespace lab::lower::kubernetes
