// Namespaces with the level of Pod Security that they enforce: the lowest that all their pods satisfy.
#include "compiler/diagnostics/diagnostic.h"
#include "compiler/lower/kubernetes/rules.h"

namespace lab::lower::kubernetes {

namespace {

constexpr std::string_view rule_name = "kubernetes.namespace";

std::string_view word(Level level) {
  return level == Level::privileged ? "privileged" : level == Level::baseline ? "baseline" : "restricted";
}
Level level_named(std::string_view name) {
  return name == "privileged" ? Level::privileged : name == "baseline" ? Level::baseline : Level::restricted;
}

/// A declared level that some pod does not satisfy: the API server would refuse the pod.
void check_level(Context& context, const model::Namespace& ns, const NamespaceFacts& facts) {
  if (!ns.pod_security || level_named(*ns.pod_security) >= facts.level) return;
  using namespace diagnostics;
  Diagnostic d = make(Code::pod_security_too_strict, context.span(ns.pod_security.at),
                      fmt::format("needs `{}`", word(facts.level)),
                      "namespace `{}` enforces `{}`, which `{}` does not satisfy", ns.name, *ns.pod_security,
                      facts.raised_name);
  if (const source::Span span = context.span(facts.raised_by); span.valid())
    d.at(span, fmt::format("its pods need `{}`", word(facts.level)));
  context.sink.report(std::move(d));
}

void put_quota(Context& context, const model::Quota& quota, Text ns, Origin at, Folder& folder) {
  Object out = object(context, "v1", "ResourceQuota", ns, ns);
  out.metadata.origin(at);
  Map hard = out.spec().map("hard");
  if (quota.cpu) hard.set("requests.cpu", quota.cpu->to_kubernetes(), quota.cpu.at);
  if (quota.memory) hard.set("requests.memory", quota.memory->to_kubernetes(), quota.memory.at);
  if (quota.pods) hard.set("pods", *quota.pods, quota.pods.at);
  if (quota.storage) hard.set("requests.storage", quota.storage->to_kubernetes(), quota.storage.at);
  folder.add("resource-quota", rule_name, out.root);
}

}  // namespace

void lower_namespaces(Context& context) {
  for (std::size_t i = 0; i < context.lab.namespaces.size(); ++i) {
    const model::Namespace& ns = context.lab.namespaces[i];
    const NamespaceFacts& facts = context.namespaces[i];
    check_level(context, ns, facts);
    Object out = object(context, "v1", "Namespace", facts.name, {});
    Map labels = out.metadata.map("labels");
    labels.set("app.kubernetes.io/part-of", context.part_of);
    labels.set("app.kubernetes.io/managed-by", "lab");
    labels.set("pod-security.kubernetes.io/enforce",
               ns.pod_security ? Text(*ns.pod_security) : word(facts.level),
               ns.pod_security ? ns.pod_security.at : facts.raised_by);
    for (const auto& label : ns.labels) labels.set(label.name, label.value, label.at);
    // Removing a namespace would take all data in it along: that stays a person's act.
    out.metadata.map("annotations").set("argocd.argoproj.io/sync-options", "Prune=false,Delete=false");
    put_entries(out.metadata, "annotations", ns.annotations);
    Folder folder(context, facts.name, {}, ns.at);
    folder.add("namespace", rule_name, out.root);
    if (ns.quota) put_quota(context, *ns.quota, facts.name, ns.quota.at, folder);
  }
}

}  // namespace lab::lower::kubernetes
