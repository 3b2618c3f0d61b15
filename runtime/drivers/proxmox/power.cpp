// proxmox.power/1: a VM runs or is stopped (GET …/status/current, POST …/status/{start,shutdown,stop}).
#include <fmt/format.h>

#include "runtime/drivers/common/driver.h"
#include "runtime/drivers/proxmox/api.h"
#include "runtime/drivers/proxmox/drivers.h"

namespace lab::drivers::proxmox {
namespace {

constexpr int shutdown_seconds = 180;

std::string vm_path(const Json& desired) {
  return fmt::format("/nodes/{}/qemu/{}", desired.at("node").get<std::string>(),
                     desired.at("vmid").get<std::int64_t>());
}

std::string vm_id(const Json& desired) {
  return std::to_string(desired.at("vmid").get<std::int64_t>());
}

/// The task by which a VM comes into the desired state.
std::string task_type(const Json& desired) {
  return desired.at("state") == "running" ? "qmstart" : "qmshutdown";
}

class Power final : public engine::Driver {
 public:
  Task<Outcome<Probe>> probe(Context& context, const Step& step) override {
    const Json& desired = step.desired;
    Probe probe;
    auto looking = look(context, desired.at("api"), vm_path(desired) + "/config", Json());
    auto config = co_await std::move(looking);
    if (!config) co_return config.error();
    if (config->is_null()) {
      probe.note = "there is no such VM yet";
      co_return probe;
    }
    if (config->value("description", "").find(marker_line("")) == std::string::npos) {
      probe.found = Found::foreign;
      probe.note = "the VM does not bear a mark of a lab";
      co_return probe;
    }
    auto asking = call(context, desired.at("api"), "GET", vm_path(desired) + "/status/current", Json());
    auto status = co_await std::move(asking);
    if (!status) co_return status.error();
    const std::string have = status->value("status", ""), want = desired.at("state");
    probe.fingerprint = have;
    probe.note = have;
    if (have == want) {
      probe.found = Found::same;
      co_return probe;
    }
    auto looking_for =
        running_task(context, desired.at("api"), desired.at("node"), task_type(desired), vm_id(desired));
    auto task = co_await std::move(looking_for);
    if (!task) co_return task.error();
    if (!task->empty()) {
      probe.found = Found::in_progress;
    } else if (want != "running") {  // a VM that does not run is a run that is absent
      probe.found = Found::different;
      probe.differences.push_back({"state", have, want});
    }
    co_return probe;
  }

  Task<Outcome<Outputs>> act(Context& context, const Step& step, const Probe& probe) override {
    const Json& desired = step.desired;
    const bool start = desired.at("state") == "running";
    context.progress(start ? "starting" : "shutting down");
    if (probe.found == Found::in_progress) {
      auto waiting = wait_while_running(context, desired.at("api"), desired.at("node"), task_type(desired),
                                        vm_id(desired));
      auto over = co_await std::move(waiting);
      if (!over) co_return over.error();
      co_return Outputs{};  // the probe after this says what came of it
    }
    auto changing = change(context, step, start);
    auto changed = co_await std::move(changing);
    if (!changed) co_return changed.error();
    co_return Outputs{};
  }

  Task<Outcome<Nothing>> destroy(Context& context, const Step& step, const Probe& probe) override {
    if (probe.fingerprint != "running") co_return Nothing{};
    auto changing = change(context, step, false);
    auto changed = co_await std::move(changing);
    co_return changed;
  }

 private:
  static Task<Outcome<Nothing>> change(Context& context, const Step& step, bool start) {
    const Json& desired = step.desired;
    Json parameters = Json::object();
    if (!start) parameters = {{"timeout", shutdown_seconds}, {"forceStop", 1}};
    auto running =
        run_task(context, desired.at("api"), desired.at("node"), "POST",
                 vm_path(desired) + (start ? "/status/start" : "/status/shutdown"), std::move(parameters));
    auto ended = co_await std::move(running);
    co_return ended;
  }
};

}  // namespace

std::unique_ptr<engine::Driver> make_power() {
  return std::make_unique<Power>();
}

}  // namespace lab::drivers::proxmox
