// What a plan says of the world that it will find.
#include <fmt/format.h>

#include <charconv>

#include "runtime/simulator/simulator.h"

namespace lab::simulator {
namespace {

constexpr std::uint16_t talos_port = 50000;

struct Url {
  std::string host, path;
  std::uint16_t port = 443;
};

/// "https://[2001:db8::1]:8006/x" taken apart.
Url parse(const std::string& url) {
  Url out;
  std::string rest = url.substr(std::min(url.find("://"), url.size() - 3) + 3);
  if (const auto slash = rest.find('/'); slash != std::string::npos) {
    out.path = rest.substr(slash);
    rest.erase(slash);
  }
  if (url.rfind("http://", 0) == 0) out.port = 80;
  const auto colon = rest.rfind(':');
  const auto bracket = rest.rfind(']');
  if (colon != std::string::npos && (bracket == std::string::npos || colon > bracket)) {
    std::from_chars(rest.data() + colon + 1, rest.data() + rest.size(), out.port);
    rest.erase(colon);
  }
  if (!rest.empty() && rest.front() == '[') rest = rest.substr(1, rest.size() - 2);
  out.host = rest;
  return out;
}

}  // namespace

void Simulator::add_place(const std::string& url, Service service, std::string name) {
  if (url.size() < 8) return;
  const Url at_url = parse(url);
  std::string prefix = at_url.path;
  while (!prefix.empty() && prefix.back() == '/') prefix.pop_back();
  if (name.empty()) name = fmt::format("{}:{}", at_url.host, at_url.port);
  places_[{at_url.host, at_url.port}] = {service, std::move(name), std::move(prefix)};
}

void Simulator::learn(const plan::Step& step) {
  const std::string_view kind = step.kind->kind;
  const Json& desired = step.desired;
  const std::string endpoint = text_at(desired, "/api/endpoint");
  if (kind.substr(0, 8) == "proxmox.") {
    add_place(endpoint, Service::proxmox);
    const Url at_url = parse(endpoint);
    const std::string cluster = fmt::format("{}:{}", at_url.host, at_url.port),
                      node = text_at(desired, "/node");
    proxmox_.add_node(cluster, node);
    if (const std::string storage = text_at(desired, "/storage"); !storage.empty())
      proxmox_.add_storage(cluster, node, storage);
    const Json parameters = desired.value("params", Json::object());
    for (const auto& [name, value] : parameters.items()) {
      const std::string text = value.is_string() ? value.get<std::string>() : "";
      const bool disk = name.rfind("scsi", 0) == 0 || name.rfind("virtio", 0) == 0 ||
                        name.rfind("sata", 0) == 0 || name.rfind("ide", 0) == 0 ||
                        name.rfind("efidisk", 0) == 0 || name.rfind("tpmstate", 0) == 0;
      if (disk && name != "scsihw" && text.find(':') != std::string::npos)
        proxmox_.add_storage(cluster, node, text.substr(0, text.find(':')));
    }
  } else if (kind == "talos.schematic/1") {
    add_place(text_at(desired, "/factory"), Service::factory);
  } else if (kind == "talos.kubeconfig/1") {
    add_place(text_at(desired, "/endpoint"), Service::kubernetes, text_at(step.key, "/cluster"));
  } else if (kind.substr(0, 11) == "cloudflare.") {
    add_place(endpoint, Service::cloudflare);
    cloudflare_.add_zone(text_at(desired, "/zone"));
    if (kind == "cloudflare.tunnel/1" && step.expect == plan::Expect::present)
      cloudflare_.add_tunnel(text_at(desired, "/name"));
  } else if (kind == "dns.record/1") {
    add_place(endpoint, Service::pihole);
  } else if (kind == "http.request/1") {
    add_place(text_at(desired, "/url"), Service::web);
    if (const std::string url = text_at(desired, "/probe/url"); !url.empty()) add_place(url, Service::web);
  }
}

/// Machines that become nodes; those that no step of the plan makes are there, switched on by hand.
void Simulator::learn_machines() {
  for (const plan::Step& step : setting_.plan.steps) {
    if (step.kind->kind != "talos.config/1") continue;
    const std::string name = text_at(step.key, "/node"), address = text_at(step.desired, "/node");
    places_[{address, talos_port}] = {Service::talos, address, ""};
    talos_.add_machine(name, address, text_at(step.key, "/cluster"));
    bool made = false;
    for (const plan::Step& other : setting_.plan.steps)
      made = made || (other.kind->kind == "proxmox.vm/1" && text_at(other.desired, "/params/name") == name);
    if (!made) talos_.power(name, true);
  }
}

}  // namespace lab::simulator
