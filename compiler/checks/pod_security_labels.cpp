// LAB0324: a namespace does not carry pod security labels of its own: they follow from its workloads, and a
// misspelt one (`podsecurity.kubernetes.io/enforce`) would mean nothing.
#include <array>

#include "compiler/checks/rules.h"
#include "compiler/diagnostics/nearest.h"

namespace lab::checks {

namespace {

constexpr std::string_view group = "pod-security.kubernetes.io";
constexpr std::array<std::string_view, 6> modes = {"enforce", "enforce-version", "audit", "audit-version",
                                                   "warn",    "warn-version"};

bool is_mode(std::string_view name) {
  const std::array<std::string_view, 1> wanted = {name};
  for (const std::string_view mode : modes)
    if (diagnostics::nearest(mode, wanted)) return true;
  return false;
}

}  // namespace

void pod_security_labels(const model::Lab& lab, Context& context) {
  for (const model::Namespace& ns : lab.namespaces)
    for (const auto& label : ns.labels) {
      const std::size_t slash = label.name.find('/');
      if (slash == std::string_view::npos || !is_mode(label.name.substr(slash + 1))) continue;
      const std::string_view prefix = label.name.substr(0, slash);
      if (diagnostics::distance(prefix, group) > 3) continue;
      const bool right = prefix == group;
      Diagnostic& d = right ? context.report(make(Code::pod_security_label, context.span(label.at),
                                                  "follows from `pod-security`",
                                                  "namespace `{}` sets `{}` by hand", ns.name, label.name))
                            : context.report(make(
                                  Code::pod_security_label, context.span(label.at), "nobody reads this label",
                                  "namespace `{}` has the unknown label `{}`", ns.name, label.name));
      if (!right) d.note(fmt::format("labels of pod security begin with `{}/`", group));
      d.help({fmt::format("write `pod-security = {}` in the namespace instead", label.value),
              Applicability::maybe,
              {}});
    }
}

}  // namespace lab::checks
