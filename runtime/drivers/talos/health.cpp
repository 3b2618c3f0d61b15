// talos.health/1: every node of a cluster is well: it runs, its services are healthy, etcd has as many
// members as there are control-plane nodes. Before there is a pod network, nodes are not ready in Kubernetes,
// which MachineStatus reports as the unmet condition "nodeReady"
// (internal/app/machined/pkg/controllers/runtime/machine_status.go).
#include <fmt/format.h>

#include "runtime/drivers/common/driver.h"
#include "runtime/drivers/common/failures.h"
#include "runtime/drivers/talos/client.h"
#include "runtime/drivers/talos/drivers.h"

namespace lab::drivers::talos {
namespace {

class Health final : public Lasting {
 public:
  Task<Outcome<Probe>> probe(Context& context, const Step& step) override {
    auto known = credentials(context, step.desired.at("talosconfig"));
    if (!known) co_return known.error();
    auto looking = look(context, step, *known);
    auto problem = co_await std::move(looking);
    if (!problem) co_return problem.error();
    Probe probe;
    probe.note = *problem;
    probe.found = problem->empty() ? Found::same : Found::absent;
    if (problem->empty()) probe.fingerprint = "healthy";
    co_return probe;
  }

  Task<Outcome<Outputs>> act(Context& context, const Step& step, const Probe&) override {
    auto known = credentials(context, step.desired.at("talosconfig"));
    if (!known) co_return known.error();
    auto waiting = until(context, between_looks, [&]() -> Task<Outcome<bool>> {
      auto looking = look(context, step, *known);
      auto problem = co_await std::move(looking);
      if (!problem) co_return problem.error();
      if (!problem->empty()) context.progress(*problem);
      co_return problem->empty();
    });
    auto well = co_await std::move(waiting);
    if (!well) co_return well.error();
    co_return Outputs{};
  }

 private:
  /// What is not well, in one phrase; empty when all is.
  static Task<Outcome<std::string>> look(Context& context, const Step& step, const Credentials& known) {
    const bool kubernetes = step.desired.at("kubernetes");
    const std::vector<std::string> control_plane = step.desired.at("control_plane"),
                                   workers = step.desired.at("workers");
    std::vector<std::string> all = control_plane;
    all.insert(all.end(), workers.begin(), workers.end());
    for (const std::string& address : all) {
      auto asking = machine_state(context, administrator(address, known));
      auto status = co_await std::move(asking);
      if (!status) {
        if (!not_yet(status.error())) co_return status.error();
        co_return fmt::format("{} does not answer", address);
      }
      if (status->stage != Stage::running) co_return fmt::format("{} is {}", address, name(status->stage));
      for (const auto& [condition, reason] : status->unmet)
        if (kubernetes || condition != "nodeReady")
          co_return fmt::format("{}: {}: {}", address, condition, reason);
      auto listing = demand(context, administrator(address, known), call::services, {});
      auto services = co_await std::move(listing);
      if (!services) {
        if (!not_yet(services.error())) co_return services.error();
        co_return fmt::format("{} does not answer", address);
      }
      for (const Service& each : read_services(services->body()))
        if (each.state != "Running" || !(each.healthy || each.unknown))
          if (each.state != "Finished" && each.state != "Skipped")
            co_return fmt::format("{}: {} is {}", address, each.id, each.state);
    }
    if (control_plane.empty()) co_return std::string();
    auto listing = demand(context, administrator(control_plane.front(), known), call::members, {});
    auto members = co_await std::move(listing);
    if (!members) {
      if (!not_yet(members.error())) co_return members.error();
      co_return std::string("etcd does not answer");
    }
    std::size_t voting = 0;
    for (const EtcdMember& each : read_members(members->body())) voting += each.learner ? 0 : 1;
    if (voting != control_plane.size())
      co_return fmt::format("etcd has {} of {} members", voting, control_plane.size());
    co_return std::string();
  }
};

}  // namespace

std::unique_ptr<engine::Driver> make_health() {
  return std::make_unique<Health>();
}

}  // namespace lab::drivers::talos
