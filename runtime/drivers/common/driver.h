// The words that every driver is written in, and what drivers share.
#pragma once

#include <nlohmann/json.hpp>

#include "runtime/engine/driver.h"
#include "runtime/plan/plan.h"

namespace lab::drivers {

using engine::Context;
using engine::Failure;
using engine::FailureClass;
using engine::Found;
using engine::Milliseconds;
using engine::Nothing;
using engine::Outcome;
using engine::Outputs;
using engine::Probe;
using engine::Reply;
using engine::Task;
using plan::Step;
using Json = nlohmann::json;

/// For what `labrun destroy` leaves as it is: it goes with something else, or costs nothing.
class Lasting : public engine::Driver {
 public:
  Task<Outcome<Nothing>> destroy(Context&, const Step&, const Probe&) override { co_return Nothing{}; }
};

/// Looks again and again, with `between` in between, until `look` finds what is waited for. `look` gives a
/// Task<Outcome<bool>>; its failure ends the waiting. The step's budget bounds it.
template <class Look>
Task<Outcome<Nothing>> until(Context& context, Milliseconds between, Look look) {
  for (;;) {
    auto looking = look();
    auto found = co_await std::move(looking);
    if (!found) co_return found.error();
    if (*found) co_return Nothing{};
    co_await context.sleep(between);
  }
}

}  // namespace lab::drivers
