#include "compiler/lower/lower.h"

#include <array>

#include "compiler/diagnostics/diagnostic.h"
#include "compiler/lower/cilium/cilium.h"
#include "compiler/lower/gitops/gitops.h"
#include "compiler/lower/kubernetes/kubernetes.h"
#include "compiler/lower/plan/plan.h"
#include "compiler/lower/talos/talos.h"

namespace lab::lower {

namespace {

constexpr std::array all = {
    Backend{"talos", talos::lower}, Backend{"kubernetes", kubernetes::lower},
    Backend{"cilium", cilium::lower},
    Backend{"gitops", gitops::lower},  // after all that write below kubernetes/
    Backend{"plan", plan::lower},      // after all that write what a step reads
};

/// A secret in a file that is not encrypted: `raw`, a manifest, values of a chart.
void refuse_secrets(const Bundle& bundle, diagnostics::Sink& sink, const Options& options) {
  using namespace diagnostics;
  for (const document::Artifact& artifact : bundle.artifacts) {
    if (artifact.format == document::Format::sops) continue;
    for (const document::Node* node : artifact.documents) {
      const document::Node* secret = document::find_secret(*node);
      if (secret == nullptr) continue;
      Diagnostic d = make(Code::secret_flow, options.locate(secret->origin), "a secret",
                          "a secret would stand in {}, which is not encrypted", artifact.path);
      d.note("a program reads a secret from a Kubernetes Secret: as a variable, a file, or by the Secret's name");
      sink.report(std::move(d));
    }
  }
}

}  // namespace

std::span<const Backend> backends() {
  return all;
}

Bundle lower(const model::Lab& lab, diagnostics::Sink& sink, const Options& options) {
  Bundle bundle;
  for (const Backend& backend : all) backend.lower(lab, bundle.arena(), bundle, sink, options);
  refuse_secrets(bundle, sink, options);
  return bundle;
}

}  // namespace lab::lower
