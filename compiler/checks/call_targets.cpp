// LAB0306: what a workload calls has a port.
#include <algorithm>

#include "compiler/checks/fixes.h"
#include "compiler/checks/rules.h"

namespace lab::checks {

namespace {

bool listens(const model::Lab& lab, const model::AnyRef& ref) {
  if (const auto* app = lab.as<model::App>(ref)) return !app->port.empty();
  if (const auto* job = lab.as<model::Job>(ref)) return !job->port.empty();
  if (const auto* cron = lab.as<model::Cron>(ref)) return !cron->port.empty();
  if (const auto* helm = lab.as<model::Helm>(ref))
    return std::any_of(helm->workload.begin(), helm->workload.end(),
                       [](const model::HelmWorkload& w) { return !w.port.empty(); });
  if (const auto* device = lab.as<model::Device>(ref)) return !device->port.empty();
  if (const auto* nas = lab.as<model::Nas>(ref)) return !nas->port.empty() || !nas->export_.empty();
  if (ref.kind == model::HelmWorkload::schema) {
    const auto* helm = lab.owner<model::Helm>(ref);
    return helm == nullptr || std::any_of(helm->workload.begin(), helm->workload.end(), [&](const auto& w) {
             return w.name == ref.block && !w.port.empty();
           });
  }
  return true;
}

void calls(const model::Lab& lab, const std::vector<model::Endpoint>& targets, std::string_view kind,
           std::string_view name, Context& context) {
  for (const model::Endpoint& e : targets) {
    if (!e.ref.valid() || listens(lab, e.ref)) continue;
    const model::Named* target = lab.named(e.ref);
    if (target == nullptr) continue;
    Diagnostic& d = context.report(make(Code::call_without_port, context.span(e.at), "nothing listens there",
                                        "{} `{}` calls {} `{}`, which has no port", kind, name,
                                        e.ref.store_kind(), target->name));
    context.label(d, target->at, fmt::format("{} `{}` declares no port", e.ref.store_kind(), target->name));
    d.help({"declare the port that is called, such as `port http = 8080`", Applicability::placeholders, {}});
  }
}

}  // namespace

void call_targets(const model::Lab& lab, Context& context) {
  for (const model::App& app : lab.apps) calls(lab, app.calls, model::App::kind, app.name, context);
  for (const model::Job& job : lab.jobs) calls(lab, job.calls, model::Job::kind, job.name, context);
  for (const model::Cron& cron : lab.crons) calls(lab, cron.calls, model::Cron::kind, cron.name, context);
  for (const model::Helm& helm : lab.helms)
    for (const model::HelmWorkload& w : helm.workload)
      calls(lab, w.calls, model::Helm::kind, helm.name, context);
}

}  // namespace lab::checks
