#include "compiler/lower/lower.h"

#include <array>

#include "compiler/lower/gitops/gitops.h"
#include "compiler/lower/kubernetes/kubernetes.h"
#include "compiler/lower/plan/plan.h"
#include "compiler/lower/talos/talos.h"

namespace lab::lower {

namespace {

constexpr std::array all = {
    Backend{"talos", talos::lower}, Backend{"kubernetes", kubernetes::lower},
    Backend{"gitops", gitops::lower},  // after all that write below kubernetes/
    Backend{"plan", plan::lower},      // after all that write what a step reads
};

}  // namespace

std::span<const Backend> backends() {
  return all;
}

Bundle lower(const model::Lab& lab, diagnostics::Sink& sink, const Options& options) {
  Bundle bundle;
  for (const Backend& backend : all) backend.lower(lab, bundle.arena(), bundle, sink, options);
  return bundle;
}

}  // namespace lab::lower
