// LAB0312: a claim without a class finds a default one. LAB0313: and only one.
//
// k3s brings a default class of its own, `local-path`, unless `local-storage` is disabled.
#include <algorithm>

#include "compiler/checks/fixes.h"
#include "compiler/checks/rules.h"

namespace lab::checks {

namespace {

bool brings_class(const model::Lab& lab, model::Ref<model::Cluster> ref) {
  const model::Cluster* cluster = lab.find(ref);
  if (cluster == nullptr || !cluster->distribution.k3s) return false;
  const auto& disabled = cluster->distribution.k3s->disable;
  return std::none_of(disabled.begin(), disabled.end(),
                      [](const auto& part) { return *part == "local-storage"; });
}

template <class T>
void claims(const model::Lab& lab, const std::vector<T>& workloads, Context& context) {
  for (const T& w : workloads) {
    if (!w.in || brings_class(lab, lab.cluster_of(*w.in))) continue;
    for (const model::Mount& m : w.mount) {
      if (!m.from.claim || m.from.claim->class_) continue;
      Diagnostic& d = context.report(
          make(Code::no_storage_class, context.span(m.from.at), "names no class, and there is no default",
               "the claim of {} `{}` at `{}` would wait for ever", T::kind, w.name, m.name));
      if (lab.storage_classes.empty()) {
        d.help({"declare `storage-class … { default = true }`", Applicability::placeholders, {}});
      } else {
        std::vector<std::string_view> names;
        for (const model::StorageClass& c : lab.storage_classes) names.push_back(c.name);
        d.help({fmt::format("name a class, {}, or make one of them `default = true`", list_of(names)),
                Applicability::maybe,
                {}});
      }
    }
  }
}

}  // namespace

void storage_classes(const model::Lab& lab, Context& context) {
  const model::StorageClass* first = nullptr;
  for (const model::StorageClass& c : lab.storage_classes) {
    if (!*c.default_) continue;
    if (first == nullptr) {
      first = &c;
      continue;
    }
    Diagnostic& d =
        context.report(make(Code::default_class_taken, context.span(c.default_.at), "a second default",
                            "storage classes `{}` and `{}` are both the default", first->name, c.name));
    context.label(d, first->default_.at, fmt::format("`{}` is the default", first->name));
    offer_text(context, d, c.default_.at, "true", "false", Applicability::maybe);
  }
  if (first != nullptr) return;
  claims(lab, lab.apps, context);
  claims(lab, lab.jobs, context);
  claims(lab, lab.crons, context);
}

}  // namespace lab::checks
