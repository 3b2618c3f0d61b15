// cloudflare.tunnel/1: a tunnel and, when Cloudflare holds it, its configuration. A name is unique within an
// account (error 1013) and nothing else of a tunnel can carry a mark, so ours is the one whose id the journal
// knows, or that was made after our intent to make it.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include "crypto/secret_bytes.h"
#include "runtime/drivers/cloudflare/api.h"
#include "runtime/drivers/cloudflare/drivers.h"
#include "runtime/drivers/common/driver.h"
#include "runtime/drivers/common/encode.h"

namespace lab::drivers::cloudflare {
namespace {

constexpr std::chrono::minutes clock_skew{5};

/// Whether a time as the API writes it ("2026-01-01T00:00:07Z", always UTC) is not before `moment`, give or
/// take the difference of two clocks.
bool since(const std::string& created_at, engine::WallTime moment) {
  const auto from = std::chrono::floor<std::chrono::seconds>(moment - clock_skew);
  return created_at >=
         fmt::format("{:%Y-%m-%dT%H:%M:%S}", fmt::gmtime(std::chrono::system_clock::to_time_t(from)));
}

struct Seen {
  std::string account;
  Json tunnel;  // null when there is none of that name
  bool ours = false;
};

class Tunnel final : public engine::Driver {
 public:
  Task<Outcome<Probe>> probe(Context& context, const Step& step) override {
    auto looking = look(context, step);
    auto seen = co_await std::move(looking);
    if (!seen) co_return seen.error();
    Probe probe;
    if (seen->tunnel.is_null()) co_return probe;
    if (!seen->ours) {
      probe.found = Found::foreign;
      probe.note = "the account has a tunnel of this name that this plan did not make";
      co_return probe;
    }
    const std::string id = seen->tunnel.value("id", "");
    if (step.desired.contains("config")) {
      auto reading = call(context, step.desired.at("api"), "GET", config_path(seen->account, id), Json());
      auto have = co_await std::move(reading);
      if (!have) co_return have.error();
      const Json config = have->is_object() ? have->value("config", Json()) : Json();
      if (config != step.desired["config"])
        probe.differences.push_back({"config", config, step.desired["config"]});
    }
    auto filling = outputs_of(context, step, seen->account, id);
    auto outputs = co_await std::move(filling);
    if (!outputs) co_return outputs.error();
    probe.outputs = std::move(*outputs);
    probe.fingerprint = id;
    probe.found = probe.differences.empty() ? Found::same : Found::different;
    co_return probe;
  }

  Task<Outcome<Outputs>> act(Context& context, const Step& step, const Probe&) override {
    auto looking = look(context, step);
    auto seen = co_await std::move(looking);
    if (!seen) co_return seen.error();
    const Json& api = step.desired.at("api");
    std::string id = seen->tunnel.is_null() ? "" : seen->tunnel.value("id", "");
    if (id.empty()) {
      Json body = {{"name", step.desired.at("name")}};
      if (step.desired.contains("config_src")) body["config_src"] = step.desired["config_src"];
      auto making =
          call(context, api, "POST", fmt::format("/accounts/{}/cfd_tunnel", seen->account), std::move(body));
      auto made = co_await std::move(making);
      if (!made) co_return made.error();
      id = made->value("id", "");
    }
    auto noted = context.observed({{"id", id}});
    if (!noted) co_return noted.error();
    if (step.desired.contains("config")) {
      Json body = {{"config", step.desired["config"]}};
      auto writing = call(context, api, "PUT", config_path(seen->account, id), std::move(body));
      auto written = co_await std::move(writing);
      if (!written) co_return written.error();
    }
    auto filling = outputs_of(context, step, seen->account, id);
    auto outputs = co_await std::move(filling);
    co_return outputs;
  }

  Task<Outcome<Nothing>> destroy(Context& context, const Step& step, const Probe&) override {
    auto looking = look(context, step);
    auto seen = co_await std::move(looking);
    if (!seen) co_return seen.error();
    if (seen->tunnel.is_null() || !seen->ours || step.expect == plan::Expect::present) co_return Nothing{};
    auto deleting =
        call(context, step.desired.at("api"), "DELETE",
             fmt::format("/accounts/{}/cfd_tunnel/{}", seen->account, seen->tunnel.value("id", "")), Json());
    auto deleted = co_await std::move(deleting);
    if (!deleted) co_return deleted.error();
    co_return Nothing{};
  }

 private:
  static std::string config_path(const std::string& account, const std::string& id) {
    return fmt::format("/accounts/{}/cfd_tunnel/{}/configurations", account, id);
  }

  static Task<Outcome<Seen>> look(Context& context, const Step& step) {
    auto finding = find_zone(context, step.desired.at("api"), step.desired.at("zone"));
    auto zone = co_await std::move(finding);
    if (!zone) co_return zone.error();
    Seen seen;
    seen.account = zone->account;
    const std::string name = step.desired.at("name");
    auto listing = call(
        context, step.desired.at("api"), "GET",
        fmt::format("/accounts/{}/cfd_tunnel?is_deleted=false&name={}", seen.account, percent_encode(name)),
        Json());
    auto tunnels = co_await std::move(listing);
    if (!tunnels) co_return tunnels.error();
    for (const Json& each : *tunnels)
      if (each.value("name", "") == name) seen.tunnel = each;
    if (seen.tunnel.is_null()) co_return seen;
    if (step.expect == plan::Expect::present) {  // somebody else's, and meant to be
      seen.ours = true;
      co_return seen;
    }
    const Json earlier = context.earlier();
    const auto intent = context.intent();
    seen.ours = (earlier.is_object() && earlier.value("id", "") == seen.tunnel.value("id", "")) ||
                (intent && since(seen.tunnel.value("created_at", ""), *intent));
    co_return seen;
  }

  static Task<Outcome<Outputs>> outputs_of(Context& context, const Step& step, std::string account,
                                           std::string id) {
    auto asking = call(context, step.desired.at("api"), "GET",
                       fmt::format("/accounts/{}/cfd_tunnel/{}/token", account, id), Json());
    auto token = co_await std::move(asking);
    if (!token) co_return token.error();
    Outputs outputs;
    outputs.open["id"] = id;
    outputs.open["cname"] = id + ".cfargotunnel.com";
    outputs.secret["token"] =
        std::make_shared<const crypto::SecretBytes>(crypto::SecretBytes::copy_text(scalar_text(*token)));
    co_return outputs;
  }
};

}  // namespace

std::unique_ptr<engine::Driver> make_tunnel() {
  return std::make_unique<Tunnel>();
}

}  // namespace lab::drivers::cloudflare
