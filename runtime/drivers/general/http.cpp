// http.request/1: a request to any HTTP API. With a probe it is sent unless the probe is satisfied; without
// one it is sent once, and the journal remembers that.
#include <fmt/format.h>

#include <algorithm>

#include "crypto/secret_bytes.h"
#include "runtime/drivers/common/encode.h"
#include "runtime/drivers/common/failures.h"
#include "runtime/drivers/general/drivers.h"
#include "runtime/plan/plan.h"

namespace lab::drivers::general {
namespace {

using engine::Context;
using engine::Found;
using engine::Nothing;
using engine::Outcome;
using engine::Outputs;
using engine::Probe;
using engine::Reply;
using engine::Task;
using plan::Step;
using Json = nlohmann::json;

bool is_secret(const Json& value) {
  const auto reference = plan::as_reference(value);
  return reference && (reference->kind == plan::RefKind::secret || reference->kind == plan::RefKind::sops);
}

/// The request that an object of a plan describes: method, url, headers, body; values may be references.
Outcome<engine::Request> request_of(Context& context, const Json& from) {
  engine::Request request;
  request.method = from.at("method");
  request.url = from.at("url");
  if (from.contains("headers"))
    for (const auto& [name, value] : from["headers"].items()) {
      if (is_secret(value)) {
        auto secret = context.secret(value);
        if (!secret) return secret.error();
        request.secret_headers.push_back({name, "", *secret});
        continue;
      }
      auto plain = context.value(value);
      if (!plain) return plain.error();
      request.headers.emplace_back(name, scalar_text(*plain));
    }
  if (!from.contains("body")) return request;
  const Json& body = from["body"];
  const auto reference = plan::as_reference(body);
  if (is_secret(body)) {
    auto secret = context.secret(body);
    if (!secret) return secret.error();
    request.secret_body = *secret;
  } else if (reference && reference->kind == plan::RefKind::artifact) {
    auto text = context.artifact(body);
    if (!text) return text.error();
    request.body = std::move(*text);
  } else {
    auto plain = context.value(body);
    if (!plain) return plain.error();
    request.body = scalar_text(*plain);
  }
  return request;
}

bool expected(const Json& from, const Reply& reply) {
  const Json& statuses = from.at("expect_status");
  return std::find(statuses.begin(), statuses.end(), Json(reply.status)) != statuses.end();
}

class Http final : public engine::Driver {
 public:
  Task<Outcome<Probe>> probe(Context& context, const Step& step) override {
    Probe probe;
    if (!step.desired.contains("probe")) {
      const Json earlier = context.earlier();
      const bool done = earlier.is_object() && earlier.value("done", false);
      probe.found = done ? Found::same : Found::absent;
      if (done) probe.fingerprint = "done";
      co_return probe;
    }
    const Json& look = step.desired["probe"];
    auto request = request_of(context, look);
    if (!request) co_return request.error();
    auto reply = co_await context.http(std::move(*request));
    if (!reply) co_return reply.error();
    if (reply->status == 429 || reply->status >= 500) {
      if (!expected(look, *reply)) co_return failure_of(Vendor::any, *reply, "the probe", reply->reason);
    }
    const bool body = !look.contains("body_has") ||
                      reply->body.find(look["body_has"].get<std::string>()) != std::string::npos;
    probe.found = expected(look, *reply) && body ? Found::same : Found::absent;
    probe.note = fmt::format("the probe answers {}", reply->status);
    if (probe.found == Found::same) probe.fingerprint = plan::sha256_hex(reply->body);
    co_return probe;
  }

  Task<Outcome<Outputs>> act(Context& context, const Step& step, const Probe&) override {
    auto request = request_of(context, step.desired);
    if (!request) co_return request.error();
    const std::string what = fmt::format("{} {}", request->method, request->url);
    auto reply = co_await context.http(std::move(*request));
    if (!reply) co_return reply.error();
    if (!expected(step.desired, *reply)) co_return failure_of(Vendor::any, *reply, what, reply->reason);
    auto noted = context.observed({{"done", true}});
    if (!noted) co_return noted.error();
    co_return Outputs{};
  }

  Task<Outcome<Nothing>> destroy(Context&, const Step&, const Probe&) override {
    co_return permanent("a request cannot be taken back");
  }
};

}  // namespace

std::unique_ptr<engine::Driver> make_http() {
  return std::make_unique<Http>();
}

}  // namespace lab::drivers::general
