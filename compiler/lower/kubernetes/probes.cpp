// Probes from `health`: readiness asks what the lab says; liveness only whether the port accepts
// connections, since an answer that depends on others would restart a healthy workload; startup waits with
// liveness' question until the workload is up.
#include "compiler/lower/kubernetes/pod.h"

namespace lab::lower::kubernetes {

namespace {

constexpr std::int64_t default_period_s = 10;
constexpr std::int64_t short_startup_s = 150;  // asked every 5 s up to here, every 10 s beyond

/// The port asked: the one that was named, else the first that takes connections.
const PortEntry* port_asked(const Unit& unit, const model::Opt<model::AnyRef>* named) {
  for (const PortEntry& entry : unit.ports) {
    if (entry.protocol != "TCP") continue;
    if (named == nullptr || !*named || entry.port->name == (*named)->block) return &entry;
  }
  return nullptr;
}

void put_period(Map probe, const types::Duration& every, Origin at) {
  if (every.to_seconds() != default_period_s) probe.set("periodSeconds", every.to_seconds(), at);
}

void put_tcp(Map probe, const PortEntry& port, Origin at) {
  probe.map("tcpSocket", at).set("port", port.name, at);
}

void put_command(Map probe, const model::Health::Exec& exec) {
  List command = probe.map("exec", exec.at).list("command");
  for (const auto& word : exec.command) command.add(*word, word.at);
}

}  // namespace

void put_probes(const Unit& unit, const model::Health& health, std::optional<types::Duration> startup,
                Map container) {
  if (health.is("none")) return;
  const model::Opt<model::AnyRef>* named = health.http  ? &health.http->port
                                           : health.tcp ? &health.tcp->port
                                                        : nullptr;
  const PortEntry* port = port_asked(unit, named);
  if (port == nullptr && !health.exec) return;
  const auto put_alive = [&](Map probe) {
    if (port != nullptr)
      put_tcp(probe, *port, health.at);
    else
      put_command(probe, *health.exec);
  };

  put_alive(container.map("livenessProbe", health.at));

  Map readiness = container.map("readinessProbe", health.at);
  if (health.http) {
    Map get = readiness.map("httpGet", health.http->at);
    get.set("path", *health.http->path, health.http->path.at).set("port", port->name, health.http->port.at);
    if (*port->port->protocol == "https") get.set("scheme", "HTTPS", port->port->protocol.at);
    put_period(readiness, *health.http->every, health.http->every.at);
  } else if (health.exec) {
    put_command(readiness, *health.exec);
    put_period(readiness, *health.exec->every, health.exec->every.at);
  } else {
    put_tcp(readiness, *port, health.at);
    if (health.tcp) put_period(readiness, *health.tcp->every, health.tcp->every.at);
  }

  if (!startup) return;
  Map probe = container.map("startupProbe", health.at);
  put_alive(probe);
  const std::int64_t seconds = startup->to_seconds();
  const std::int64_t period = seconds <= short_startup_s ? 5 : default_period_s;
  if (period != default_period_s) probe.set("periodSeconds", period);
  probe.set("failureThreshold", std::max<std::int64_t>(1, (seconds + period - 1) / period),
            unit.app->startup.at);
}

}  // namespace lab::lower::kubernetes
