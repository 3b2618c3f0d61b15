// dns.record/1 at Pi-hole 6: an element of a list of its configuration (pi-hole/FTL
// src/api/docs/content/specs: auth.yaml, config.yaml). POST /api/auth gives a session, which is one of few
// and is given back; elements are added by PUT /api/config/{list}/{element} and cannot carry a mark: an
// element is itself or it is not there. Another address under the same name is somebody else's.
#include "runtime/drivers/dns/pihole.h"

#include <fmt/format.h>

#include "crypto/secret_bytes.h"
#include "runtime/drivers/common/driver.h"
#include "runtime/drivers/common/encode.h"
#include "runtime/drivers/common/failures.h"

namespace lab::drivers::dns {
namespace {

struct Session {
  std::string endpoint;
  engine::Tls tls;
  engine::Secret id;
};

engine::Request request_to(const Session& session, std::string method, const std::string& path) {
  engine::Request request;
  request.method = std::move(method);
  request.url = session.endpoint + path;
  request.tls = session.tls;
  if (session.id) request.secret_headers.push_back({"X-FTL-SID", "", session.id});
  return request;
}

Task<Outcome<Session>> log_in(Context& context, const Step& step) {
  const Json& api = step.desired.at("api");
  auto password = context.secret(api.at("password"));
  if (!password) co_return password.error();
  Session session{api.at("endpoint"), {}, nullptr};
  if (!api.value("verify_tls", true)) session.tls.verify = engine::Tls::Verify::pin_first_seen;
  engine::Request request = request_to(session, "POST", "/api/auth");
  request.headers.emplace_back("Content-Type", "application/json");
  crypto::SecretBuilder body;
  body.append(R"({"password":)").append(Json((*password)->expose_text()).dump()).append('}');
  request.secret_body = std::make_shared<const crypto::SecretBytes>(body.take());
  auto reply = co_await context.http(std::move(request));
  if (!reply) co_return reply.error();
  Json answer;
  parse_json(reply->body, answer);
  const Json found = answer.is_object() ? answer.value("session", Json::object()) : Json::object();
  if (reply->status != 200 || !found.value("valid", false))
    co_return failure_of(Vendor::any, *reply, "POST /api/auth", reply->reason);
  session.id =
      std::make_shared<const crypto::SecretBytes>(crypto::SecretBytes::copy_text(found.value("sid", "")));
  co_return session;
}

Task<void> log_out(Context& context, const Session& session) {
  engine::Request request = request_to(session, "DELETE", "/api/auth");
  auto reply = co_await context.http(std::move(request));  // a session that stays ends by itself
  static_cast<void>(reply);
}

/// The name in "192.0.2.61 nas.example.net" and in "address=/example.net/192.0.2.61".
std::string name_in(const std::string& value) {
  if (const auto slash = value.find('/'); slash != std::string::npos)
    return value.substr(slash + 1, value.find('/', slash + 1) - slash - 1);
  return value.substr(value.find(' ') + 1);
}

class Record final : public engine::Driver {
 public:
  Task<Outcome<Probe>> probe(Context& context, const Step& step) override {
    auto entering = log_in(context, step);
    auto session = co_await std::move(entering);
    if (!session) co_return session.error();
    const std::string list = step.desired.at("entry").at("list"),
                      value = step.desired.at("entry").at("value");
    engine::Request request = request_to(*session, "GET", "/api/config/" + list);
    auto reply = co_await context.http(std::move(request));
    co_await log_out(context, *session);
    if (!reply) co_return reply.error();
    Json answer;
    if (reply->status != 200 || !parse_json(reply->body, answer))
      co_return failure_of(Vendor::any, *reply, "GET /api/config/" + list, reply->reason);
    const Json::json_pointer where("/config/" + list);
    Probe probe;
    if (!answer.contains(where)) co_return probe;
    for (const Json& each : answer.at(where)) {
      const std::string element = each.is_string() ? each.get<std::string>() : "";
      if (element == value) {
        probe.found = Found::same;
        probe.fingerprint = plan::sha256_hex(value);
        co_return probe;
      }
      if (name_in(element) != name_in(value)) continue;
      probe.found = Found::foreign;
      probe.note = "the name is taken: " + element;
    }
    co_return probe;
  }

  Task<Outcome<Outputs>> act(Context& context, const Step& step, const Probe&) override {
    auto changing = change(context, step, "PUT");
    auto changed = co_await std::move(changing);
    if (!changed) co_return changed.error();
    co_return Outputs{};
  }

  Task<Outcome<Nothing>> destroy(Context& context, const Step& step, const Probe&) override {
    auto changing = change(context, step, "DELETE");
    auto changed = co_await std::move(changing);
    co_return changed;
  }

 private:
  static Task<Outcome<Nothing>> change(Context& context, const Step& step, std::string method) {
    auto entering = log_in(context, step);
    auto session = co_await std::move(entering);
    if (!session) co_return session.error();
    const std::string list = step.desired.at("entry").at("list"),
                      value = step.desired.at("entry").at("value");
    const std::string path = fmt::format("/api/config/{}/{}", list, percent_encode(value));
    engine::Request request = request_to(*session, method, path);
    auto reply = co_await context.http(std::move(request));
    co_await log_out(context, *session);
    if (!reply) co_return reply.error();
    const bool gone = method == "DELETE" && reply->status == 404;
    if (reply->status >= 300 && !gone)
      co_return failure_of(Vendor::any, *reply, method + " " + path, reply->reason);
    co_return Nothing{};
  }
};

}  // namespace

std::unique_ptr<engine::Driver> make_record() {
  return std::make_unique<Record>();
}

}  // namespace lab::drivers::dns
