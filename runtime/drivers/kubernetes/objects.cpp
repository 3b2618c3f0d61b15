#include "runtime/drivers/kubernetes/objects.h"

#include <algorithm>
#include <array>

#include "crypto/secret_bytes.h"
#include "runtime/drivers/common/failures.h"
#include "runtime/drivers/common/yaml.h"

namespace lab::drivers::kubernetes {
namespace {

constexpr std::array<std::string_view, 4> first = {"CustomResourceDefinition", "Namespace", "ClusterRole",
                                                   "PriorityClass"};
constexpr std::array<std::string_view, 4> second = {"StorageClass", "IngressClass", "GatewayClass",
                                                    "RuntimeClass"};
constexpr std::array<std::string_view, 2> last = {"ValidatingWebhookConfiguration",
                                                  "MutatingWebhookConfiguration"};

constexpr std::array<std::string_view, 2> may_yield = {"kubectl", "labrun"};  // beginnings of names

int stage_of(const Json& object) {
  const std::string kind = object.value("kind", "");
  if (const auto at = std::find(first.begin(), first.end(), kind); at != first.end())
    return static_cast<int>(at - first.begin());
  if (std::find(second.begin(), second.end(), kind) != second.end()) return 10;
  return std::find(last.begin(), last.end(), kind) != last.end() ? 30 : 20;
}

void add(std::vector<Object>& out, Json document, bool secret) {
  if (!document.is_object()) return;
  const std::string kind = document.value("kind", "");
  if (kind == "List" && document.contains("items")) {
    for (Json& item : document["items"]) add(out, std::move(item), secret);
    return;
  }
  out.push_back({std::move(document), secret || kind == "Secret"});
}

void compare(std::vector<std::string>& out, const std::string& path, const Json& from, const Json& to) {
  if (from == to) return;
  if (!from.is_object() || !to.is_object()) {
    out.push_back(path);
    return;
  }
  for (const auto& [key, value] : from.items()) compare(out, path + "." + key, value, to.value(key, Json()));
  for (const auto& [key, value] : to.items())
    if (!from.contains(key)) out.push_back(path + "." + key);
}

/// What is ours to compare: without what the server keeps.
Json owned(const Json& object) {
  Json out = object;
  out.erase("status");
  if (out.contains("metadata"))
    for (const char* name :
         {"managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"})
      out["metadata"].erase(name);
  return out;
}

}  // namespace

engine::Outcome<std::vector<Object>> objects_of(engine::Context& context, const Json& documents) {
  std::vector<Object> out;
  for (const Json& reference : documents) {
    std::string problem;
    std::optional<std::vector<Json>> read;
    const bool sealed = !reference.contains("$artifact");
    if (sealed) {
      auto text = context.secret(reference);
      if (!text) return text.error();
      read = read_yaml((*text)->expose_text(), &problem);
    } else {
      auto text = context.artifact(reference);
      if (!text) return text.error();
      read = read_yaml(*text, &problem);
    }
    if (!read) return permanent(reference.dump() + ": " + problem);
    for (Json& each : *read) add(out, std::move(each), sealed);
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const Object& a, const Object& b) { return stage_of(a.body) < stage_of(b.body); });
  return out;
}

std::vector<std::string> changes(const Json& live, const Json& applied) {
  std::vector<std::string> out;
  compare(out, "", owned(live), owned(applied));
  return out;
}

bool is_ours(const Json& live) {
  const Json fields = live.value("metadata", Json::object()).value("managedFields", Json::array());
  return std::any_of(fields.begin(), fields.end(),
                     [](const Json& each) { return each.value("manager", "") == manager; });
}

std::vector<std::string> managers_in_conflict(const Json& status) {
  std::vector<std::string> out;
  const Json details = status.is_object() ? status.value("details", Json::object()) : Json::object();
  for (const Json& cause : details.value("causes", Json::array())) {
    if (cause.value("reason", "") != "FieldManagerConflict") continue;
    const std::string message = cause.value("message", "");
    const auto open = message.find('"'), close = message.find('"', open + 1);
    if (open != std::string::npos && close != std::string::npos)
      out.push_back(message.substr(open + 1, close - open - 1));
  }
  return out;
}

bool may_take_over(const std::vector<std::string>& managers) {
  return !managers.empty() && std::all_of(managers.begin(), managers.end(), [](const std::string& name) {
    return std::any_of(may_yield.begin(), may_yield.end(),
                       [&](std::string_view start) { return name.rfind(start, 0) == 0; });
  });
}

}  // namespace lab::drivers::kubernetes
