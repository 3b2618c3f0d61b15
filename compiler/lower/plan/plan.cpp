#include "compiler/lower/plan/plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/lower/hash.h"
#include "compiler/lower/plan/draft.h"
#include "compiler/lower/plan/json.h"

namespace lab::lower::plan {

namespace {

std::string_view text_of(const Node& map, std::string_view key) {
  return map.find(key)->text();
}

}  // namespace

void lower(const model::Lab& lab, document::Arena& arena, Bundle& bundle, diagnostics::Sink& sink,
           const Options& options) {
  Draft draft(lab, arena, bundle, sink, options);
  add_machines(draft);
  add_talos(draft);
  add_kubernetes(draft);
  add_names(draft);
  add_declared_order(draft);
  draft.write();
}

void finish(const model::Lab& lab, Bundle& bundle, const Facts& facts) {
  const auto artifact = std::ranges::find(bundle.artifacts, path, &document::Artifact::path);
  if (artifact == bundle.artifacts.end()) return;
  const Node& draft = *artifact->documents.front();
  document::Arena& arena = bundle.arena();

  Map root = arena.map();
  root.set("format", ::lab::plan::format).set("plan_id", "").set("lab", lab.lab().name, lab.lab().at);
  root.set("compiler", facts.compiler).set("requires", arena.clone(*draft.find("requires")));
  List inputs = root.list("inputs");
  for (const auto& [file, sha256] : facts.inputs) inputs.map().set("path", file).set("sha256", sha256);
  List artifacts = root.list("artifacts");
  for (const Node* file = draft.find("artifacts")->child(); file != nullptr; file = file->next) {
    const bool sealed = file->find("sealed")->boolean;
    Map entry = artifacts.map();
    entry.set("path", text_of(*file, "path"));
    if (!sealed) entry.set("sha256", facts.hash(text_of(*file, "path")));
    entry.set("sealed", sealed);
  }
  for (const std::string_view list : {"secrets", "pools", "groups"})
    root.set(list, arena.clone(*draft.find(list)));
  List steps = root.list("steps");
  for (const Node* step = draft.find("steps")->child(); step != nullptr; step = step->next) {
    Map copy = arena.as_map(arena.clone(*step));
    const auto [file, line] = facts.line(step->origin);
    copy.map("origin", step->origin).set("file", file, step->origin).set("line", line, step->origin);
    steps.add(copy, step->origin);
  }
  root.set("plan_id", fmt::format("sha256:{}", sha256_hex(canonical(*root.node()))));
  artifact->documents = {root.node()};
}

}  // namespace lab::lower::plan
