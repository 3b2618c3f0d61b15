// LAB0520: the generation of a Talos configuration is one that labc writes and that the Talos release reads.
// LAB0521: a Talos cluster says a version of Kubernetes that this Talos runs.
#include <algorithm>
#include <array>

#include "compiler/checks/fixes.h"
#include "compiler/checks/rules.h"
#include "compiler/types/version.h"

namespace lab::checks {

namespace {

using types::Version;
using Talos = model::Distribution::Talos;

/// Generations of the machine configuration that are written, as minor versions of Talos 1.
constexpr std::uint32_t oldest_generation = 12;
constexpr std::uint32_t newest_generation = 13;

/// Minor versions of Kubernetes 1 that a minor version of Talos 1 runs (siderolabs/talos pkg/machinery
/// compatibility/talos112 … talos114, of August 2026).
struct Runs {
  std::uint32_t talos, oldest, newest;
};
constexpr auto runs = std::to_array<Runs>({{12, 30, 35}, {13, 31, 36}, {14, 32, 37}});

void generation(const Talos& talos, const Version& version, Context& context) {
  const auto contract = talos.contract ? Version::parse(*talos.contract) : types::Result<Version>(version);
  if (!contract) return;
  const bool written = contract->major() == 1 && contract->minor() >= oldest_generation &&
                       contract->minor() <= newest_generation;
  const bool read = version.major() == contract->major() && version.minor() >= contract->minor();
  if (written && read) return;
  const model::Origin at = talos.contract ? talos.contract.at : talos.version.at;
  Diagnostic& d = context.report(written ? make(Code::talos_contract, context.span(at), "a later generation",
                                                "Talos {} does not read a configuration of generation {}.{}",
                                                *talos.version, contract->major(), contract->minor())
                                         : make(Code::talos_contract, context.span(at), "another generation",
                                                "no machine configuration of generation {}.{} can be written",
                                                contract->major(), contract->minor()));
  if (written) context.label(d, talos.version.at, "the Talos that has to read it");
  d.note("labc writes generations 1.12 and 1.13; a newer Talos reads both");
  if (!written && version.major() == 1 && version.minor() > newest_generation)
    d.help({"write `contract = 1.13` for a cluster that is made now, or the generation it was made with",
            Applicability::maybe,
            {}});
}

void kubernetes(const model::Cluster& cluster, const Version& talos, Context& context) {
  if (!cluster.kubernetes) {
    context
        .report(make(Code::talos_kubernetes, context.span(cluster.at), "without `kubernetes`",
                     "cluster `{}` does not say which version of Kubernetes it runs", cluster.name))
        .note("Talos runs the Kubernetes it is told to: `kubernetes = v1.35.1`");
    return;
  }
  const auto version = Version::parse(*cluster.kubernetes);
  const auto known = std::find_if(runs.begin(), runs.end(), [&](const Runs& r) {
    return talos.major() == 1 && r.talos == talos.minor();
  });
  if (!version || known == runs.end()) return;
  if (version->major() == 1 && version->minor() >= known->oldest && version->minor() <= known->newest) return;
  Diagnostic& d = context.report(make(Code::talos_kubernetes, context.span(cluster.kubernetes.at),
                                      fmt::format("not of 1.{} to 1.{}", known->oldest, known->newest),
                                      "Talos {} does not run Kubernetes {}",
                                      *cluster.distribution.talos->version, *cluster.kubernetes));
  context.label(
      d, cluster.distribution.talos->version.at,
      fmt::format("Talos 1.{} runs Kubernetes 1.{} to 1.{}", known->talos, known->oldest, known->newest));
  d.note("the table is of August 2026");
}

}  // namespace

void talos_versions(const model::Lab& lab, Context& context) {
  for (const model::Cluster& cluster : lab.clusters) {
    const auto& talos = cluster.distribution.talos;
    if (!talos) continue;
    const auto version = Version::parse(*talos->version);
    if (!version) continue;
    generation(*talos, *version, context);
    kubernetes(cluster, *version, context);
  }
}

}  // namespace lab::checks
