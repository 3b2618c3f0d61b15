// http.request/1: a request to any HTTP API.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/drivers/common/failures.h"
#include "runtime/drivers/general/drivers.h"
#include "runtime/drivers/general/once.h"

namespace lab::drivers::general {
namespace {

/// The request that an object of a plan describes: method, url, headers, body; values may be references.
Outcome<engine::Request> request_of(Context& context, const Json& from) {
  engine::Request request;
  request.method = from.at("method");
  request.url = from.at("url");
  auto headers = give_each(context, from.value("headers", Json()), request.headers, request.secret_headers);
  if (!headers) return headers.error();
  if (from.contains("body")) {
    auto body = given(context, from["body"]);
    if (!body) return body.error();
    request.body = std::move(body->text);
    request.secret_body = body->secret;
  }
  return request;
}

bool expected(const Json& from, const Reply& reply) {
  const Json& statuses = from.at("expect_status");
  return std::find(statuses.begin(), statuses.end(), Json(reply.status)) != statuses.end();
}

class Http final : public Once {
  Task<Outcome<Seen>> see(Context& context, const Json& look) override {
    auto request = request_of(context, look);
    if (!request) co_return request.error();
    auto reply = co_await context.http(std::move(*request));
    if (!reply) co_return reply.error();
    const bool as_expected = expected(look, *reply);
    if (!as_expected && (reply->status == 429 || reply->status >= 500))
      co_return failure_of(Vendor::any, *reply, "the probe", reply->reason);
    const bool body = !look.contains("body_has") ||
                      reply->body.find(look["body_has"].get<std::string>()) != std::string::npos;
    co_return Seen{as_expected && body, fmt::format("the probe answers {}", reply->status), reply->body};
  }

  Task<Outcome<Nothing>> carry_out(Context& context, const Step& step) override {
    auto request = request_of(context, step.desired);
    if (!request) co_return request.error();
    const std::string what = fmt::format("{} {}", request->method, request->url);
    auto reply = co_await context.http(std::move(*request));
    if (!reply) co_return reply.error();
    if (!expected(step.desired, *reply)) co_return failure_of(Vendor::any, *reply, what, reply->reason);
    co_return Nothing{};
  }
};

}  // namespace

std::unique_ptr<engine::Driver> make_http() {
  return std::make_unique<Http>();
}

}  // namespace lab::drivers::general
