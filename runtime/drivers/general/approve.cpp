// approve/1: a person says yes. The engine asks before it acts; once it acts, consent was given, and the
// journal keeps it.
#include "runtime/drivers/common/driver.h"
#include "runtime/drivers/general/drivers.h"

namespace lab::drivers::general {
namespace {

class Approve final : public Lasting {
 public:
  Task<Outcome<Probe>> probe(Context& context, const Step& step) override {
    Probe probe;
    const nlohmann::json earlier = context.earlier();
    probe.note = step.desired.at("message");
    if (earlier.is_object() && earlier.value("approved", false)) {
      probe.found = Found::same;
      probe.fingerprint = "approved";
    }
    co_return probe;
  }

  Task<Outcome<Outputs>> act(Context& context, const Step&, const Probe&) override {
    auto noted = context.observed({{"approved", true}});
    if (!noted) co_return noted.error();
    co_return Outputs{};
  }
};

}  // namespace

std::unique_ptr<engine::Driver> make_approve() {
  return std::make_unique<Approve>();
}

}  // namespace lab::drivers::general
