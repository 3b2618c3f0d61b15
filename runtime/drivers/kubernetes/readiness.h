// Whether an object is ready, by the rules of kstatus (fluxcd/cli-utils, kubernetes-sigs/cli-utils
// pkg/kstatus/status/{core,generic}.go) and, for what it does not know, by conditions of the object's own.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace lab::drivers::kubernetes {

enum class Readiness { current, in_progress, failed, terminating };

struct Verdict {
  Readiness readiness = Readiness::in_progress;
  std::string reason;  // of what is not current
};

/// kstatus of an object as the API server returns it.
Verdict readiness(const nlohmann::json& object);

/// Whether an object meets `condition` of a plan: "exists", "ready" (kstatus), "established", "available",
/// "complete", "bound", "synced", "healthy" (an Argo CD Application), "programmed", "accepted" (a Gateway).
Verdict meets(const nlohmann::json& object, std::string_view condition);

}  // namespace lab::drivers::kubernetes
