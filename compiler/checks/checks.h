// What the compiler proves of a lab: one rule a file, in the order of checks.cpp.
#pragma once
#include <span>

#include "compiler/checks/context.h"

namespace lab::checks {

/// A rule reads the model and reports to the context. Rules know nothing of each other.
struct Rule {
  std::string_view name;  // of its file
  void (*run)(const model::Lab&, Context&);
};

/// All rules, in the order they run.
[[nodiscard]] std::span<const Rule> rules();

/// Runs every rule. The lab may be partial: fields that the evaluator refused are skipped, not judged again.
void run(const model::Lab& lab, Context& context);

}  // namespace lab::checks
