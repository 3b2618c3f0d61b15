// A plan of a few steps against the simulated world: the real engine, transport and drivers, over real
// sockets.
#pragma once

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "crypto/secret_bytes.h"
#include "runtime/drivers/table.h"
#include "runtime/engine/run.h"
#include "runtime/simulator/simulator.h"

namespace lab::test {

using nlohmann::json;

/// Secrets and sealed files by name.
class MapVault : public engine::Vault {
 public:
  std::map<std::string, std::string> texts;
  engine::Outcome<engine::Secret> named(const plan::Secret& secret) override { return find(secret.ref); }
  engine::Outcome<engine::Secret> sealed(const std::string& path) override { return find(path); }

 private:
  engine::Outcome<engine::Secret> find(const std::string& name) {
    if (!texts.contains(name)) return engine::Failure{engine::FailureClass::auth, "no secret " + name};
    return engine::Secret(
        std::make_shared<const crypto::SecretBytes>(crypto::SecretBytes::copy_text(texts[name])));
  }
};

struct Watcher : engine::Observer {
  std::vector<std::string> lines;
  const plan::Plan* plan = nullptr;
  void state(engine::StepIndex step, engine::State state, std::string_view text) override {
    lines.push_back(
        fmt::format("{} {}{}{}", plan->steps[step].id, engine::name(state), text.empty() ? "" : ": ", text));
  }
  void progress(engine::StepIndex, std::string_view) override {}
  void note(std::string_view sentence) override { lines.emplace_back(sentence); }
  std::string text() const {
    std::string out;
    for (const std::string& each : lines) out += each + "\n";
    return out;
  }
};

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "lab-simulator-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string operator/(std::string_view name) const { return fmt::format("{}/{}", path_, name); }

 private:
  std::string path_;
};

/// Plan, files and secrets; each pass is a process of its own as far as the engine can tell, in one world.
struct Place {
  plan::Plan plan;
  std::map<std::string, std::string> files;
  MapVault vault;
  Folder folder;
  Watcher watcher;
  std::string faults = "{}";
  std::uint64_t seed = 1;
  engine::Loop loop{engine::Loop::Time::simulated};
  std::unique_ptr<simulator::Simulator> world;

  Place() { plan.id = "sha256:test"; }

  plan::Step& step(std::string id, std::string_view kind, json key, json desired,
                   std::vector<std::string> after = {}) {
    plan::Step out;
    out.id = std::move(id);
    out.kind = plan::find_kind(kind);
    REQUIRE(out.kind != nullptr);
    out.group = "g";
    out.title = out.id;
    out.key = std::move(key);
    out.desired = std::move(desired);
    out.retry = plan::Retry::task;
    out.timeout_s = 3600;
    out.destroy = plan::Destroy::remove;
    out.on_change = {{"config", plan::OnChange::update}, {"documents", plan::OnChange::update},
                     {"params", plan::OnChange::update}, {"record", plan::OnChange::update},
                     {"resize", plan::OnChange::update}, {"state", plan::OnChange::update}};
    for (const std::string& each : after)
      for (std::size_t i = 0; i < plan.steps.size(); ++i)
        if (plan.steps[i].id == each) out.after_index.push_back(static_cast<std::uint32_t>(i));
    out.after = std::move(after);
    plan.steps.push_back(std::move(out));
    return plan.steps.back();
  }

  simulator::Simulator& begin() {
    std::string problem;
    auto read = simulator::Faults::read(faults, problem);
    REQUIRE(read);
    world = std::make_unique<simulator::Simulator>(simulator::Simulator::Setting{
        plan, loop, [this](const std::string& path) { return file(path); }, seed, std::move(*read), {}});
    return *world;
  }

  std::optional<std::string> file(const std::string& path) const {
    const auto found = files.find(path);
    return found == files.end() ? std::nullopt : std::optional(found->second);
  }

  int run(engine::Mode mode = engine::Mode::apply) {
    if (!world) begin();
    plan.artifacts.clear();
    for (const auto& [path, text] : files) plan.artifacts.push_back({path, plan::sha256_hex(text), false});
    watcher.lines.clear();
    watcher.plan = &plan;
    auto opened = engine::Journal::open(folder / "journal.db");
    REQUIRE(opened.journal);
    REQUIRE(opened.journal->begin_run(loop.wall(), plan.id, "apply"));
    engine::Transport transport(loop, world.get());
    engine::OutputStore outputs;
    engine::Rules rules;
    rules.mode = mode;
    rules.yes = true;
    engine::Run pass({plan,
                      loop,
                      transport,
                      world.get(),
                      opened.journal.get(),
                      drivers::table(),
                      vault,
                      [this](const std::string& path) { return file(path); },
                      "",
                      watcher,
                      {},
                      outputs,
                      seed},
                     std::move(rules));
    return pass.execute();
  }
};

inline json proxmox_api() {
  return {{"endpoint", "https://192.0.2.10:8006"}, {"token", {{"$secret", "token"}}}};
}

/// One Proxmox node with an image, a VM and its power.
inline void add_machine(Place& place, const std::string& name = "cp1", int vmid = 204) {
  const std::string id = std::to_string(vmid);
  if (!place.plan.find_secret("token"))
    place.plan.secrets.push_back({"token", plan::Secret::From::env, "", "", "TOKEN"});
  place.vault.texts["token"] = "lab@pve!labrun=0000";
  if (!place.plan.find_step("image"))
    place.step("image", "proxmox.image/1",
               {{"endpoint", "e"}, {"node", "pve1"}, {"storage", "local"}, {"filename", "talos.iso"}},
               {{"api", proxmox_api()},
                {"node", "pve1"},
                {"storage", "local"},
                {"content", "iso"},
                {"url", "https://f.example/talos.iso"},
                {"filename", "talos.iso"}});
  place.step("vm/" + name, "proxmox.vm/1", {{"node", "pve1"}, {"vmid", vmid}, {"marker", "mark-" + name}},
             {{"api", proxmox_api()},
              {"node", "pve1"},
              {"vmid", vmid},
              {"params",
               {{"name", name},
                {"cores", 2},
                {"memory", "4096"},
                {"scsi0", "fast:60,ssd=1"},
                {"ide2", "local:iso/talos.iso,media=cdrom"},
                {"tags", "talos;lab"},
                {"description", "lab-id: mark-" + name}}},
              {"resize", {{{"disk", "scsi0"}, {"size", "80G"}}}}},
             {"image"});
  place.step("power/" + name, "proxmox.power/1", {{"node", "pve1"}, {"vmid", vmid}},
             {{"api", proxmox_api()}, {"node", "pve1"}, {"vmid", vmid}, {"state", "running"}},
             {"vm/" + name});
}

}  // namespace lab::test
