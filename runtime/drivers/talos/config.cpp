// talos.config/1: a node has its configuration. Which API a node serves is found by trying both: with the
// administrator's certificate, and as a stranger, which is answered in maintenance mode alone. After a
// configuration is applied the maintenance API still answers for a while, so what is waited for is the stage
// of the machine.
#include <fmt/format.h>

#include "crypto/secret_bytes.h"
#include "runtime/drivers/common/driver.h"
#include "runtime/drivers/common/failures.h"
#include "runtime/drivers/talos/client.h"
#include "runtime/drivers/talos/drivers.h"
#include "runtime/drivers/talos/machine_config.h"

namespace lab::drivers::talos {
namespace {

constexpr int looks_before_foreign = 3;

/// How a node was met.
enum class Met { unreachable, maintenance, at_work, ours, foreign };

struct Meeting {
  Met met = Met::unreachable;
  std::string address;  // where it answers
  std::string config;   // of ours: what it runs, with its secrets
  MachineStatus status;
};

struct Wanted {
  std::string open;      // the part that is no secret
  engine::Secret whole;  // merged with the secrets
  Credentials credentials;
};

Outcome<Wanted> wanted(Context& context, const Step& step) {
  auto open = context.artifact(step.desired.at("config"));
  if (!open) return open.error();
  auto secrets = context.secret(step.desired.at("secrets"));
  if (!secrets) return secrets.error();
  auto known = credentials(context, step.desired.at("talosconfig"));
  if (!known) return known.error();
  auto whole = merge(*open, (*secrets)->expose_text());
  if (!whole)
    return permanent("the machine configuration and its secrets cannot be merged: one of them is not YAML");
  auto bytes = std::make_shared<const crypto::SecretBytes>(crypto::SecretBytes::copy_text(*whole));
  crypto::wipe(whole->data(), whole->size());
  return Wanted{std::move(*open), std::move(bytes), std::move(*known)};
}

std::vector<std::string> addresses(const Step& step) {
  std::vector<std::string> out = {step.desired.at("node")};
  if (step.desired.contains("endpoints"))
    for (const auto& each : step.desired["endpoints"])
      if (each != out.front()) out.push_back(each);
  return out;
}

class Config final : public engine::Driver {
 public:
  Task<Outcome<Probe>> probe(Context& context, const Step& step) override {
    auto want = wanted(context, step);
    if (!want) co_return want.error();
    auto meeting = meet(context, step, want->credentials);
    auto node = co_await std::move(meeting);
    if (!node) co_return node.error();
    Probe probe;
    switch (node->met) {
      case Met::unreachable:
        probe.note = "the node does not answer";
        break;
      case Met::maintenance:
        probe.note = "in maintenance mode";
        break;
      case Met::at_work:
        probe.found = Found::in_progress;
        probe.note = name(node->status.stage);
        break;
      case Met::foreign:
        probe.found = Found::foreign;
        probe.note = "the node answers with certificates of another cluster";
        break;
      case Met::ours:
        judge(*want, *node, probe);
        break;
    }
    co_return probe;
  }

  Task<Outcome<Outputs>> act(Context& context, const Step& step, const Probe&) override {
    auto want = wanted(context, step);
    if (!want) co_return want.error();
    bool applied = false;
    for (;;) {
      auto meeting = meet(context, step, want->credentials);
      auto node = co_await std::move(meeting);
      if (!node) co_return node.error();
      if (node->met == Met::foreign)
        co_return Failure{FailureClass::foreign, "the node answers with certificates of another cluster"};
      context.progress(phrase(*node, applied));
      const bool settled = node->met == Met::ours && !moving(node->status.stage);
      if (settled) {
        Probe now;
        judge(*want, *node, now);
        if (now.found == Found::same) co_return Outputs{};
        if (applied)
          co_return Failure{FailureClass::sent,
                            "the node runs, but not with the configuration that was applied"};
      }
      if (!applied && (settled || node->met == Met::maintenance)) {
        auto sending = apply(context, *node, *want);
        auto sent = co_await std::move(sending);
        if (!sent) co_return sent.error();
        applied = true;
      }
      co_await context.sleep(between_looks);
    }
  }

  /// The node forgets its state and comes up in maintenance mode.
  Task<Outcome<Nothing>> destroy(Context& context, const Step& step, const Probe& probe) override {
    if (probe.found != Found::same && probe.found != Found::different) co_return Nothing{};
    auto known = credentials(context, step.desired.at("talosconfig"));
    if (!known) co_return known.error();
    Writer request;  // ResetRequest: reboot=2, system_partitions_to_wipe=3{label=1, wipe=2}
    request.number(2, 1);
    for (const char* label : {"STATE", "EPHEMERAL"})
      request.message(3, Writer().bytes(1, label).number(2, 1));
    auto asking =
        demand(context, administrator(step.desired.at("node"), *known), call::reset, request.text());
    auto answer = co_await std::move(asking);
    if (!answer) co_return answer.error();
    co_return Nothing{};
  }

 private:
  static bool moving(Stage stage) { return stage != Stage::running && stage != Stage::booting; }

  static std::string phrase(const Meeting& node, bool applied) {
    switch (node.met) {
      case Met::unreachable:
        return applied ? "installing, rebooting" : "waiting for the node to answer";
      case Met::maintenance:
        return applied ? "taking its configuration" : "applying the configuration";
      default:
        return std::string(name(node.status.stage));
    }
  }

  static void judge(const Wanted& want, const Meeting& node, Probe& probe) {
    auto changes = compare(node.config, want.whole->expose_text());
    probe.fingerprint = plan::sha256_hex(node.config);
    probe.note = name(node.status.stage);
    if (!changes) {
      probe.found = Found::different;
      probe.differences.push_back({"config", "(not YAML)", "(changed)"});
      return;
    }
    redact(*changes, want.open);
    for (Change& each : *changes)
      probe.differences.push_back({"config." + each.path, std::move(each.from), std::move(each.to)});
    probe.found = probe.differences.empty() ? Found::same : Found::different;
  }

  static Task<Outcome<Meeting>> meet(Context& context, const Step& step, const Credentials& known) {
    Meeting meeting;
    for (const std::string& address : addresses(step)) {
      meeting.address = address;
      auto greeting = greet(context, meeting, known);
      auto met = co_await std::move(greeting);
      if (!met) co_return met.error();
      meeting = std::move(*met);
      if (meeting.met != Met::unreachable) break;
    }
    co_return meeting;
  }

  static Task<Outcome<Meeting>> greet(Context& context, Meeting meeting, const Credentials& known) {
    const std::string address = meeting.address;
    for (int look = 0; look < looks_before_foreign; ++look) {
      auto asking = demand(context, administrator(address, known), call::get, encode(machine_config));
      auto config = co_await std::move(asking);
      if (config) {
        auto looking = machine_state(context, administrator(address, known));
        auto status = co_await std::move(looking);
        if (!status) {
          if (!not_yet(status.error())) co_return status.error();
          co_return meeting;
        }
        meeting.config = read_machine_config(read_resource(config->body()));
        meeting.status = std::move(*status);
        meeting.met = Met::ours;
        co_return meeting;
      }
      const bool other_certificate = config.error().cls == FailureClass::tls;
      if (!other_certificate) {
        if (!not_yet(config.error())) co_return config.error();
        co_return meeting;
      }
      auto looking = machine_state(context, stranger(address));
      auto status = co_await std::move(looking);
      if (status) {
        meeting.status = std::move(*status);
        meeting.met = meeting.status.stage == Stage::maintenance ? Met::maintenance : Met::at_work;
        co_return meeting;
      }
      if (status.error().cls == FailureClass::not_sent) co_return meeting;
      if (status.error().cls == FailureClass::cancelled) co_return status.error();
      co_await context.sleep(between_looks);  // a reset on the way is no sign of another cluster
    }
    meeting.met = Met::foreign;
    co_return meeting;
  }

  static Task<Outcome<Nothing>> apply(Context& context, const Meeting& node, const Wanted& want) {
    std::string message = encode(ApplyRequest{std::string(want.whole->expose_text()), ApplyMode::automatic});
    std::string framed = frame(message);
    auto secret = std::make_shared<const crypto::SecretBytes>(crypto::SecretBytes::copy_text(framed));
    crypto::wipe(message.data(), message.size());
    crypto::wipe(framed.data(), framed.size());
    Peer peer =
        node.met == Met::ours ? administrator(node.address, want.credentials) : stranger(node.address);
    auto asking = ask_secretly(context, std::move(peer), call::apply, std::move(secret));
    auto answer = co_await std::move(asking);
    if (!answer) co_return answer.error();
    if (answer->status != Status::ok)
      co_return Failure{classify_grpc(answer->status, answer->message),
                        fmt::format("ApplyConfiguration: {}", answer->message)};
    co_return Nothing{};
  }
};

}  // namespace

std::unique_ptr<engine::Driver> make_config() {
  return std::make_unique<Config>();
}

}  // namespace lab::drivers::talos
