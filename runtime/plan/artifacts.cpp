#include <fmt/format.h>

#include "runtime/plan/plan.h"

namespace lab::plan {

std::vector<Problem> verify_artifacts(const Plan& plan, const ReadFile& read) {
  std::vector<Problem> problems;
  for (std::size_t i = 0; i < plan.artifacts.size(); ++i) {
    const Artifact& artifact = plan.artifacts[i];
    const std::optional<std::string> bytes = read(artifact.path);
    const auto report = [&](std::string_view what) {
      problems.push_back({fmt::format("/artifacts/{}", i), fmt::format("`{}` {}", artifact.path, what)});
    };
    if (!bytes)
      report("cannot be read");
    else if (sha256_hex(*bytes) != artifact.sha256)
      report("is not the file this plan was made with: its SHA-256 differs; build the lab again");
  }
  return problems;
}

}  // namespace lab::plan
