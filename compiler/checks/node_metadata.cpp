// LAB0527: a worker may give itself the labels it has. LAB0528: labels, annotations and taints of nodes have
// the form that Kubernetes wants.
#include <algorithm>
#include <array>

#include "compiler/checks/fixes.h"
#include "compiler/checks/rules.h"
#include "compiler/types/text.h"

namespace lab::checks {

namespace {

bool in_domain(std::string_view prefix, std::string_view domain) {
  return prefix == domain || (prefix.ends_with(domain) && prefix[prefix.size() - domain.size() - 1] == '.');
}

/// Admission plugin NodeRestriction (kubernetes plugin/pkg/admission/noderestriction, and
/// k8s.io/kubelet/pkg/apis well_known_labels.go, IsKubeletLabel): below kubernetes.io and k8s.io a kubelet
/// sets these labels alone.
bool kubelet_may_set(std::string_view key) {
  const std::size_t slash = key.find('/');
  if (slash == std::string_view::npos) return true;
  const std::string_view prefix = key.substr(0, slash);
  if (in_domain(prefix, "node-restriction.kubernetes.io")) return false;
  if (!in_domain(prefix, "kubernetes.io") && !in_domain(prefix, "k8s.io")) return true;
  if (in_domain(prefix, "kubelet.kubernetes.io") || in_domain(prefix, "node.kubernetes.io")) return true;
  static constexpr std::array<std::string_view, 10> known = {"kubernetes.io/hostname",
                                                             "kubernetes.io/arch",
                                                             "kubernetes.io/os",
                                                             "beta.kubernetes.io/arch",
                                                             "beta.kubernetes.io/os",
                                                             "beta.kubernetes.io/instance-type",
                                                             "topology.kubernetes.io/region",
                                                             "topology.kubernetes.io/zone",
                                                             "failure-domain.beta.kubernetes.io/region",
                                                             "failure-domain.beta.kubernetes.io/zone"};
  return std::find(known.begin(), known.end(), key) != known.end();
}

void form(const types::Check& check, model::Origin at, std::string_view what, const model::Node& node,
          Context& context) {
  if (!check) return;
  Diagnostic& d =
      context.report(make(Code::node_metadata_form, context.span(at), std::string(what),
                          "Kubernetes refuses {} of node `{}`: {}", what, node.name, check->reason));
  if (!check->suggestion.empty())
    d.help({fmt::format("write `{}`", check->suggestion), Applicability::maybe, {}});
}

void labels(const model::Node& node, const model::NodeGroup& group, bool talos, Context& context) {
  for (const auto& label : group.labels) {
    form(types::check_label_key(label.name), label.at, "the key of a label", node, context);
    form(types::check_label_value(label.value), label.at, "the value of a label", node, context);
    if (!talos || node.control_plane || kubelet_may_set(label.name)) continue;
    context
        .report(make(Code::node_label_refused, context.span(label.at), "a worker cannot set this",
                     "the API server refuses label `{}` from worker `{}`", label.name, node.name))
        .note(
            "a worker sets its labels itself, and NodeRestriction keeps those below kubernetes.io and k8s.io "
            "from it")
        .help({"take a domain of your own, or `node.kubernetes.io/…`", Applicability::maybe, {}});
  }
}

}  // namespace

void node_metadata(const model::Lab& lab, Context& context) {
  for (const model::Node& node : lab.nodes) {
    const bool talos = lab.get(node.cluster).distribution.talos.set;
    for (const model::NodeGroup& group : node.groups) {
      labels(node, group, talos, context);
      for (const auto& annotation : group.annotations)
        form(types::check_label_key(annotation.name), annotation.at, "the key of an annotation", node,
             context);
      for (const model::Taint& taint : group.taints) {
        form(types::check_label_key(*taint.key), taint.key.at, "the key of a taint", node, context);
        form(types::check_label_value(*taint.value), taint.value.at, "the value of a taint", node, context);
      }
    }
  }
}

}  // namespace lab::checks
