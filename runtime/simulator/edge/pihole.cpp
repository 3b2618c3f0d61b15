#include "runtime/simulator/edge/pihole.h"

#include <fmt/format.h>

#include <algorithm>

namespace lab::simulator::edge {
namespace {

constexpr std::size_t most_sessions = 16;  // FTL's webserver.api.max_sessions
constexpr std::string_view lists[] = {"dns/hosts", "dns/cnameRecords", "misc/dnsmasq_lines"};

HttpReply answer(int status, const Json& body) {
  HttpReply reply;
  reply.status = status;
  reply.reason = status < 300 ? "OK" : "Error";
  reply.headers = {{"Content-Type", "application/json"}};
  if (status != 204) reply.body = body.dump();
  return reply;
}

HttpReply refuse(int status, const char* key, const char* message) {
  return answer(status, {{"error", {{"key", key}, {"message", message}}}});
}

}  // namespace

HttpReply Pihole::handle(const std::string& host, const HttpRequest& request) {
  Json& here = world_.part("pihole")[host];
  Json& sessions = here["sessions"];
  if (sessions.is_null()) sessions = Json::object();
  if (request.path == "/api/auth" && request.method == "POST") {
    const Json body = Json::parse(request.body, nullptr, false);
    if (!body.is_object() || text_at(body, "/password").empty())
      return refuse(400, "bad_request", "No password found in JSON payload");
    if (sessions.size() >= most_sessions) return refuse(429, "api_seats_exceeded", "API seats exceeded");
    const std::string id = fmt::format("{:016x}", world_.random());
    sessions[id] = true;
    return answer(200, {{"session", {{"valid", true}, {"sid", id}, {"validity", 1800}}}});
  }
  const auto session = request.headers.find("x-ftl-sid");
  if (session == request.headers.end() || !sessions.contains(session->second))
    return refuse(401, "unauthorized", "Unauthorized");
  if (request.path == "/api/auth" && request.method == "DELETE") {
    sessions.erase(session->second);
    return answer(204, {});
  }
  for (const std::string_view list : lists) {
    const std::string root = fmt::format("/api/config/{}", list);
    Json& elements = here["lists"][std::string(list)];
    if (elements.is_null()) elements = Json::array();
    if (request.path == root && request.method == "GET") {
      Json config = Json::object();
      config[Json::json_pointer("/" + std::string(list))] = elements;
      return answer(200, {{"config", config}});
    }
    if (request.path.rfind(root + "/", 0) != 0) continue;
    const std::string value = percent_decode(request.path.substr(root.size() + 1), false);
    const auto found = std::find(elements.begin(), elements.end(), Json(value));
    if (request.method == "PUT") {
      if (found != elements.end()) return refuse(400, "bad_request", "Item already present");
      elements.push_back(value);
    } else {
      if (found == elements.end()) return refuse(404, "not_found", "Item not found");
      elements.erase(found);
    }
    world_.wrote(fmt::format("{} {}", request.method, value));
    return answer(request.method == "PUT" ? 201 : 204, {});
  }
  return refuse(404, "not_found", "Not found");
}

}  // namespace lab::simulator::edge
