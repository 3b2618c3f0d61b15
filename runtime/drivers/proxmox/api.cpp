#include "runtime/drivers/proxmox/api.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/drivers/common/driver.h"
#include "runtime/drivers/common/encode.h"

namespace lab::drivers::proxmox {
namespace {

constexpr Milliseconds first_wait{500}, longest_wait{5000};
constexpr int patience_after_dispatch = 3;  // a task may be unknown for a moment after its UPID was given

bool says_absent(const Failure& failure) {
  for (const std::string_view text : {"does not exist", "no such", "404"})
    if (failure.message.find(text) != std::string::npos) return true;
  return false;
}

/// What the server says went wrong: `message` and `errors` of the body, or the text of the status line.
std::string reason_of(const Reply& reply) {
  Json body;
  parse_json(reply.body, body);
  std::string text = reply.reason;
  if (body.is_object()) {
    if (const auto message = body.value("message", ""); !message.empty()) text = message;
    if (body.contains("errors") && body["errors"].is_object())
      for (const auto& [name, problem] : body["errors"].items())
        text += fmt::format(" ({}: {})", name, scalar_text(problem));
  }
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

}  // namespace

engine::Tls tls_of(const Json& api) {
  engine::Tls tls;
  if (api.contains("ca") && api["ca"].is_string()) {
    tls.verify = engine::Tls::Verify::ca;
    tls.ca_pem = api["ca"];
  } else if (!api.value("verify_tls", true)) {
    tls.verify = engine::Tls::Verify::pin_first_seen;
  }
  return tls;
}

Task<Outcome<Json>> call(Context& context, Json api, std::string method, std::string path, Json parameters) {
  auto token = context.secret(api.at("token"));
  if (!token) co_return token.error();
  engine::Request request;
  request.method = method;
  request.url = api.at("endpoint").get<std::string>() + "/api2/json" + path;
  request.secret_headers.push_back({"Authorization", "PVEAPIToken=", *token});
  request.tls = tls_of(api);
  const std::string form = parameters.is_object() ? form_encode(parameters) : std::string();
  if (method == "GET" || method == "DELETE") {
    if (!form.empty()) request.url += "?" + form;
  } else {
    request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    request.body = form;
  }
  const std::string what = fmt::format("{} {}", method, path);
  auto reply = co_await context.http(std::move(request));
  if (!reply) co_return reply.error();
  if (reply->status >= 400) co_return failure_of(Vendor::proxmox, *reply, what, reason_of(*reply));
  Json body;
  if (!parse_json(reply->body, body) || !body.is_object())
    co_return Failure{FailureClass::sent, fmt::format("{}: the answer is not JSON", what)};
  co_return body.value("data", Json());
}

Task<Outcome<Json>> look(Context& context, Json api, std::string path, Json parameters) {
  auto asking = call(context, std::move(api), "GET", std::move(path), std::move(parameters));
  auto answer = co_await std::move(asking);
  if (!answer && says_absent(answer.error())) co_return Json();
  co_return answer;
}

Task<Outcome<Nothing>> wait_for_task(Context& context, Json api, std::string node, std::string upid) {
  const std::string path = fmt::format("/nodes/{}/tasks/{}/status", node, percent_encode(upid));
  int unknown = 0;
  for (Milliseconds wait = first_wait;; wait = std::min(wait * 2, longest_wait)) {
    auto asking = call(context, api, "GET", path, Json());
    auto status = co_await std::move(asking);
    if (!status) {
      const bool permanent = status.error().cls == FailureClass::permanent;
      if (permanent && ++unknown > patience_after_dispatch)
        co_return Failure{FailureClass::sent, fmt::format("task {} is not known any more", upid)};
      // Losing one look at a task says nothing about the task.
      const bool fatal = status.error().cls == FailureClass::auth ||
                         status.error().cls == FailureClass::tls ||
                         status.error().cls == FailureClass::cancelled;
      if (fatal) co_return status.error();
    } else if (status->value("status", "") == "stopped") {
      const std::string result = status->value("exitstatus", "");
      if (result == "OK" || result.rfind("WARNINGS", 0) == 0) co_return Nothing{};
      co_return Failure{classify(Vendor::proxmox, 0, result),
                        fmt::format("task {} failed: {}", status->value("type", ""), result)};
    }
    co_await context.sleep(wait);
  }
}

Task<Outcome<Nothing>> run_task(Context& context, Json api, std::string node, std::string method,
                                std::string path, Json parameters) {
  auto dispatch = call(context, api, std::move(method), std::move(path), std::move(parameters));
  auto upid = co_await std::move(dispatch);
  if (!upid) co_return upid.error();
  if (!upid->is_string()) co_return Nothing{};  // done at once
  Json fact = {{"node", node}, {"upid", *upid}};
  auto noted = context.observed(std::move(fact));
  if (!noted) co_return noted.error();
  auto waiting = wait_for_task(context, std::move(api), std::move(node), upid->get<std::string>());
  auto ended = co_await std::move(waiting);
  co_return ended;
}

Task<Outcome<std::string>> running_task(Context& context, Json api, std::string node, std::string type,
                                        std::string id) {
  Json parameters = {{"typefilter", type}, {"source", "active"}};
  if (type != "imgdownload") parameters["vmid"] = id;
  auto asking =
      call(context, std::move(api), "GET", fmt::format("/nodes/{}/tasks", node), std::move(parameters));
  auto tasks = co_await std::move(asking);
  if (!tasks) co_return tasks.error();
  std::string newest;
  std::int64_t started = -1;
  for (const Json& task : *tasks) {
    const bool over = !task.value("status", "").empty() && task.value("status", "") != "RUNNING";
    if (over || task.value("id", "") != id || task.value("starttime", std::int64_t{0}) <= started) continue;
    started = task.value("starttime", std::int64_t{0});
    newest = task.value("upid", "");
  }
  co_return newest;
}

Task<Outcome<Nothing>> wait_while_running(Context& context, Json api, std::string node, std::string type,
                                          std::string id) {
  auto waiting = until(context, between_looks, [&]() -> Task<Outcome<bool>> {
    auto looking = running_task(context, api, node, type, id);
    auto task = co_await std::move(looking);
    if (!task) co_return task.error();
    co_return task->empty();
  });
  auto over = co_await std::move(waiting);
  co_return over;
}

std::string marker_line(std::string_view marker) {
  return fmt::format("lab-id: {}", marker);
}

}  // namespace lab::drivers::proxmox
