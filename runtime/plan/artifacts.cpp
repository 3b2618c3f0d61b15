#include <fmt/format.h>

#include <algorithm>

#include "crypto/sops/sops.h"
#include "runtime/plan/plan.h"

namespace lab::plan {

namespace {

/// Why a text is no whole file of SOPS; nothing when it is one. Whether it was changed is seen when it is
/// opened: by its MAC.
std::optional<std::string> sops_problem(std::string_view text) {
  crypto::sops::File file;
  std::string problem;
  if (!crypto::sops::parse(text, file, problem)) return problem;
  if (file.readers.empty()) return "it is encrypted to nobody";
  if (!text.ends_with('\n')) return "its last line is cut off";
  return std::nullopt;
}

void collect(const Plan& plan, const Json& value, std::vector<const Artifact*>& into) {
  if (const auto reference = as_reference(value)) {
    if (reference->kind != RefKind::artifact && reference->kind != RefKind::sops) return;
    if (const Artifact* artifact = plan.find_artifact(reference->target)) into.push_back(artifact);
  } else if (value.is_structured()) {
    for (const Json& inner : value) collect(plan, inner, into);
  }
}

}  // namespace

std::vector<Problem> load_artifacts(Plan& plan, const ReadFile& read) {
  std::vector<Problem> problems;
  for (std::size_t i = 0; i < plan.artifacts.size(); ++i) {
    Artifact& artifact = plan.artifacts[i];
    const std::optional<std::string> bytes = read(artifact.path);
    const auto report = [&](std::string_view what) {
      problems.push_back({fmt::format("/artifacts/{}", i), fmt::format("`{}` {}", artifact.path, what)});
    };
    if (!bytes) {
      report(artifact.sealed
                 ? "cannot be read; `labc build` writes it once the lab has a vault (`labc secret init`)"
                 : "cannot be read");
    } else if (!artifact.sha256.empty()) {
      if (sha256_hex(*bytes) != artifact.sha256)
        report("is not the file this plan was made with: its SHA-256 differs; build the lab again");
    } else if (const auto problem = sops_problem(*bytes)) {
      report("is no whole file of SOPS: " + *problem);
    } else {
      artifact.sha256 = sha256_hex(*bytes);
    }
  }
  return problems;
}

std::string identify_sealed(const Plan& plan) {
  std::string all;
  for (const Artifact& artifact : plan.artifacts)
    if (artifact.sealed) all += fmt::format("{} {}\n", artifact.sha256, artifact.path);
  return "sha256:" + sha256_hex(all);
}

std::vector<const Artifact*> files_of(const Plan& plan, const Step& step) {
  std::vector<const Artifact*> files;
  collect(plan, step.key, files);
  collect(plan, step.desired, files);
  std::ranges::sort(files, {}, [](const Artifact* each) { return std::string_view(each->path); });
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return files;
}

}  // namespace lab::plan
