// LAB0328: what the lab needs, no `deny` forbids.
#include <set>

#include "compiler/checks/rules.h"
#include "compiler/flows/world.h"

namespace lab::checks {

namespace {

/// Flows that somebody declared; those of the cluster itself and of `allow` give way to a `deny`.
bool is_needed(flows::Reason reason) {
  return reason != flows::Reason::dns && reason != flows::Reason::allowed && reason != flows::Reason::denied;
}

bool forbids(const flows::Flow& deny, const flows::Flow& flow) {
  return flows::covers(deny.from, flow.from) && flows::covers(deny.to, flow.to) &&
         flows::PortSet::of(deny.ports).overlaps(flows::PortSet::of(flow.ports));
}

}  // namespace

void denied_flows(const model::Lab& lab, Context& context) {
  if (lab.denies.empty() || lab.settings.empty()) return;
  const flows::World world(lab);
  std::set<std::pair<Origin, Origin>> seen;
  for (const flows::Flow& deny : world.flows) {
    if (!deny.deny()) continue;
    for (const flows::Flow& flow : world.flows) {
      if (!is_needed(flow.reason) || !forbids(deny, flow) || !seen.emplace(flow.at, deny.at).second) continue;
      Diagnostic& d = context.report(make(Code::call_denied, context.span(flow.at), "needs this flow",
                                          "`{}` forbids what the lab needs: {}", deny.what, flow.what));
      context.label(d, deny.at, "forbids it");
      d.note("`deny` beats everything: narrow it, or take the flow away");
    }
  }
}

}  // namespace lab::checks
