// Apps, jobs and cron jobs: the controller's object and what stands beside it in one folder.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/lower/hash.h"
#include "compiler/lower/kubernetes/pod.h"
#include "compiler/lower/kubernetes/pod_security.h"
#include "compiler/lower/kubernetes/rules.h"
#include "compiler/lower/secret_names.h"

namespace lab::lower::kubernetes {

namespace {

constexpr std::size_t hash_digits = 16;

/// The ConfigMap of the public files. Its hash, in an annotation of the pods, restarts them on a change.
void put_config(Context& context, Unit& unit, Folder& folder) {
  Object config = object(context, "v1", "ConfigMap", unit.name, unit.ns_name);
  Map data = context.arena.map();
  std::string bytes;
  for (const model::AppFile& file : unit.workload.file) {
    if (file.text->secret != nullptr) continue;
    const std::string key = file_key(unit.workload, file);
    data.set(key, file.text->text, file.text.at);
    bytes.append(key).push_back('\0');
    bytes.append(file.text->text).push_back('\0');
  }
  if (data.empty()) return;
  put_labels(context, unit, config.metadata);
  config.root.set("data", data);
  unit.hash = sha256_hex(bytes).substr(0, hash_digits);
  folder.add("config-map", "kubernetes.config-map", config.root, unit.raw());
}

void put_claim_spec(Context& context, const model::Mount& mount, Map spec) {
  const model::MountSource::Claim& claim = *mount.from.claim;
  spec.list("accessModes").add(*claim.access == "many" ? "ReadWriteMany" : "ReadWriteOnce", claim.access.at);
  if (const model::StorageClass* storage = claim.class_ ? context.lab.find(*claim.class_) : nullptr)
    spec.set("storageClassName", context.object(storage->name), claim.class_.at);
  else
    spec.set_nonempty("storageClassName", context.default_class, claim.at);
  spec.map("resources").map("requests").set("storage", claim.size->to_kubernetes(), claim.size.at);
}

template <class Visit>
void each_claim(const model::Workload& w, Visit visit) {
  for (const model::Mount& mount : w.mount)
    if (mount.from.claim) visit(mount);
  for (const auto* containers : {&w.init, &w.sidecar})
    for (const model::Container& c : *containers)
      for (const model::Mount& mount : c.mount)
        if (mount.from.claim) visit(mount);
}

void put_claims(Context& context, const Unit& unit, Folder& folder) {
  if (unit.stateful()) return;
  std::vector<std::string> seen;
  each_claim(unit.workload, [&](const model::Mount& mount) {
    std::string name = claim_name(unit.name, mount);
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) return;
    Object claim = object(context, "v1", "PersistentVolumeClaim", name, unit.ns_name);
    claim.metadata.origin(mount.at);
    put_labels(context, unit, claim.metadata);
    put_claim_spec(context, mount, claim.spec());
    std::string stem = "claim-" + label_of(mount.name);
    folder.add(stem, "kubernetes.claim", claim.root);
    seen.push_back(std::move(name));
  });
}

void put_claim_templates(Context& context, const Unit& unit, Map spec) {
  List templates = context.arena.list();
  each_claim(unit.workload, [&](const model::Mount& mount) {
    Map claim = templates.map(mount.at);
    claim.map("metadata").set("name", label_of(mount.name), mount.at);
    put_claim_spec(context, mount, claim.map("spec"));
  });
  if (!templates.empty()) spec.set("volumeClaimTemplates", templates);
}

/// A pod that holds an exclusive volume must be gone before its successor can mount it.
bool recreates(const model::App& app) {
  return app.update ? *app.update == "recreate" : holds_exclusive_claim(app);
}

void put_app(Context& context, Unit& unit, Folder& folder) {
  const model::App& app = *unit.app;
  const std::string_view kind = unit.daemon() ? "DaemonSet" : unit.stateful() ? "StatefulSet" : "Deployment";
  Object out = object(context, "apps/v1", kind, unit.name, unit.ns_name);
  put_labels(context, unit, out.metadata);
  Map spec = out.spec();
  if (!unit.daemon() && !app.replicas.autoscale) spec.set("replicas", unit.replicas(), app.replicas.at);
  if (kind == "Deployment" && recreates(app))
    spec.map("strategy", app.update.at).set("type", "Recreate", app.update.at);
  if (unit.stateful()) spec.set("serviceName", fmt::format("{}-pods", unit.name));
  put_selector(unit, spec.map("selector").map("matchLabels"));
  Map pod_template = spec.map("template");
  put_pod(context, unit, pod_template);
  if (unit.stateful()) put_claim_templates(context, unit, spec);
  const std::string_view stem = unit.daemon()     ? "daemon-set"
                                : unit.stateful() ? "stateful-set"
                                                  : "deployment";
  folder.add(stem, "kubernetes.workload", out.root, unit.raw());
  judge_pod(context, unit.ns, *pod_template.find("spec"), app.at, app.name);
}

void put_job_spec(Context& context, Unit& unit, std::int64_t retries, Origin retries_at,
                  const model::Prop<model::Duration>& deadline, Map spec) {
  spec.set("backoffLimit", retries, retries_at);
  spec.set("activeDeadlineSeconds", deadline->to_seconds(), deadline.at);
  put_pod(context, unit, spec.map("template"));
}

void put_job(Context& context, Unit& unit, const model::Job& job, Folder& folder) {
  Object out = object(context, "batch/v1", "Job", unit.name, unit.ns_name);
  put_labels(context, unit, out.metadata);
  if (context.lab.lab().gitops.argocd) {
    // A Job cannot be changed: a changed one takes the place of the old one.
    Map annotations = out.metadata.map("annotations");
    annotations.set("argocd.argoproj.io/hook", "Sync");
    annotations.set("argocd.argoproj.io/hook-delete-policy", "BeforeHookCreation");
  }
  put_job_spec(context, unit, *job.retries, job.retries.at, job.deadline, out.spec());
  folder.add("job", "kubernetes.workload", out.root, unit.raw());
  judge_pod(context, unit.ns, *out.root.node()->find_path({"spec", "template", "spec"}), job.at, job.name);
}

void put_cron(Context& context, Unit& unit, const model::Cron& cron, Folder& folder) {
  Object out = object(context, "batch/v1", "CronJob", unit.name, unit.ns_name);
  put_labels(context, unit, out.metadata);
  Map spec = out.spec();
  spec.set("schedule", *cron.schedule, cron.schedule.at);
  spec.set("timeZone", *context.lab.lab().timezone, context.lab.lab().timezone.at);
  const std::string_view overlap = *cron.overlap == "allow-both"     ? "Allow"
                                   : *cron.overlap == "replace-last" ? "Replace"
                                                                     : "Forbid";
  spec.set("concurrencyPolicy", overlap, cron.overlap.at);
  spec.set("successfulJobsHistoryLimit", *cron.keep, cron.keep.at);
  spec.set("failedJobsHistoryLimit", *cron.keep, cron.keep.at);
  put_job_spec(context, unit, *cron.retries, cron.retries.at, cron.deadline,
               spec.map("jobTemplate").map("spec"));
  folder.add("cron-job", "kubernetes.workload", out.root, unit.raw());
  judge_pod(context, unit.ns,
            *out.root.node()->find_path({"spec", "jobTemplate", "spec", "template", "spec"}), cron.at,
            cron.name);
}

template <class T>
void each(Context& context, const std::vector<T>& store, const model::App* (*as_app)(const T&),
          void (*put)(Context&, Unit&, const T&, Folder&)) {
  for (const T& w : store) {
    if (!w.in) continue;  // it runs on a server
    Unit unit{w, as_app(w), *w.in, context.object(w.name), context.name_of(*w.in), ports_of(w), {}};
    context.take_folder(unit.ns_name, unit.name, w.at);
    Folder folder(context, unit.ns_name, unit.name, w.at);
    put_config(context, unit, folder);
    put_claims(context, unit, folder);
    put_rights_of_api(context, unit, folder);
    put(context, unit, w, folder);
    put_services(context, unit, folder);
    check_raw(context, unit, folder);
  }
}

}  // namespace

void lower_workloads(Context& context) {
  each<model::App>(
      context, context.lab.apps, [](const model::App& app) { return &app; },
      [](Context& c, Unit& unit, const model::App& app, Folder& folder) {
        put_app(c, unit, folder);
        put_scaling(c, unit, folder);
        put_monitor(c, unit, folder);
        put_routes(c, unit, app, folder);
      });
  each<model::Job>(
      context, context.lab.jobs, [](const model::Job&) -> const model::App* { return nullptr; }, put_job);
  each<model::Cron>(
      context, context.lab.crons, [](const model::Cron&) -> const model::App* { return nullptr; }, put_cron);
}

}  // namespace lab::lower::kubernetes
