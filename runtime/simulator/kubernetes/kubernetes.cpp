#include "runtime/simulator/kubernetes/kubernetes.h"

#include <fmt/format.h>

#include "runtime/drivers/common/yaml.h"
#include "runtime/simulator/kubernetes/kinds.h"

namespace lab::simulator::kubernetes {
namespace {

using namespace std::chrono_literals;

HttpReply answer(int status, const Json& body) {
  HttpReply reply;
  reply.status = status;
  reply.reason = status < 300 ? "OK" : "Error";
  reply.headers = {{"Content-Type", "application/json"}};
  reply.body = body.dump();
  return reply;
}

HttpReply refuse(int status, const std::string& reason, const std::string& message,
                 const Json& details = Json::object()) {
  return answer(status, {{"kind", "Status"},
                         {"apiVersion", "v1"},
                         {"status", "Failure"},
                         {"message", message},
                         {"reason", reason},
                         {"details", details},
                         {"code", status}});
}

std::vector<std::string> split(const std::string& path) {
  std::vector<std::string> out;
  for (std::size_t start = 0; start < path.size();) {
    const auto end = std::min(path.find('/', start), path.size());
    if (end > start) out.push_back(percent_decode(path.substr(start, end - start), false));
    start = end + 1;
  }
  return out;
}

}  // namespace

struct Kubernetes::Route {
  std::string api_version, space, plural, name;
  ServedKind kind;
};

HttpReply Kubernetes::handle(const std::string& cluster, const HttpRequest& request) {
  if (request.path == "/version") return answer(200, {{"gitVersion", "v0.0.0-simulated"}});
  if (request.path == "/livez" || request.path == "/readyz") return answer(200, "ok");
  if (request.client_subject.empty()) return refuse(401, "Unauthorized", "Unauthorized");
  if (request.client_subject.rfind("system:masters/", 0) != 0) return refuse(403, "Forbidden", "forbidden");

  // /api/v1/… and /apis/GROUP/VERSION/…, then [namespaces/NS/]PLURAL[/NAME]
  const std::vector<std::string> parts = split(request.path);
  const bool core = !parts.empty() && parts[0] == "api";
  const std::size_t head = core ? 2 : 3;
  if (parts.size() < head) return refuse(404, "NotFound", "the server could not find the requested resource");
  Route route;
  route.api_version = core ? parts[1] : parts[1] + "/" + parts[2];
  const std::vector<ServedKind> kinds = served(state(cluster), route.api_version);
  if (kinds.empty()) return refuse(404, "NotFound", "the server could not find the requested resource");
  if (parts.size() == head) {
    Json resources = Json::array();
    for (const ServedKind& each : kinds) {
      resources.push_back({{"name", each.plural},
                           {"kind", each.kind},
                           {"namespaced", each.namespaced},
                           {"verbs", {"get", "list", "patch", "delete"}}});
      resources.push_back({{"name", each.plural + "/status"},
                           {"kind", each.kind},
                           {"namespaced", each.namespaced},
                           {"verbs", {"get"}}});
    }
    return answer(200, {{"kind", "APIResourceList"},
                        {"apiVersion", "v1"},
                        {"groupVersion", route.api_version},
                        {"resources", resources}});
  }
  std::size_t next = head;
  if (parts[next] == "namespaces" && parts.size() > next + 2) {
    route.space = parts[next + 1];
    next += 2;
  }
  route.plural = parts[next];
  if (next + 1 < parts.size()) route.name = parts[next + 1];
  for (const ServedKind& each : kinds)
    if (each.plural == route.plural) route.kind = each;
  if (route.kind.kind.empty())
    return refuse(404, "NotFound", "the server could not find the requested resource");

  Store store(world_, state(cluster));
  const Id id{route.api_version, route.kind.kind, route.kind.namespaced ? route.space : "", route.name};
  if (route.name.empty()) {
    Json items = Json::array();
    for (const auto& [key, object] : store.objects().items())
      if (object["kind"] == route.kind.kind && object["apiVersion"] == route.api_version &&
          (route.space.empty() || text_at(object, "/metadata/namespace") == route.space))
        items.push_back(object);
    return answer(200,
                  {{"kind", route.kind.kind + "List"}, {"apiVersion", route.api_version}, {"items", items}});
  }
  const Json missing = {{"name", route.name}, {"kind", route.plural}};
  if (request.method == "PATCH") return apply(cluster, route, request);
  const Json* object = store.find(id);
  if (!object)
    return refuse(404, "NotFound", fmt::format("{} \"{}\" not found", route.plural, route.name), missing);
  if (request.method == "GET") return answer(200, *object);
  if (request.method != "DELETE")
    return refuse(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
  world_.wrote("DELETE " + request.path);
  store.remove(id);
  return answer(200, {{"kind", "Status"}, {"apiVersion", "v1"}, {"status", "Success"}});
}

HttpReply Kubernetes::apply(const std::string& cluster, const Route& route, const HttpRequest& request) {
  const auto query = [&](const char* name) {
    const auto found = request.query.find(name);
    return found == request.query.end() ? std::string() : found->second;
  };
  const auto type = request.headers.find("content-type");
  if (type == request.headers.end() || type->second != "application/apply-patch+yaml")
    return refuse(415, "UnsupportedMediaType", "the body of the request was in an unknown format");
  if (query("fieldManager").empty())
    return refuse(400, "BadRequest", "fieldManager is required for apply patch");
  const auto documents = drivers::read_yaml(request.body);
  if (!documents || documents->size() != 1 || !documents->front().is_object())
    return refuse(400, "BadRequest", "error decoding YAML");
  const Json& wanted = documents->front();
  if (wanted.value("kind", "") != route.kind.kind || wanted.value("apiVersion", "") != route.api_version ||
      text_at(wanted, "/metadata/name") != route.name)
    return refuse(400, "BadRequest", "the object does not match the path of the request");
  Store store(world_, state(cluster));
  const Id id{route.api_version, route.kind.kind, route.kind.namespaced ? route.space : "", route.name};
  if (route.kind.namespaced && !store.find({"v1", "Namespace", "", route.space}))
    return refuse(404, "NotFound", fmt::format("namespaces \"{}\" not found", route.space),
                  {{"name", route.space}, {"kind", "namespaces"}});
  const bool dry = query("dryRun") == "All";
  const Applied applied = store.apply(id, wanted, query("fieldManager"), query("force") == "true", dry);
  if (!applied.conflicts.empty()) {
    Json causes = Json::array();
    std::string text = fmt::format("Apply failed with {} conflict{}:", applied.conflicts.size(),
                                   applied.conflicts.size() == 1 ? "" : "s");
    for (const auto& [manager, field] : applied.conflicts) {
      const std::string message = fmt::format("conflict with \"{}\"", manager);
      causes.push_back({{"reason", "FieldManagerConflict"}, {"message", message}, {"field", field}});
      text += fmt::format(" {}: {}", message, field);
    }
    return refuse(409, "Conflict", text, {{"causes", causes}});
  }
  if (applied.changed && !dry) {
    world_.wrote(fmt::format("PATCH {}", request.path));
    const bool soon = id.kind != "Deployment" && id.kind != "StatefulSet" && id.kind != "DaemonSet";
    settle_later(cluster, id.key(), soon ? 1s : 20s);
  }
  return answer(applied.created ? 201 : 200, applied.object);
}

}  // namespace lab::simulator::kubernetes
