#include "runtime/simulator/kubernetes/store.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <set>

namespace lab::simulator::kubernetes {
namespace {

using Pointer = Json::json_pointer;
using Leaves = std::map<std::string, Json>;

/// Every value below maps, by JSON pointer; lists and empty maps are leaves.
void leaves(const Json& value, const std::string& path, Leaves& out) {
  if (!value.is_object() || value.empty()) {
    out[path] = value;
    return;
  }
  for (const auto& [key, each] : value.items()) {
    std::string part = key;
    for (std::size_t at = 0; (at = part.find_first_of("~/", at)) != std::string::npos; at += 2)
      part.replace(at, 1, part[at] == '~' ? "~0" : "~1");
    leaves(each, path + "/" + part, out);
  }
}

Leaves owned_leaves(const Json& wanted) {
  Leaves all;
  leaves(wanted, "", all);
  for (const char* name : {"/apiVersion", "/kind", "/metadata/name", "/metadata/namespace"}) all.erase(name);
  std::erase_if(all, [](const auto& each) { return each.first.rfind("/status", 0) == 0; });
  return all;
}

Json* entry_of(Json& fields, const std::string& manager) {
  for (Json& each : fields)
    if (each["manager"] == manager) return &each;
  return nullptr;
}

bool below(const std::string& path, const std::string& of) {
  return path == of || path.rfind(of + "/", 0) == 0;
}

/// ".spec.replicas", as conflicts name fields.
std::string dotted(std::string path) {
  for (char& c : path)
    if (c == '/') c = '.';
  return path;
}

void erase_at(Json& object, const std::string& path) {
  const Pointer where(path);
  if (!object.contains(where)) return;
  Json& parent = object.at(where.parent_pointer());
  if (parent.is_object()) parent.erase(where.back());
}

}  // namespace

Id id_of(const Json& object) {
  return {text_at(object, "/apiVersion"), text_at(object, "/kind"), text_at(object, "/metadata/namespace"),
          text_at(object, "/metadata/name")};
}

std::string Store::next_version() {
  state_["version"] = state_.value("version", 0) + 1;
  return std::to_string(state_["version"].get<int>());
}

Json* Store::find(const Id& id) {
  Json& all = objects();
  const auto found = all.find(id.key());
  return found == all.end() ? nullptr : &*found;
}

void Store::remove(const Id& id) {
  objects().erase(id.key());
}

bool Store::set_status(Json& object, const Json& status) {
  if (object.contains("status") && object["status"] == status) return false;
  object["status"] = status;
  object["metadata"]["resourceVersion"] = next_version();
  return true;
}

Applied Store::apply(const Id& id, const Json& wanted, const std::string& manager, bool force, bool dry) {
  Applied out;
  const Json* live = find(id);
  out.created = live == nullptr;
  out.object =
      live ? *live
           : Json{{"apiVersion", id.api_version}, {"kind", id.kind}, {"metadata", {{"name", id.name}}}};
  Json& object = out.object;
  if (!id.space.empty()) object["metadata"]["namespace"] = id.space;
  Json fields = object["metadata"].value("managedFields", Json::array());
  const Leaves want = owned_leaves(wanted);

  std::set<std::string> ours_before;
  if (const Json* mine = entry_of(fields, manager))
    for (const auto& [path, nothing] : mine->at("fieldsV1").items()) ours_before.insert(path);
  for (const auto& [path, value] : want) {
    const Pointer where(path);
    if (object.contains(where) && object.at(where) == value) continue;
    for (Json& other : fields) {
      if (other["manager"] == manager) continue;
      std::vector<std::string> lost;
      for (const auto& [theirs, nothing] : other["fieldsV1"].items())
        if (below(theirs, path) || below(path, theirs)) lost.push_back(theirs);
      if (lost.empty()) continue;
      if (!force) out.conflicts.emplace_back(other["manager"], dotted(path));
      for (const std::string& each : lost) other["fieldsV1"].erase(each);
    }
    if (!out.conflicts.empty()) continue;
    for (Pointer up = where.parent_pointer(); !up.empty(); up = up.parent_pointer())
      if (object.contains(up) && !object.at(up).is_object()) object.at(up) = Json::object();
    object[where] = value;
  }
  if (!out.conflicts.empty()) return out;
  for (const std::string& path : ours_before) {
    if (want.contains(path)) continue;
    bool others = false;
    for (const Json& each : fields)
      others = others || (each["manager"] != manager && each["fieldsV1"].contains(path));
    bool replaced = false;
    for (const auto& [mine, value] : want) replaced = replaced || below(mine, path);
    if (!others && !replaced) erase_at(object, path);
  }
  Json mine = Json::object();
  for (const auto& [path, value] : want) mine[path] = Json::object();
  if (Json* entry = entry_of(fields, manager))
    (*entry)["fieldsV1"] = mine;
  else
    fields.push_back({{"manager", manager},
                      {"operation", "Apply"},
                      {"apiVersion", id.api_version},
                      {"fieldsType", "FieldsV1"},
                      {"fieldsV1", mine}});
  object["metadata"]["managedFields"] = fields;

  out.changed = !live || *live != object;
  if (!out.changed) return out;
  if (!live) {
    object["metadata"]["uid"] =
        dry ? "00000000-0000-4000-a000-000000000000"
            : fmt::format("00000000-0000-4000-a000-{:012x}", world_.random() & 0xffffffffffff);
    object["metadata"]["creationTimestamp"] =
        fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(world_.seconds())));
    object["metadata"]["generation"] = 1;
  } else if (object.value("spec", Json()) != live->value("spec", Json())) {
    object["metadata"]["generation"] = live->at("metadata").value("generation", 1) + 1;
  }
  if (dry) return out;
  object["metadata"]["resourceVersion"] = next_version();
  objects()[id.key()] = object;
  return out;
}

}  // namespace lab::simulator::kubernetes
