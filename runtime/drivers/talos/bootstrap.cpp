// talos.bootstrap/1: etcd is made, once in the life of a cluster, on one node
// (siderolabs/talos internal/app/machined/internal/server/v1alpha1/v1alpha1_server.go, Bootstrap). The node
// refuses when etcd has data (ALREADY_EXISTS); that is success only when etcd answers us with our own
// certificates and the members that our nodes are.
#include <fmt/format.h>

#include "runtime/drivers/common/driver.h"
#include "runtime/drivers/common/failures.h"
#include "runtime/drivers/talos/client.h"
#include "runtime/drivers/talos/drivers.h"

namespace lab::drivers::talos {
namespace {

constexpr int looks_before_foreign = 40;

class Bootstrap final : public Lasting {
 public:
  Task<Outcome<Probe>> probe(Context& context, const Step& step) override {
    auto known = credentials(context, step.desired.at("talosconfig"));
    if (!known) co_return known.error();
    const Peer peer = administrator(step.desired.at("node"), *known);
    Probe probe;
    auto listing = demand(context, peer, call::members, {});
    auto answer = co_await std::move(listing);
    if (answer) {
      const auto members = read_members(answer->body());
      if (!members.empty()) {
        probe.found = Found::same;
        for (const EtcdMember& each : members) probe.fingerprint += fmt::format("{:x} ", each.id);
        probe.note = fmt::format("etcd has {} member{}", members.size(), members.size() == 1 ? "" : "s");
        co_return probe;
      }
    } else if (!not_yet(answer.error())) {
      co_return answer.error();
    }
    auto asking = demand(context, peer, call::services, {});
    auto services = co_await std::move(asking);
    if (!services) {
      if (!not_yet(services.error())) co_return services.error();
      probe.note = "the node does not answer";
      co_return probe;
    }
    for (const Service& each : read_services(services->body()))
      if (each.id == "etcd" && each.state == "Running") {
        probe.found = Found::in_progress;
        probe.note = "etcd is starting";
      }
    co_return probe;
  }

  Task<Outcome<Outputs>> act(Context& context, const Step& step, const Probe& probe) override {
    auto known = credentials(context, step.desired.at("talosconfig"));
    if (!known) co_return known.error();
    const Peer peer = administrator(step.desired.at("node"), *known);
    bool refused = false;
    if (probe.found == Found::absent) {
      auto noted = context.observed({{"asked", step.desired.at("node")}});
      if (!noted) co_return noted.error();
      context.progress("starting etcd");
      auto asking = ask(context, peer, call::bootstrap, {});
      auto answer = co_await std::move(asking);
      if (!answer) co_return answer.error();
      refused = answer->status == Status::already_exists;
      if (answer->status != Status::ok && !refused)
        co_return Failure{classify_grpc(answer->status, answer->message),
                          fmt::format("Bootstrap: {}", answer->message)};
    }
    context.progress("waiting for etcd");
    int looks = 0;
    auto waiting = until(context, between_looks, [&]() -> Task<Outcome<bool>> {
      auto listing = demand(context, peer, call::members, {});
      auto answer = co_await std::move(listing);
      if (answer && !read_members(answer->body()).empty()) co_return true;
      if (!answer && !not_yet(answer.error())) co_return answer.error();
      if (refused && ++looks > looks_before_foreign)
        co_return Failure{FailureClass::foreign,
                          "the node says that etcd has data, but no etcd of this cluster answers"};
      co_return false;
    });
    auto made = co_await std::move(waiting);
    if (!made) co_return made.error();
    co_return Outputs{};
  }
};

}  // namespace

std::unique_ptr<engine::Driver> make_bootstrap() {
  return std::make_unique<Bootstrap>();
}

}  // namespace lab::drivers::talos
