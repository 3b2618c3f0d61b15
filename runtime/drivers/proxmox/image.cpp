// proxmox.image/1: a file that the node fetches itself (POST …/download-url). Its name says what it is; the
// node renames a download into place only when it is whole and its checksum is right (pve-storage
// API2/Storage/Status.pm, PVE::Tools::download_file_from_url), so a file under the name is the file.
#include <fmt/format.h>

#include "runtime/drivers/common/driver.h"
#include "runtime/drivers/common/encode.h"
#include "runtime/drivers/proxmox/api.h"
#include "runtime/drivers/proxmox/drivers.h"

namespace lab::drivers::proxmox {
namespace {

std::string storage_path(const Json& desired, std::string_view what) {
  return fmt::format("/nodes/{}/storage/{}/{}", desired.at("node").get<std::string>(),
                     desired.at("storage").get<std::string>(), what);
}

std::string volume(const Json& desired) {
  return fmt::format("{}:{}/{}", desired.at("storage").get<std::string>(),
                     desired.at("content").get<std::string>(), desired.at("filename").get<std::string>());
}

class Image final : public engine::Driver {
 public:
  Task<Outcome<Probe>> probe(Context& context, const Step& step) override {
    const Json& desired = step.desired;
    Json filter = {{"content", desired.at("content")}};
    auto listing =
        call(context, desired.at("api"), "GET", storage_path(desired, "content"), std::move(filter));
    auto files = co_await std::move(listing);
    if (!files) co_return files.error();
    Probe probe;
    for (const Json& file : *files) {
      if (file.value("volid", "") != volume(desired)) continue;
      probe.found = Found::same;
      probe.fingerprint = fmt::format("{}:{}", volume(desired), file.value("size", std::int64_t{0}));
      co_return probe;
    }
    auto looking =
        running_task(context, desired.at("api"), desired.at("node"), "imgdownload", desired.at("filename"));
    auto task = co_await std::move(looking);
    if (!task) co_return task.error();
    if (!task->empty()) {
      probe.found = Found::in_progress;
      probe.note = "downloading";
    }
    co_return probe;
  }

  Task<Outcome<Outputs>> act(Context& context, const Step& step, const Probe& probe) override {
    const Json& desired = step.desired;
    context.progress("downloading " + desired.at("filename").get<std::string>());
    if (probe.found == Found::in_progress) {
      auto waiting = wait_while_running(context, desired.at("api"), desired.at("node"), "imgdownload",
                                        desired.at("filename"));
      auto over = co_await std::move(waiting);
      if (!over) co_return over.error();
      co_return Outputs{};
    }
    Json parameters = Json::object();
    for (const char* name : {"content", "filename", "url", "checksum", "checksum-algorithm"})
      if (desired.contains(name)) parameters[name] = desired[name];
    auto running = run_task(context, desired.at("api"), desired.at("node"), "POST",
                            storage_path(desired, "download-url"), std::move(parameters));
    auto ended = co_await std::move(running);
    if (!ended) co_return ended.error();
    co_return Outputs{};
  }

  Task<Outcome<Nothing>> destroy(Context& context, const Step& step, const Probe&) override {
    const Json& desired = step.desired;
    auto running = run_task(context, desired.at("api"), desired.at("node"), "DELETE",
                            storage_path(desired, "content/" + percent_encode(volume(desired))), Json());
    auto ended = co_await std::move(running);
    co_return ended;
  }
};

}  // namespace

std::unique_ptr<engine::Driver> make_image() {
  return std::make_unique<Image>();
}

}  // namespace lab::drivers::proxmox
