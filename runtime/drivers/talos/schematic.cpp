// talos.schematic/1: the image factory knows a schematic. Its id is a hash of its content, so posting it
// again makes nothing new; unknown ids answer 404 (siderolabs/image-factory
// internal/frontend/http/schematic.go).
#include <fmt/format.h>

#include "runtime/drivers/common/driver.h"
#include "runtime/drivers/common/encode.h"
#include "runtime/drivers/common/failures.h"
#include "runtime/drivers/talos/drivers.h"

namespace lab::drivers::talos {
namespace {

class Schematic final : public Lasting {
 public:
  Task<Outcome<Probe>> probe(Context& context, const Step& step) override {
    const std::string id = step.key.at("id");
    engine::Request request;
    request.url = fmt::format("{}/schematics/{}", step.desired.at("factory").get<std::string>(), id);
    auto reply = co_await context.http(std::move(request));
    if (!reply) co_return reply.error();
    Probe probe;
    if (reply->status == 404) co_return probe;
    if (reply->status != 200) co_return failure_of(Vendor::any, *reply, "GET /schematics", reply->reason);
    probe.found = Found::same;
    probe.fingerprint = id;
    probe.outputs.open["id"] = id;
    co_return probe;
  }

  Task<Outcome<Outputs>> act(Context& context, const Step& step, const Probe&) override {
    auto text = context.artifact(step.desired.at("schematic"));
    if (!text) co_return text.error();
    engine::Request request;
    request.method = "POST";
    request.url = step.desired.at("factory").get<std::string>() + "/schematics";
    request.headers.emplace_back("Content-Type", "application/yaml");
    request.body = std::move(*text);
    auto reply = co_await context.http(std::move(request));
    if (!reply) co_return reply.error();
    if (reply->status != 200 && reply->status != 201)
      co_return failure_of(Vendor::any, *reply, "POST /schematics", reply->reason);
    nlohmann::json body;
    parse_json(reply->body, body);
    const std::string id = body.is_object() ? body.value("id", "") : "";
    if (id != step.key.at("id"))
      co_return permanent(fmt::format("the factory calls this schematic {}, the plan {}", id,
                                      step.key.at("id").get<std::string>()));
    Outputs outputs;
    outputs.open["id"] = id;
    co_return outputs;
  }
};

}  // namespace

std::unique_ptr<engine::Driver> make_schematic() {
  return std::make_unique<Schematic>();
}

}  // namespace lab::drivers::talos
