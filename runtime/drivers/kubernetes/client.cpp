#include "runtime/drivers/kubernetes/client.h"

#include <fmt/format.h>

#include "crypto/secret_bytes.h"
#include "runtime/drivers/common/driver.h"
#include "runtime/drivers/common/encode.h"
#include "runtime/drivers/common/failures.h"
#include "runtime/drivers/common/yaml.h"

namespace lab::drivers::kubernetes {
namespace {

constexpr std::size_t longest_message = 300;

/// The entry called `name` of a list of {name, WHAT: {…}}.
Json entry(const Json& config, const char* list, const std::string& name, const char* what) {
  if (config.contains(list))
    for (const Json& each : config[list])
      if (each.value("name", "") == name && each.contains(what)) return each[what];
  return Json::object();
}

std::string text(const Json& map, const char* name) {
  return map.contains(name) && map[name].is_string() ? map[name].get<std::string>() : "";
}

engine::Secret secret_of(const std::string& value) {
  return std::make_shared<const crypto::SecretBytes>(crypto::SecretBytes::copy_text(value));
}

std::string root_of(const std::string& api_version) {
  return (api_version.find('/') == std::string::npos ? "/api/" : "/apis/") + api_version;
}

}  // namespace

std::optional<Access> read_kubeconfig(std::string_view source) {
  const auto documents = read_yaml(source);
  if (!documents || documents->empty() || !documents->front().is_object()) return std::nullopt;
  const Json& config = documents->front();
  const Json context = entry(config, "contexts", text(config, "current-context"), "context");
  const Json cluster = entry(config, "clusters", text(context, "cluster"), "cluster");
  const Json user = entry(config, "users", text(context, "user"), "user");
  Access access;
  access.server = text(cluster, "server");
  access.tls.ca_pem = base64_decode(text(cluster, "certificate-authority-data"));
  if (!access.tls.ca_pem.empty()) access.tls.verify = engine::Tls::Verify::ca;
  access.tls.client_cert_pem = base64_decode(text(user, "client-certificate-data"));
  if (const std::string key = base64_decode(text(user, "client-key-data")); !key.empty())
    access.tls.client_key = secret_of(key);
  if (const std::string token = text(user, "token"); !token.empty()) access.token = secret_of(token);
  if (access.server.empty() || (!access.tls.client_key && !access.token)) return std::nullopt;
  return access;
}

Outcome<Access> access(Context& context, const Json& reference) {
  auto source = context.secret(reference);
  if (!source) return source.error();
  auto read = read_kubeconfig((*source)->expose_text());
  if (!read) return permanent("the kubeconfig lacks a current context with a server and credentials");
  return std::move(*read);
}

std::string Name::text() const {
  return space.empty() ? fmt::format("{} {}", kind, name) : fmt::format("{} {}/{}", kind, space, name);
}

Name name_of(const Json& object) {
  const Json metadata = object.value("metadata", Json::object());
  return {object.value("apiVersion", ""), object.value("kind", ""), metadata.value("namespace", ""),
          metadata.value("name", "")};
}

std::string message_of(const std::string& body) {
  Json status;
  if (parse_json(body, status) && status.is_object() && status.contains("message") &&
      status["message"].is_string())
    return status["message"].get<std::string>().substr(0, longest_message);
  return body.substr(0, longest_message);
}

Task<Outcome<Reply>> call(Context& context, Access access, std::string method, std::string path,
                          std::string content_type, engine::Secret body) {
  engine::Request request;
  request.method = std::move(method);
  request.url = access.server + path;
  request.headers.emplace_back("Accept", "application/json");
  if (!content_type.empty()) request.headers.emplace_back("Content-Type", content_type);
  if (access.token) request.secret_headers.push_back({"Authorization", "Bearer ", access.token});
  request.tls = std::move(access.tls);
  request.secret_body = std::move(body);
  auto reply = co_await context.http(std::move(request));
  co_return reply;
}

Task<Outcome<std::string>> path_of(Context& context, const Access& access, Discovery& discovery, Name name) {
  if (name.api_version.empty() || name.kind.empty() || name.name.empty())
    co_return permanent("an object without apiVersion, kind or name");
  if (!discovery.versions.contains(name.api_version)) {
    auto asking = call(context, access, "GET", root_of(name.api_version), {}, nullptr);
    auto reply = co_await std::move(asking);
    if (!reply) co_return reply.error();
    if (reply->status == 404) co_return std::string();
    Json list;
    if (reply->status != 200 || !parse_json(reply->body, list))
      co_return failure_of(Vendor::kubernetes, *reply, "discovery of " + name.api_version,
                           message_of(reply->body));
    auto& kinds = discovery.versions[name.api_version];
    for (const Json& each : list.value("resources", Json::array()))
      if (each.value("name", "").find('/') == std::string::npos)  // not a subresource
        kinds[each.value("kind", "")] = {each.value("name", ""), each.value("namespaced", false)};
  }
  const auto& kinds = discovery.versions[name.api_version];
  const auto kind = kinds.find(name.kind);
  if (kind == kinds.end()) {
    discovery.versions.erase(name.api_version);  // a definition may bring it soon
    co_return std::string();
  }
  const std::string space = kind->second.namespaced
                                ? "/namespaces/" + percent_encode(name.space.empty() ? "default" : name.space)
                                : "";
  co_return fmt::format("{}{}/{}/{}", root_of(name.api_version), space, kind->second.plural,
                        percent_encode(name.name));
}

Task<Outcome<Json>> get(Context& context, const Access& access, Discovery& discovery, Name name) {
  auto finding = path_of(context, access, discovery, name);
  auto path = co_await std::move(finding);
  if (!path) co_return path.error();
  if (path->empty()) co_return Json();
  auto asking = call(context, access, "GET", *path, {}, nullptr);
  auto reply = co_await std::move(asking);
  if (!reply) co_return reply.error();
  if (reply->status == 404) co_return Json();
  Json object;
  if (reply->status != 200 || !parse_json(reply->body, object))
    co_return failure_of(Vendor::kubernetes, *reply, name.text(), message_of(reply->body));
  co_return object;
}

}  // namespace lab::drivers::kubernetes
