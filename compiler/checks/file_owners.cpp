// LAB0325: a workload that writes to an export acts as the user that the export gives every file to.
#include "compiler/checks/rules.h"

namespace lab::checks {

namespace {

/// The export behind a mount; null when there is none.
const model::NasExport* export_of(const model::Lab& lab, const model::Mount& mount) {
  const auto of_class = [&](const model::StorageClass* c) {
    return c != nullptr && c->export_ ? lab.export_of(*c->export_) : nullptr;
  };
  if (mount.from.claim) {
    if (mount.from.claim->class_) return of_class(lab.find(*mount.from.claim->class_));
    for (const model::StorageClass& c : lab.storage_classes)
      if (*c.default_) return of_class(&c);
    return nullptr;
  }
  if (const model::Volume* volume = lab.as<model::Volume>(mount.from.ref)) {
    if (volume->export_) return lab.export_of(*volume->export_);
    return volume->class_ ? of_class(lab.find(*volume->class_)) : nullptr;
  }
  return lab.export_of(mount.from.ref);
}

template <class T>
void workload(const model::Lab& lab, const T& w, Context& context) {
  if (w.run.at == 0 || w.run.is("root")) return;
  for (const model::Mount& mount : w.mount) {
    const model::NasExport* shared = *mount.read_only ? nullptr : export_of(lab, mount);
    if (shared == nullptr || !shared->map_all) continue;
    const std::int64_t owner = *shared->map_all->uid;
    if (w.run.user && *w.run.user->uid == owner) continue;
    const std::string acts =
        w.run.user ? fmt::format("uid {}", *w.run.user->uid) : std::string("the image's user");
    const bool said = !context.editable_text(w.run.at).empty();  // else it is the default
    Diagnostic& d = context.report(make(Code::owner_differs, context.span(said ? w.run.at : mount.at), acts,
                                        "{} `{}` acts as {}, its files at `{}` belong to uid {}", T::kind,
                                        w.name, acts, mount.name, owner));
    context.label(d, shared->map_all.at,
                  fmt::format("export `{}` gives every file to uid {}", shared->name, owner));
    if (said) context.label(d, mount.at, "mounted here");
    d.help({fmt::format("run as that user: `run = user({})`", owner), Applicability::maybe, {}});
    return;
  }
}

}  // namespace

void file_owners(const model::Lab& lab, Context& context) {
  for (const model::App& app : lab.apps) workload(lab, app, context);
  for (const model::Job& job : lab.jobs) workload(lab, job, context);
  for (const model::Cron& cron : lab.crons) workload(lab, cron, context);
}

}  // namespace lab::checks
