#include "runtime/simulator/simulator.h"

#include <fmt/format.h>

#include <algorithm>

#include "crypto/secret_bytes.h"

namespace lab::simulator {
namespace {

using engine::Failure;
using engine::FailureClass;
using engine::Outcome;

}  // namespace

Simulator::Simulator(Setting setting)
    : setting_(std::move(setting)),
      world_(setting_.seed, setting_.read),
      proxmox_(world_, schema_,
               [this](const Json& config, bool running) { talos_.power(text_at(config, "/name"), running); }),
      talos_(
          world_, [this](const std::string& address) { forget(address); },
          [this](const std::string& name, const Json& node) {
            kubernetes_.add_node(node["cluster"], name, node["address"], node.value("version", ""),
                                 node.value("network", false));
          }),
      kubernetes_(world_),
      cloudflare_(world_),
      pihole_(world_),
      factory_(world_),
      server_(setting_.loop),
      authority_(make_authority("simulated world")),
      began_(setting_.loop.now().time_since_epoch()) {
  if (setting_.proxmox_schema.empty()) setting_.proxmox_schema = proxmox::vendor_description();
  if (!setting_.proxmox_schema.empty()) schema_.read(setting_.proxmox_schema);
  talos_.node_ready = [this](const std::string& cluster, const std::string& name) {
    return kubernetes_.node_ready(cluster, name);
  };
  for (const plan::Step& step : setting_.plan.steps) learn(step);
  learn_machines();
}

Simulator::~Simulator() = default;

void Simulator::advance() {
  world_.advance(setting_.loop.now().time_since_epoch() - began_ + offset_);
}

void Simulator::forget(const std::string& address) {
  std::erase_if(listening_, [&](const auto& each) {
    if (each.first.first != address) return false;
    setting_.loop.post([this, port = each.second] { server_.close(port); });
    return true;
  });
}

std::optional<TlsSettings> Simulator::tls_for(const Place& place, const std::string& host) {
  if (place.service == Service::talos) return talos_.listener(host);
  if (place.service == Service::kubernetes) {
    // The endpoint is a node's own address, or one that some node of the control plane answers under.
    if (auto own = talos_.kubernetes_listener(host, host)) return own;
    for (const auto& [name, node] : talos_.machines().items())
      if (node.value("cluster", "") == place.name)
        if (auto one = talos_.kubernetes_listener(node["address"], host)) return one;
    return std::nullopt;
  }
  TlsSettings tls;
  tls.identity = make_server({host}, &authority_);
  return tls;
}

Outcome<engine::Route> Simulator::route(std::string_view host, std::uint16_t port) {
  advance();
  const std::pair key(std::string(host), port);
  auto place = places_.find(key);
  if (place == places_.end())
    return Failure{FailureClass::not_sent,
                   fmt::format("nothing is at {}:{} in the simulated world", host, port)};
  engine::Route out{0, authority_.certificate};
  if (const auto open = listening_.find(key); open != listening_.end()) {
    out.port = open->second;
    return out;
  }
  const auto tls = tls_for(place->second, key.first);
  if (!tls) {
    out.port = server_.refused();
    return out;
  }
  out.port = server_.listen(*tls, [this, where = place->second, name = key.first](
                                      const HttpRequest& request) { return serve(where, name, request); });
  if (out.port == 0)
    return Failure{FailureClass::not_sent, fmt::format("no socket for the simulated {}:{}", host, port)};
  listening_[key] = out.port;
  return out;
}

HttpReply Simulator::serve(const Place& place, const std::string& host, const HttpRequest& request) {
  advance();
  const std::string path = place.service == Service::proxmox && request.path.rfind("/api2/json", 0) == 0
                               ? request.path.substr(10)
                               : request.path;
  const auto fault = setting_.faults.meet(world_, host, request.method, path);
  if (!fault) {
    HttpReply reply = dispatch(place, host, request);
    keep();
    return reply;
  }
  HttpReply reply;
  if (fault->what == Do::status) {
    reply.status = fault->status;
    reply.reason = fault->reason;
    if (fault->retry_after) reply.headers.emplace_back("Retry-After", std::to_string(*fault->retry_after));
    reply.close = true;
  } else if (fault->what != Do::reset_before) {
    reply = dispatch(place, host, request);
  }
  if (fault->what == Do::reset_before || fault->what == Do::reset_after) reply.wire = Wire::reset;
  if (fault->what == Do::half) reply.wire = Wire::half;
  if (fault->what == Do::slow) reply.delay = fault->delay;
  if (place.service == Service::proxmox) spoil_task(place.name, *fault);
  keep();
  return reply;
}

/// Faults of tasks meet the newest one.
void Simulator::spoil_task(const std::string& cluster, const Fault& fault) {
  if (fault.what != Do::task_fails && fault.what != Do::task_killed && fault.what != Do::task_vanishes)
    return;
  Json* newest = nullptr;
  for (auto& [name, node] : world_.part("proxmox")[cluster]["nodes"].items())
    for (Json& task : node["tasks"])
      if (!task.contains("exitstatus") && (!newest || task["starttime"] >= newest->at("starttime")))
        newest = &task;
  if (!newest) return;
  if (fault.what == Do::task_vanishes) (*newest)["vanished"] = true;
  if (fault.what == Do::task_killed) (*newest)["fate"] = "unexpected status";
  if (fault.what == Do::task_fails) (*newest)["fate"] = fault.exitstatus;
}

HttpReply Simulator::dispatch(const Place& place, const std::string& host, const HttpRequest& request) try {
  switch (place.service) {
    case Service::proxmox:
      return proxmox_.handle(place.name, request);
    case Service::talos:
      return talos_.handle(host, request);
    case Service::kubernetes:
      return kubernetes_.handle(place.name, request);
    case Service::cloudflare:
      return cloudflare_.handle(place.prefix, request);
    case Service::pihole:
      return pihole_.handle(host, request);
    case Service::factory:
      return factory_.handle(request);
    case Service::web:
      return web(host, request);
  }
  return {};
} catch (const Json::exception& error) {  // a body of another shape than the model expects
  HttpReply reply;
  reply.status = 400;
  reply.reason = "Bad Request";
  reply.body = error.what();
  reply.close = true;
  return reply;
}

/// What http.request/1 steps talk to: a place that remembers that it was asked, and answers as the step
/// hopes.
HttpReply Simulator::web(const std::string& host, const HttpRequest& request) {
  Json& asked = world_.part("web");
  if (asked.is_null()) asked = Json::object();
  for (const plan::Step& step : setting_.plan.steps) {
    if (step.kind->kind != "http.request/1") continue;
    const auto is_it = [&](const Json& from) {
      const std::string url = text_at(from, "/url");
      const auto start = url.find(host);
      if (text_at(from, "/method") != request.method || start == std::string::npos) return false;
      const auto slash = url.find('/', start);
      const std::string path = slash == std::string::npos ? "/" : url.substr(slash);
      return path.substr(0, path.find('?')) == request.path;
    };
    HttpReply reply;
    if (step.desired.contains("probe") && is_it(step.desired["probe"])) {
      const bool done = asked.value(step.id, false);
      reply.status = done ? step.desired["probe"]["expect_status"][0].get<int>() : 404;
      if (done) reply.body = text_at(step.desired, "/probe/body_has");
      return reply;
    }
    if (!is_it(step.desired)) continue;
    asked[step.id] = true;
    world_.wrote(request.method + " " + step.id);
    reply.status = step.desired["expect_status"][0].get<int>();
    return reply;
  }
  HttpReply reply;
  reply.status = 404;
  return reply;
}

Outcome<engine::Exited> Simulator::run(const engine::Program& program) {
  advance();
  Json& ran = world_.part("programs");
  if (ran.is_null()) ran = Json::object();
  engine::Exited exited;
  for (const plan::Step& step : setting_.plan.steps) {
    if (step.kind->kind != "exec/1") continue;
    const Json argv = program.argv;
    if (at(step.desired, "/probe/argv") == argv) {
      const int good = step.desired["probe"]["expect_exit"];
      exited.status = ran.value(step.id, false) ? good : good == 0 ? 1 : 0;
      return exited;
    }
    if (step.desired["argv"].size() != argv.size() || step.desired["argv"][0] != argv[0]) continue;
    ran[step.id] = true;
    world_.wrote("run " + step.id);
    keep();
    return exited;
  }
  exited.status = 127;
  return exited;
}

std::vector<std::string> Simulator::log() {
  const Json& all = world_.part("log");
  return all.is_array() ? all.get<std::vector<std::string>>() : std::vector<std::string>();
}

}  // namespace lab::simulator
