// Assertions about flows and losses, answered by the engine of compiler/flows.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "compiler/eval/evaluation.h"
#include "compiler/flows/reach.h"

namespace lab::session {

class Snapshot;

class FlowOracle final : public eval::Oracle {
 public:
  /// Looks at the snapshot's model, which must be whole, when the first question comes.
  explicit FlowOracle(Snapshot& snapshot) : snapshot_(snapshot) {}
  eval::Finding ask(std::string_view function, std::span<const eval::Value> arguments) override;

  /// The flows of the lab, found on first use.
  [[nodiscard]] const flows::World& world();
  /// The answer to the last `reachable`.
  [[nodiscard]] const flows::Answer& last() const { return last_; }

 private:
  eval::Finding finding(flows::Answer answer, bool wanted);
  eval::Finding exposed(const std::vector<model::Endpoint>& from);

  Snapshot& snapshot_;
  std::unique_ptr<flows::World> world_;
  flows::Answer last_;
};

}  // namespace lab::session
