// proxmox.vm/1: a VM, found again by its VMID and by the marker in its description.
//
// Create writes the configuration with `lock: create` before its UPID is given; a worker that fails removes
// both, a worker that is killed leaves the lock (qemu-server PVE/API2/Qemu.pm create_vm). Hence six answers:
// absent, locked with a running task, locked without one, ours, ours but different, foreign.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/drivers/common/driver.h"
#include "runtime/drivers/common/encode.h"
#include "runtime/drivers/proxmox/api.h"
#include "runtime/drivers/proxmox/drivers.h"
#include "runtime/drivers/proxmox/parameters.h"

namespace lab::drivers::proxmox {
namespace {

constexpr std::string_view resize_field = "resize.";

/// What every call about one VM needs.
struct Vm {
  explicit Vm(const Step& step)
      : api(step.desired.at("api")),
        node(step.desired.at("node")),
        id(std::to_string(step.desired.at("vmid").get<std::int64_t>())),
        path(fmt::format("/nodes/{}/qemu/{}", node, id)) {}
  Json api;
  std::string node, id, path;
};

bool is_ours(const Json& config, const Step& step) {
  return config.value("description", "").find(marker_line(step.key.at("marker").get<std::string>())) !=
         std::string::npos;
}

void add_sizes(const Step& step, const Json& config, Probe& probe) {
  if (!step.desired.contains("resize")) return;
  for (const Json& each : step.desired["resize"]) {
    const std::string disk = each.at("disk"), size = each.at("size");
    const auto have = disk_size(config, disk), want = parse_size(size);
    if (want && have && *have >= *want) continue;  // disks only grow
    probe.differences.push_back({std::string(resize_field) + disk, have ? Json(*have >> 20) : Json(), size});
  }
}

class VmDriver final : public engine::Driver {
 public:
  Task<Outcome<Probe>> probe(Context& context, const Step& step) override {
    const Vm vm(step);
    auto looking = look(context, vm.api, vm.path + "/config", Json());
    auto config = co_await std::move(looking);
    if (!config) co_return config.error();
    Probe probe;
    if (config->is_null()) {
      // The same VMID on another node of the cluster is somebody's VM.
      auto listing = call(context, vm.api, "GET", "/cluster/resources", Json{{"type", "vm"}});
      auto all = co_await std::move(listing);
      if (!all) co_return all.error();
      for (const Json& each : *all) {
        if (std::to_string(each.value("vmid", std::int64_t{0})) != vm.id || each.value("node", "") == vm.node)
          continue;
        probe.found = Found::foreign;
        probe.note = fmt::format("VM {} is on {}", vm.id, each.value("node", ""));
      }
      co_return probe;
    }
    probe.fingerprint = config->value("digest", "");
    if (!is_ours(*config, step)) {
      probe.found = Found::foreign;
      probe.note = fmt::format("VM {} ({}) does not bear this lab's mark", vm.id,
                               config->value("name", "without a name"));
      co_return probe;
    }
    if (const std::string lock = config->value("lock", ""); !lock.empty()) {
      auto asking = running_task(context, vm.api, vm.node, "qmcreate", vm.id);
      auto task = co_await std::move(asking);
      if (!task) co_return task.error();
      const bool working = !task->empty() || lock != "create";
      probe.found = working ? Found::in_progress : Found::partial;
      probe.note = fmt::format("locked ({})", lock);
      co_return probe;
    }
    probe.differences = differences(step.desired.at("params"), *config);
    add_sizes(step, *config, probe);
    probe.found = probe.differences.empty() ? Found::same : Found::different;
    co_return probe;
  }

  Task<Outcome<Outputs>> act(Context& context, const Step& step, const Probe& probe) override {
    const Vm vm(step);
    if (probe.found == Found::partial)
      co_return Failure{FailureClass::permanent,
                        fmt::format("VM {} was left half made, locked and without a task; as root on {}: `qm "
                                    "unlock {} && qm destroy {}`",
                                    vm.id, vm.node, vm.id, vm.id)};
    if (probe.found == Found::in_progress) {
      auto waiting = wait_until_unlocked(context, vm);
      auto unlocked = co_await std::move(waiting);
      if (!unlocked) co_return unlocked.error();
      co_return Outputs{};  // the probe after this says what is left to do
    }
    auto changing =
        probe.found == Found::absent ? create(context, step, vm) : update(context, step, vm, probe);
    auto changed = co_await std::move(changing);
    if (!changed) co_return changed.error();
    auto growing = grow(context, step, vm);
    auto grown = co_await std::move(growing);
    if (!grown) co_return grown.error();
    co_return Outputs{};
  }

  Task<Outcome<Nothing>> destroy(Context& context, const Step& step, const Probe&) override {
    const Vm vm(step);
    auto looking =
        look(context, vm.api, vm.path + "/config", Json());  // deleting takes no digest: look once more
    auto config = co_await std::move(looking);
    if (!config) co_return config.error();
    if (config->is_null()) co_return Nothing{};
    if (!is_ours(*config, step))
      co_return Failure{FailureClass::foreign, fmt::format("VM {} does not bear this lab's mark", vm.id)};
    auto asking = call(context, vm.api, "GET", vm.path + "/status/current", Json());
    auto status = co_await std::move(asking);
    if (!status) co_return status.error();
    if (status->value("status", "") != "stopped") {
      auto stopping = run_task(context, vm.api, vm.node, "POST", vm.path + "/status/stop", Json::object());
      auto stopped = co_await std::move(stopping);
      if (!stopped) co_return stopped.error();
    }
    Json everything = {{"purge", 1}, {"destroy-unreferenced-disks", 1}};
    auto deleting = run_task(context, vm.api, vm.node, "DELETE", vm.path, std::move(everything));
    auto deleted = co_await std::move(deleting);
    co_return deleted;
  }

 private:
  static Task<Outcome<Nothing>> create(Context& context, const Step& step, const Vm& vm) {
    context.progress("creating");
    Json parameters = step.desired.at("params");
    parameters["vmid"] = step.desired.at("vmid");
    auto running = run_task(context, vm.api, vm.node, "POST", fmt::format("/nodes/{}/qemu", vm.node),
                            std::move(parameters));
    auto ended = co_await std::move(running);
    co_return ended;
  }

  static Task<Outcome<Nothing>> update(Context& context, const Step& step, const Vm& vm, const Probe& probe) {
    auto looking = call(context, vm.api, "GET", vm.path + "/config", Json());
    auto config = co_await std::move(looking);
    if (!config) co_return config.error();
    Json parameters = Json::object();
    for (const engine::Difference& each : differences(step.desired.at("params"), *config)) {
      const std::string name = each.field.substr(each.field.find('.') + 1);
      parameters[name] = update_value(name, scalar_text(each.to), *config);
    }
    if (parameters.empty()) co_return Nothing{};
    context.progress("changing its configuration");
    parameters["digest"] = probe.fingerprint;  // refused when somebody else changed it since the probe
    auto running = run_task(context, vm.api, vm.node, "POST", vm.path + "/config", std::move(parameters));
    auto ended = co_await std::move(running);
    co_return ended;
  }

  static Task<Outcome<Nothing>> grow(Context& context, const Step& step, const Vm& vm) {
    if (!step.desired.contains("resize")) co_return Nothing{};
    auto looking = call(context, vm.api, "GET", vm.path + "/config", Json());
    auto config = co_await std::move(looking);
    if (!config) co_return config.error();
    Probe sizes;
    add_sizes(step, *config, sizes);
    for (const engine::Difference& each : sizes.differences) {
      Json parameters = {{"disk", each.field.substr(resize_field.size())},
                         {"size", each.to}};  // absolute: a repeat is harmless
      context.progress("growing " + parameters["disk"].get<std::string>());
      auto running = run_task(context, vm.api, vm.node, "PUT", vm.path + "/resize", std::move(parameters));
      auto ended = co_await std::move(running);
      if (!ended) co_return ended.error();
    }
    co_return Nothing{};
  }

  static Task<Outcome<Nothing>> wait_until_unlocked(Context& context, const Vm& vm) {
    auto waiting = until(context, between_looks, [&]() -> Task<Outcome<bool>> {
      auto looking = look(context, vm.api, vm.path + "/config", Json());
      auto config = co_await std::move(looking);
      if (!config) co_return config.error();
      if (config->is_null() || config->value("lock", "").empty()) co_return true;
      auto asking = running_task(context, vm.api, vm.node, "qmcreate", vm.id);
      auto task = co_await std::move(asking);
      if (!task) co_return task.error();
      co_return task->empty() && config->value("lock", "") == "create";  // left behind
    });
    auto unlocked = co_await std::move(waiting);
    co_return unlocked;
  }
};

}  // namespace

std::unique_ptr<engine::Driver> make_vm() {
  return std::make_unique<VmDriver>();
}

}  // namespace lab::drivers::proxmox
