// The plan of a lab in memory, as its steps.
#pragma once
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "compiler/lower/plan/json.h"
#include "compiler/lower/plan/plan.h"
#include "compiler/session/build.h"
#include "runtime/plan/plan.h"
#include "tests/property/labs.h"

namespace lab::tests {

using Steps = std::map<std::string, plan::Json>;

/// Steps by id, as they are before places and hashes are filled in.
inline Steps steps_of(const Files& files) {
  const auto snapshot = compile(files);
  session::Built built;
  INFO(diagnostics_of(*snapshot));
  REQUIRE(session::build(*snapshot, built));
  const auto& all = built.bundle.artifacts;
  const auto found = std::ranges::find(all, lower::plan::path, &document::Artifact::path);
  REQUIRE(found != all.end());
  Steps steps;
  const plan::Json draft = lower::plan::to_json(*found->documents.front());
  for (const plan::Json& step : draft["steps"]) {
    plan::Json copy = step;
    copy.erase("origin");
    steps[step["id"]] = copy;
  }
  return steps;
}

}  // namespace lab::tests
