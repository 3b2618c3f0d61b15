// The world as it is compared and as people read it.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/simulator/simulator.h"

namespace lab::simulator {
namespace {

Json or_object(Json& part) {
  return part.is_object() ? part : Json::object();
}

Json proxmox_picture(Json& part) {
  Json out = Json::object();
  for (auto& [cluster, state] : part.items())
    for (auto& [node, each] : state["nodes"].items()) {
      Json& here = out[cluster][node];
      for (auto& [storage, files] : each["storages"].items())
        for (auto& [volume, file] : files["files"].items()) here["files"][volume] = file["content"];
      for (auto& [id, machine] : each["vms"].items()) {
        Json config = machine["config"];
        for (const char* drawn : {"smbios1", "vmgenid"}) config.erase(drawn);
        here["vms"][id] = {{"config", config}, {"status", machine["status"]}};
      }
    }
  return out;
}

Json talos_picture(const Json& machines) {
  Json out = Json::object();
  for (const auto& [name, node] : machines.items()) {
    Json& here = out[name];
    for (const char* field :
         {"address", "phase", "role", "cluster", "etcd", "kubernetes", "registered", "version"})
      if (node.contains(field)) here[field] = node[field];
    if (node.contains("config")) here["config"] = plan::sha256_hex(node["config"].get<std::string>());
  }
  return out;
}

Json kubernetes_picture(Json& part) {
  Json out = Json::object();
  for (auto& [cluster, state] : part.items()) {
    Json& here = out[cluster];
    here["releases"] = state.value("releases", Json::object());
    here["applied"] = state.value("applied", Json::object());
    for (auto& [key, object] : state["objects"].items()) {
      Json plain = object;
      for (const char* drawn : {"uid", "resourceVersion", "creationTimestamp"})
        plain["metadata"].erase(drawn);
      if (plain["kind"] == "Secret")
        for (const char* field : {"data", "stringData"})
          if (plain.contains(field)) plain[field] = plan::sha256_hex(plain[field].dump());
      here["objects"][key] = std::move(plain);
    }
  }
  return out;
}

Json cloudflare_picture(Json& part) {
  Json out = Json::object();
  if (!part.is_object()) return out;
  std::map<std::string, std::string> names;  // of tunnels, by id
  if (part.contains("tunnels") && part["tunnels"].is_object())
    for (auto& [id, tunnel] : part["tunnels"].items()) {
      names[id] = tunnel["name"];
      out["tunnels"][names[id]] = tunnel.value("config", Json());
    }
  for (auto& [id, zone] : part["zones"].items())
    for (auto& [record_id, record] : zone["records"].items()) {
      Json plain = record;
      plain.erase("id");
      for (const auto& [tunnel, name] : names)
        if (text_at(plain, "/content").rfind(tunnel, 0) == 0) plain["content"] = "tunnel " + name;
      out["records"][fmt::format("{} {} {}", text_at(plain, "/type"), text_at(plain, "/name"),
                                 text_at(plain, "/content"))] = plain;
    }
  return out;
}

Json pihole_picture(Json& part) {
  Json out = Json::object();
  if (part.is_object())
    for (auto& [host, state] : part.items()) {
      Json lists = or_object(state["lists"]);
      for (auto& [name, list] : lists.items()) std::sort(list.begin(), list.end());
      out[host] = lists;
    }
  return out;
}

using Lines = std::vector<std::string>;

std::string joined(const Lines& words) {
  std::string out;
  for (const std::string& each : words) out += (out.empty() ? "" : ", ") + each;
  return out;
}

std::string ports_of(const Json& service) {
  Lines out;
  for (const Json& each : at(service, "/spec/ports")) {
    const std::string protocol = each.value("protocol", "TCP");
    out.push_back(fmt::format("{}{}", each.value("port", 0), protocol == "TCP" ? "" : "/udp"));
  }
  return joined(out);
}

void add_cluster(Lines& out, const std::string& cluster, Json& state) {
  std::size_t nodes = 0, ready = 0, objects = 0;
  Lines waiting;
  std::size_t applications = 0;
  for (auto& [key, object] : state["objects"].items()) {
    ++objects;
    if (object["kind"] == "Node") {
      ++nodes;
      ready += text_at(object, "/status/conditions/0/status") == "True" ? 1 : 0;
    }
    if (object["kind"] != "Application") continue;
    ++applications;
    if (text_at(object, "/status/health/status") != "Healthy")
      waiting.push_back(text_at(object, "/metadata/name"));
  }
  out.push_back(fmt::format("cluster {}: {} of {} nodes ready, {} objects, {} charts", cluster, ready, nodes,
                            objects, state.value("releases", Json::object()).size()));
  if (applications > 0)
    out.push_back(fmt::format("applications: {} of {} healthy{}", applications - waiting.size(), applications,
                              waiting.empty() ? "" : "; not yet: " + joined(waiting)));
}

void add_doors(Lines& out, Json& state) {
  for (auto& [key, object] : state["objects"].items()) {
    const std::string name =
        fmt::format("{}/{}", text_at(object, "/metadata/namespace"), text_at(object, "/metadata/name"));
    if (object["kind"] == "Service" && text_at(object, "/spec/type") == "LoadBalancer")
      out.push_back(fmt::format("door {}: {} port {}", name,
                                text_at(object, "/status/loadBalancer/ingress/0/ip"), ports_of(object)));
    if (object["kind"] != "Gateway") continue;
    Lines hosts;
    for (auto& [other, route] : state["objects"].items())
      if (route["kind"] == "HTTPRoute" &&
          text_at(route, "/spec/parentRefs/0/name") == text_at(object, "/metadata/name"))
        for (const Json& host : at(route, "/spec/hostnames")) hosts.push_back(host);
    out.push_back(fmt::format("gateway {}: {}{}", name, text_at(object, "/status/addresses/0/value"),
                              hosts.empty() ? "" : " for " + joined(hosts)));
  }
}

}  // namespace

Json Simulator::picture() {
  advance();
  return {{"proxmox", proxmox_picture(world_.part("proxmox"))},
          {"talos", talos_picture(talos_.machines())},
          {"kubernetes", kubernetes_picture(world_.part("kubernetes"))},
          {"cloudflare", cloudflare_picture(world_.part("cloudflare"))},
          {"pihole", pihole_picture(world_.part("pihole"))},
          {"factory", or_object(world_.part("factory"))},
          {"web", or_object(world_.part("web"))},
          {"programs", or_object(world_.part("programs"))}};
}

std::vector<std::string> Simulator::summary() {
  advance();
  Lines out;
  for (auto& [cluster, state] : world_.part("proxmox").items())
    for (auto& [node, each] : state["nodes"].items())
      for (auto& [id, machine] : each["vms"].items()) {
        const std::string name = text_at(machine, "/config/name");
        const Json talos =
            talos_.machines().is_object() ? talos_.machines().value(name, Json::object()) : Json::object();
        std::string line =
            fmt::format("machine {} ({} on {}): {}", name, id, node, machine["status"].get<std::string>());
        if (!talos.empty())
          line += fmt::format(", {}, Talos {} {}", text_at(talos, "/address"),
                              talos.value("version", "not installed"), talos.value("role", ""));
        out.push_back(std::move(line));
      }
  Json& clusters = world_.part("kubernetes");
  for (auto& [cluster, state] : clusters.items()) add_cluster(out, cluster, state);
  for (auto& [cluster, state] : clusters.items()) add_doors(out, state);
  Json cloudflare = cloudflare_picture(world_.part("cloudflare"));
  for (const auto& [key, record] : cloudflare["records"].items())
    out.push_back(fmt::format("public {}: {}{}", text_at(record, "/name"), text_at(record, "/content"),
                              record.value("proxied", false) ? ", through Cloudflare" : ""));
  const Json piholes = pihole_picture(world_.part("pihole"));
  for (const auto& [host, lists] : piholes.items())
    for (const auto& [list, values] : lists.items())
      for (const Json& value : values)
        out.push_back(fmt::format("name at {}: {}", host, value.get<std::string>()));
  return out;
}

}  // namespace lab::simulator
