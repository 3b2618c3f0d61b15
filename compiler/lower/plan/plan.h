// plan.json: what has to be done, in which order, to make the lab true (format lab.plan/1, runtime/plan).
//
//   plan.json                      the steps, and every file they read
//   plan.sops.yaml                 the secrets that steps name by {"$secret": …}
//   bootstrap/<cluster>/*.yaml     what a cluster needs before GitOps takes over
//
// `lower` runs after every other backend. It leaves out what is known only of finished files: hashes, places
// and the plan's id, which `finish` fills in.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/lower/lower.h"

namespace lab::lower::plan {

inline constexpr std::string_view path = "plan.json";

void lower(const model::Lab& lab, document::Arena& arena, Bundle& bundle, diagnostics::Sink& sink,
           const Options& options);

/// A line of the lab: file, and number from 1; an empty file for none.
using Line = std::pair<std::string_view, std::uint32_t>;

struct Facts {
  std::string_view compiler;                                // version of labc
  std::vector<std::pair<std::string, std::string>> inputs;  // path and SHA-256 of what the lab is made of
  /// SHA-256 of a written file that is not sealed.
  std::function<std::string(std::string_view path)> hash;
  std::function<Line(Origin)> line;
};

/// Completes the artifact plan.json, whose document is then whole, whether or not sealed files were written.
void finish(const model::Lab& lab, Bundle& bundle, const Facts& facts);

}  // namespace lab::lower::plan
