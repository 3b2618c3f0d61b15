// kubernetes.apply/1: objects by server-side apply
// (https://kubernetes.io/docs/reference/using-api/server-side-apply/). Drift is found as Flux finds it: GET,
// then the same apply as a dry run, and only what differs is written (fluxcd/pkg ssa/manager_diff.go). A
// field of another manager stops the step, unless that manager is one that yields.
//
// The names of what was applied are kept in a ConfigMap of the cluster, the inventory, so that `destroy` and
// a person can tell what came from here. Mode "if-absent" is for what GitOps takes over: an object that
// exists is left alone.
#include <fmt/format.h>

#include "crypto/secret_bytes.h"
#include "runtime/drivers/common/driver.h"
#include "runtime/drivers/common/encode.h"
#include "runtime/drivers/common/failures.h"
#include "runtime/drivers/kubernetes/drivers.h"
#include "runtime/drivers/kubernetes/objects.h"

namespace lab::drivers::kubernetes {
namespace {

constexpr std::string_view patch_type = "application/apply-patch+yaml";  // JSON is YAML
constexpr Milliseconds between_looks{2000};
constexpr int looks_for_a_kind = 30;  // how long a definition may take to be served

enum class Dry { no, yes };

engine::Secret secret_body(const Json& object) {
  std::string text = object.dump();
  auto body = std::make_shared<const crypto::SecretBytes>(crypto::SecretBytes::copy_text(text));
  crypto::wipe(text.data(), text.size());
  return body;
}

/// The inventory as an object to apply like the others. Names are `<namespace>_<name>_<group>_<kind>`
/// (fluxcd/pkg ssa/utils; cli-utils object.ObjMetadata), one a key, with the version as the value.
Object inventory_of(const Step& step, const std::vector<Object>& objects) {
  Json data = Json::object();
  for (const Object& each : objects) {
    const Name name = name_of(each.body);
    const auto slash = name.api_version.find('/');
    const std::string group = slash == std::string::npos ? "" : name.api_version.substr(0, slash);
    const std::string version =
        slash == std::string::npos ? name.api_version : name.api_version.substr(slash + 1);
    std::string key = fmt::format("{}_{}_{}_{}", name.space, name.name, group, name.kind);
    for (char& c : key)
      if (c == ':') c = '.';  // names of roles may hold colons, keys may not
    data[key] = version;
  }
  Json body = {
      {"apiVersion", "v1"},
      {"kind", "ConfigMap"},
      {"metadata",
       {{"name", "labrun-" + step.key.at("inventory").get<std::string>()}, {"namespace", "kube-system"}}},
      {"data", std::move(data)}};
  return {std::move(body), false};
}

Outcome<std::vector<Object>> wanted(Context& context, const Step& step) {
  auto objects = objects_of(context, step.desired.at("documents"));
  if (objects && step.desired.at("mode") == "apply") objects->push_back(inventory_of(step, *objects));
  return objects;
}

/// Applies one object. The value is the object as the server has it (or would have it) now.
Task<Outcome<Json>> apply(Context& context, const Access& access, std::string path, Name name,
                          engine::Secret body, Dry dry) {
  bool force = false;
  for (;;) {
    const std::string query = fmt::format("?fieldManager={}&force={}&fieldValidation=Strict{}", manager,
                                          force, dry == Dry::yes ? "&dryRun=All" : "");
    auto asking = call(context, access, "PATCH", path + query, std::string(patch_type), body);
    auto reply = co_await std::move(asking);
    if (!reply) co_return reply.error();
    Json answer;
    parse_json(reply->body, answer);
    if (reply->status == 200 || reply->status == 201) co_return answer;
    if (reply->status == 409 && !force && may_take_over(managers_in_conflict(answer))) {
      force = true;
      continue;
    }
    // The message of a refusal may quote values.
    co_return failure_of(Vendor::kubernetes, *reply, name.text(),
                         name.kind == "Secret" ? std::string("refused") : message_of(reply->body));
  }
}

class Apply final : public engine::Driver {
 public:
  Task<Outcome<Probe>> probe(Context& context, const Step& step) override {
    auto known = access(context, step.desired.at("kubeconfig"));
    if (!known) co_return known.error();
    auto objects = wanted(context, step);
    if (!objects) co_return objects.error();
    const bool if_absent = step.desired.at("mode") == "if-absent";
    Probe probe;
    Discovery discovery;
    std::size_t missing = 0, ours = 0;
    std::string seen;
    for (const Object& object : *objects) {
      const Name name = name_of(object.body);
      auto getting = get(context, *known, discovery, name);
      auto live = co_await std::move(getting);
      if (!live) co_return live.error();
      if (live->is_null()) {
        ++missing;
        probe.differences.push_back({field_of(name), Json(), "to be made"});
        continue;
      }
      if (is_ours(*live)) ++ours;
      const Json metadata = live->value("metadata", Json::object());
      seen += fmt::format("{} {} {}\n", name.text(), metadata.value("uid", ""),
                          metadata.value("generation", std::int64_t{0}));
      if (if_absent) continue;
      auto finding = path_of(context, *known, discovery, name);
      auto path = co_await std::move(finding);
      if (!path) co_return path.error();
      auto trying = apply(context, *known, *path, name, secret_body(object.body), Dry::yes);
      auto dry = co_await std::move(trying);
      if (!dry) {
        if (dry.error().cls != FailureClass::foreign) co_return dry.error();
        probe.found = Found::foreign;
        probe.note = dry.error().message;
        co_return probe;
      }
      for (const std::string& path_in : changes(*live, *dry))
        probe.differences.push_back({field_of(name) + path_in, "(differs)", "(changed)"});
    }
    if (missing == objects->size() && ours == 0) {
      probe.differences.clear();
      co_return probe;
    }
    probe.found = probe.differences.empty() ? Found::same : Found::different;
    probe.fingerprint = plan::sha256_hex(seen);
    co_return probe;
  }

  Task<Outcome<Outputs>> act(Context& context, const Step& step, const Probe&) override {
    auto known = access(context, step.desired.at("kubeconfig"));
    if (!known) co_return known.error();
    auto objects = wanted(context, step);
    if (!objects) co_return objects.error();
    const bool if_absent = step.desired.at("mode") == "if-absent";
    Discovery discovery;
    std::size_t done = 0;
    for (const Object& object : *objects) {
      const Name name = name_of(object.body);
      context.progress(fmt::format("{} ({} of {})", name.text(), ++done, objects->size()));
      auto finding = find(context, *known, discovery, name);
      auto path = co_await std::move(finding);
      if (!path) co_return path.error();
      auto getting = get(context, *known, discovery, name);
      auto live = co_await std::move(getting);
      if (!live) co_return live.error();
      if (!live->is_null() && if_absent) continue;
      if (!live->is_null()) {
        auto trying = apply(context, *known, *path, name, secret_body(object.body), Dry::yes);
        auto dry = co_await std::move(trying);
        if (!dry) co_return dry.error();
        if (changes(*live, *dry).empty()) continue;
      }
      auto applying = apply(context, *known, *path, name, secret_body(object.body), Dry::no);
      auto applied = co_await std::move(applying);
      if (!applied) co_return applied.error();
    }
    co_return Outputs{};
  }

  Task<Outcome<Nothing>> destroy(Context& context, const Step& step, const Probe&) override {
    auto known = access(context, step.desired.at("kubeconfig"));
    if (!known) co_return known.error();
    auto objects = wanted(context, step);
    if (!objects) co_return objects.error();
    Discovery discovery;
    for (auto object = objects->rbegin(); object != objects->rend(); ++object) {
      const Name name = name_of(object->body);
      auto getting = get(context, *known, discovery, name);
      auto live = co_await std::move(getting);
      if (!live) co_return live.error();
      if (live->is_null() || !is_ours(*live)) continue;
      auto finding = path_of(context, *known, discovery, name);
      auto path = co_await std::move(finding);
      if (!path) co_return path.error();
      auto deleting = call(context, *known, "DELETE", *path, {}, nullptr);
      auto reply = co_await std::move(deleting);
      if (!reply) co_return reply.error();
      if (reply->status >= 300 && reply->status != 404)
        co_return failure_of(Vendor::kubernetes, *reply, name.text(), message_of(reply->body));
    }
    co_return Nothing{};
  }

 private:
  static std::string field_of(const Name& name) { return "documents." + name.text(); }

  /// The path of an object whose kind may be served only in a moment.
  static Task<Outcome<std::string>> find(Context& context, const Access& known, Discovery& discovery,
                                         Name name) {
    for (int look = 0; look < looks_for_a_kind; ++look) {
      auto finding = path_of(context, known, discovery, name);
      auto path = co_await std::move(finding);
      if (!path || !path->empty()) co_return path;
      co_await context.sleep(between_looks);
    }
    co_return Failure{FailureClass::retryable_server,
                      fmt::format("the cluster does not know {} of {}", name.kind, name.api_version)};
  }
};

}  // namespace

std::unique_ptr<engine::Driver> make_apply() {
  return std::make_unique<Apply>();
}

}  // namespace lab::drivers::kubernetes
