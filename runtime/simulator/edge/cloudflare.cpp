#include "runtime/simulator/edge/cloudflare.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

namespace lab::simulator::edge {
namespace {

constexpr const char* account = "0123456789abcdef0123456789abcdef";

HttpReply good(const Json& result) {
  HttpReply reply;
  reply.reason = "OK";
  reply.headers = {{"Content-Type", "application/json"}};
  reply.body =
      Json{{"success", true}, {"errors", Json::array()}, {"messages", Json::array()}, {"result", result}}
          .dump();
  return reply;
}

HttpReply refuse(int status, int code, const std::string& message) {
  HttpReply reply;
  reply.status = status;
  reply.reason = "Bad Request";
  reply.headers = {{"Content-Type", "application/json"}};
  Json error = {{"code", code}, {"message", message}};
  reply.body = Json{
      {"success", false},
      {"errors", Json::array({error})},
      {"messages", Json::array()},
      {"result",
       nullptr}}.dump();
  return reply;
}

std::vector<std::string> split(const std::string& path) {
  std::vector<std::string> out;
  for (std::size_t start = 0; start < path.size();) {
    const auto end = std::min(path.find('/', start), path.size());
    if (end > start) out.push_back(path.substr(start, end - start));
    start = end + 1;
  }
  return out;
}

std::string query(const HttpRequest& request, const char* name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? std::string() : found->second;
}

/// What is wrong with the body of a record; 0 when nothing is.
int problem_of(const Json& body) {
  if (!body.is_object()) return 9207;
  for (const char* name : {"type", "name", "content"})
    if (text_at(body, (std::string("/") + name).c_str()).empty()) return 9000;
  for (const auto& [name, value] : body.items()) {
    constexpr std::string_view known[] = {"type",    "name", "content",  "ttl",  "proxied",
                                          "comment", "tags", "priority", "data", "settings"};
    if (std::find(std::begin(known), std::end(known), name) == std::end(known)) return 9208;
  }
  const Json ttl = body.value("ttl", Json(1));
  if (!ttl.is_number_integer() || (ttl != 1 && (ttl < 60 || ttl > 86400))) return 9021;
  constexpr std::size_t longest_comment = 100;
  return body.value("comment", Json("")).is_string() && text_at(body, "/comment").size() > longest_comment
             ? 9313
             : 0;
}

}  // namespace

void Cloudflare::add_zone(const std::string& name) {
  for (const auto& [id, zone] : state()["zones"].items())
    if (zone["name"] == name) return;
  state()["zones"][new_id(32)] = {{"name", name}, {"records", Json::object()}};
}

void Cloudflare::add_tunnel(const std::string& name) {
  Json& all = state()["tunnels"];
  if (all.is_null()) all = Json::object();
  for (const auto& [id, tunnel] : all.items())
    if (tunnel["name"] == name) return;
  make_tunnel(name, "local");
}

Json& Cloudflare::make_tunnel(const std::string& name, const std::string& config_src) {
  const std::string hex = new_id(32);
  const std::string id = fmt::format("{}-{}-4{}-8{}-{}", hex.substr(0, 8), hex.substr(8, 4),
                                     hex.substr(13, 3), hex.substr(17, 3), hex.substr(20));
  const auto created = fmt::gmtime(static_cast<std::time_t>(world_.seconds()));
  Json& tunnel = state()["tunnels"][id];
  tunnel = {{"id", id},
            {"name", name},
            {"config_src", config_src},
            {"account_tag", account},
            {"created_at", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", created)},
            {"status", "inactive"}};
  return tunnel;
}

std::string Cloudflare::new_id(std::size_t digits) {
  std::string out;
  while (out.size() < digits) out += fmt::format("{:016x}", world_.random());
  return out.substr(0, digits);
}

HttpReply Cloudflare::handle(const std::string& prefix, const HttpRequest& request) {
  const auto token = request.headers.find("authorization");
  if (token == request.headers.end() || token->second.rfind("Bearer ", 0) != 0)
    return refuse(401, 10000, "Authentication error");
  if (request.path.rfind(prefix, 0) != 0) return refuse(404, 7003, "No route for that URI");
  const std::vector<std::string> parts = split(request.path.substr(prefix.size()));
  const auto part = [&](std::size_t at) { return at < parts.size() ? parts[at] : std::string(); };
  if (part(0) == "zones" && parts.size() == 1) {
    Json out = Json::array();
    for (const auto& [id, zone] : state()["zones"].items())
      if (query(request, "name").empty() || zone["name"] == query(request, "name"))
        out.push_back(
            {{"id", id}, {"name", zone["name"]}, {"status", "active"}, {"account", {{"id", account}}}});
    return good(out);
  }
  if (part(0) == "zones" && part(2) == "dns_records") return records(request, part(1), part(3));
  if (part(0) == "accounts" && part(1) == account && part(2) == "cfd_tunnel")
    return tunnels(request, part(3), part(4));
  return refuse(404, 7003, "No route for that URI");
}

HttpReply Cloudflare::records(const HttpRequest& request, const std::string& zone, const std::string& id) {
  if (!state()["zones"].contains(zone)) return refuse(404, 7003, "Could not route to the zone");
  Json& all = state()["zones"][zone]["records"];
  if (request.method == "GET") {
    Json out = Json::array();
    for (const auto& [each, record] : all.items())
      if ((query(request, "name").empty() || record["name"] == query(request, "name")) &&
          (query(request, "type").empty() || record["type"] == query(request, "type")))
        out.push_back(record);
    return good(out);
  }
  if (request.method == "DELETE") {
    if (!all.contains(id)) return refuse(404, 81044, "Record does not exist.");
    world_.wrote("DELETE record " + text_at(all[id], "/name"));
    all.erase(id);
    return good({{"id", id}});
  }
  const Json body = Json::parse(request.body, nullptr, false);
  if (const int problem = problem_of(body); problem != 0) return refuse(400, problem, "DNS Validation Error");
  const bool made = request.method == "POST";
  if (!made && !all.contains(id)) return refuse(404, 81044, "Record does not exist.");
  for (const auto& [other, record] : all.items()) {
    if (other == id || record["name"] != body["name"]) continue;
    const bool alone = record["type"] == "CNAME" || body["type"] == "CNAME";
    if (alone) return refuse(400, 81053, "An A, AAAA, or CNAME record with that host already exists.");
    if (record["type"] == body["type"] && record["content"] == body["content"])
      return refuse(400, 81058, "An identical record already exists.");
  }
  const std::string key = made ? new_id(32) : id;
  Json& record = all[key];
  if (made) record = {{"id", key}, {"proxied", false}, {"ttl", 1}, {"comment", nullptr}};
  record.update(body);
  world_.wrote(fmt::format("{} record {}", request.method, text_at(record, "/name")));
  return good(record);
}

HttpReply Cloudflare::tunnels(const HttpRequest& request, const std::string& id, const std::string& rest) {
  Json& all = state()["tunnels"];
  if (all.is_null()) all = Json::object();
  if (id.empty() && request.method == "GET") {
    Json out = Json::array();
    for (const auto& [each, tunnel] : all.items())
      if (query(request, "name").empty() || tunnel["name"] == query(request, "name")) out.push_back(tunnel);
    return good(out);
  }
  if (id.empty() && request.method == "POST") {
    const Json body = Json::parse(request.body, nullptr, false);
    const std::string name = body.is_object() ? text_at(body, "/name") : "";
    if (name.empty()) return refuse(400, 1002, "name is required");
    for (const auto& [each, tunnel] : all.items())
      if (tunnel["name"] == name) return refuse(409, 1013, "You already have a tunnel with this name.");
    const Json& made = make_tunnel(name, body.value("config_src", "local"));
    world_.wrote("POST tunnel " + name);
    return good(made);
  }
  if (!all.contains(id)) return refuse(404, 1003, "Tunnel not found");
  Json& tunnel = all[id];
  if (rest == "token") return good("eyJhIjoic2ltdWxhdGVkIn0=");
  if (rest == "configurations" && request.method == "GET")
    return good({{"tunnel_id", id}, {"config", tunnel.value("config", Json())}});
  if (rest == "configurations") {
    const Json body = Json::parse(request.body, nullptr, false);
    if (!body.is_object() || !body.contains("config")) return refuse(400, 1002, "config is required");
    tunnel["config"] = body["config"];
    world_.wrote("PUT tunnel configuration " + text_at(tunnel, "/name"));
    return good({{"tunnel_id", id}, {"config", body["config"]}});
  }
  if (request.method == "DELETE") {
    world_.wrote("DELETE tunnel " + text_at(tunnel, "/name"));
    all.erase(id);
    return good({{"id", id}});
  }
  return good(tunnel);
}

}  // namespace lab::simulator::edge
