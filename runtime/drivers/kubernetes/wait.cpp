// kubernetes.wait/1: objects are in a state.
#include <fmt/format.h>

#include "runtime/drivers/common/driver.h"
#include "runtime/drivers/common/failures.h"
#include "runtime/drivers/kubernetes/client.h"
#include "runtime/drivers/kubernetes/drivers.h"
#include "runtime/drivers/kubernetes/readiness.h"

namespace lab::drivers::kubernetes {
namespace {

constexpr Milliseconds between_looks{5000};

struct Look {
  std::size_t met = 0, all = 0;
  std::string waiting_for;  // the first that is not there yet
};

class Wait final : public Lasting {
 public:
  Task<Outcome<Probe>> probe(Context& context, const Step& step) override {
    Probe probe;
    auto known = access(context, step.desired.at("kubeconfig"));
    if (!known) co_return known.error();
    auto looking = look(context, step, *known);
    auto seen = co_await std::move(looking);
    if (!seen) co_return seen.error();
    probe.found = seen->met == seen->all ? Found::same : Found::absent;
    probe.note = seen->waiting_for;
    if (probe.found == Found::same) probe.fingerprint = "met";
    co_return probe;
  }

  Task<Outcome<Outputs>> act(Context& context, const Step& step, const Probe&) override {
    auto known = access(context, step.desired.at("kubeconfig"));
    if (!known) co_return known.error();
    auto waiting = until(context, between_looks, [&]() -> Task<Outcome<bool>> {
      auto looking = look(context, step, *known);
      auto seen = co_await std::move(looking);
      if (!seen) co_return seen.error();
      if (seen->met == seen->all) co_return true;
      context.progress(fmt::format("{} of {}: {}", seen->met, seen->all, seen->waiting_for));
      co_return false;
    });
    auto met = co_await std::move(waiting);
    if (!met) co_return met.error();
    co_return Outputs{};
  }

 private:
  static Task<Outcome<Look>> look(Context& context, const Step& step, const Access& known) {
    Look seen;
    Discovery discovery;
    for (const Json& each : step.desired.at("for")) {
      ++seen.all;
      const Name name{each.at("apiVersion"), each.at("kind"), each.value("namespace", ""), each.at("name")};
      auto getting = get(context, known, discovery, name);
      auto object = co_await std::move(getting);
      if (!object) co_return object.error();
      const Verdict verdict = object->is_null() ? Verdict{Readiness::in_progress, "does not exist"}
                                                : meets(*object, each.at("condition").get<std::string>());
      if (verdict.readiness == Readiness::failed)
        co_return Failure{FailureClass::permanent, fmt::format("{}: {}", name.text(), verdict.reason)};
      if (verdict.readiness == Readiness::current)
        ++seen.met;
      else if (seen.waiting_for.empty())
        seen.waiting_for = fmt::format("{} ({})", name.text(), verdict.reason);
    }
    co_return seen;
  }
};

}  // namespace

std::unique_ptr<engine::Driver> make_wait() {
  return std::make_unique<Wait>();
}

}  // namespace lab::drivers::kubernetes
