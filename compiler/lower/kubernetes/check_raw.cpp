#include <fmt/format.h>

#include "compiler/diagnostics/nearest.h"
#include "compiler/lower/kubernetes/rules.h"

namespace lab::lower::kubernetes {

void check_raw(Context& context, const Unit& unit, const Folder& folder) {
  const Node* raw = unit.raw();
  if (raw == nullptr || raw->child() == nullptr) return;
  std::vector<std::string_view> stems;
  const auto& artifacts = context.bundle.artifacts;
  for (auto it = artifacts.rbegin(); it != artifacts.rend(); ++it) {
    const std::string_view path = it->path;
    if (path.size() <= folder.path().size() || !path.starts_with(folder.path())) break;
    std::string_view stem = path.substr(folder.path().size() + 1);
    stem.remove_suffix(std::string_view(".yaml").size());
    stems.insert(stems.begin(), stem);
  }
  for (const Node* entry = raw->child(); entry != nullptr; entry = entry->next) {
    if (std::find(stems.begin(), stems.end(), entry->key()) != stems.end()) continue;
    using namespace diagnostics;
    Diagnostic d = make(Code::raw_without_object, context.span(entry->origin), "no such object",
                        "`{}` yields no object `{}`", unit.workload.name, entry->key());
    if (const auto near = nearest(entry->key(), stems))
      d.note(fmt::format("there is `{}`", *near));
    else
      d.note(fmt::format("its objects are {}", fmt::join(stems, ", ")));
    context.sink.report(std::move(d));
  }
}

}  // namespace lab::lower::kubernetes
