#include "runtime/drivers/cloudflare/api.h"

#include <fmt/format.h>

#include "runtime/drivers/common/driver.h"
#include "runtime/drivers/common/encode.h"
#include "runtime/drivers/common/failures.h"

namespace lab::drivers::cloudflare {

Task<Outcome<Json>> call(Context& context, Json api, std::string method, std::string path, Json body) {
  auto token = context.secret(api.at("token"));
  if (!token) co_return token.error();
  engine::Request request;
  request.method = method;
  request.url = api.at("endpoint").get<std::string>() + path;
  request.secret_headers.push_back({"Authorization", "Bearer ", *token});
  if (!body.is_null()) {
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = body.dump();
  }
  const std::string what = fmt::format("{} {}", method, path);
  auto reply = co_await context.http(std::move(request));
  if (!reply) co_return reply.error();
  Json answer;
  const bool json = parse_json(reply->body, answer) && answer.is_object();
  if (reply->status < 300 && json && answer.value("success", false)) co_return answer.value("result", Json());
  std::string reason = reply->reason;
  if (json && answer.contains("errors") && answer["errors"].is_array())
    for (const Json& each : answer["errors"])
      reason += fmt::format(" {} {}", each.value("code", 0), each.value("message", ""));
  if (reply->status < 300)
    co_return Failure{FailureClass::sent, fmt::format("{}: the answer is not Cloudflare's", what)};
  co_return failure_of(Vendor::cloudflare, *reply, what, reason);
}

Task<Outcome<Zone>> find_zone(Context& context, Json api, std::string name) {
  auto asking = call(context, std::move(api), "GET", "/zones?name=" + percent_encode(name), Json());
  auto zones = co_await std::move(asking);
  if (!zones) co_return zones.error();
  for (const Json& each : *zones)
    if (each.value("name", "") == name)
      co_return Zone{each.value("id", ""), each.value("account", Json::object()).value("id", "")};
  co_return permanent(fmt::format("Cloudflare knows no zone {} under this token", name));
}

}  // namespace lab::drivers::cloudflare
