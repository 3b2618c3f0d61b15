// Cilium's network policies, as compiler/flows derives them: one file an app or chart beside its manifests,
// those of the whole cluster in two folders of their own.
#pragma once
#include "compiler/lower/lower.h"

namespace lab::lower::cilium {

void lower(const model::Lab& lab, document::Arena& arena, Bundle& bundle, diagnostics::Sink& sink,
           const Options& options);

}  // namespace lab::lower::cilium
