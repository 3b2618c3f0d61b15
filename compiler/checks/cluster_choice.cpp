// LAB0315: what lives in a namespace has a cluster to live in, and one only.
#include "compiler/checks/fixes.h"
#include "compiler/checks/rules.h"

namespace lab::checks {

void cluster_choice(const model::Lab& lab, Context& context) {
  if (lab.clusters.size() == 1) return;
  std::vector<std::string_view> names;
  for (const model::Cluster& c : lab.clusters) names.push_back(c.name);
  for (const model::Namespace& ns : lab.namespaces) {
    if (ns.in || context.editable_text(ns.at).empty()) continue;  // `kube-system` is in every cluster
    Diagnostic& d =
        names.empty() ? context.report(make(Code::cluster_unclear, context.span(ns.at), "in no cluster",
                                            "namespace `{}` needs a cluster, and the lab has none", ns.name))
                      : context.report(make(Code::cluster_unclear, context.span(ns.at), "in which cluster",
                                            "namespace `{}` does not say in which cluster it is", ns.name));
    if (!names.empty())
      d.help({fmt::format("write `namespace {} in …` with one of {}", ns.name, list_of(names)),
              Applicability::placeholders,
              {}});
  }
}

}  // namespace lab::checks
