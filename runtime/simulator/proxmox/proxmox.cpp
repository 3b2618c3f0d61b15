#include "runtime/simulator/proxmox/proxmox.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "runtime/drivers/proxmox/parameters.h"
#include "runtime/plan/plan.h"

namespace lab::simulator::proxmox {
namespace {

using namespace std::chrono_literals;
using Parameters = std::map<std::string, std::string>;

constexpr Milliseconds time_to_create = 4s, time_to_download = 25s, time_to_start = 2s,
                       time_to_shut_down = 20s, time_to_stop = 1s, time_to_delete = 3s,
                       time_to_configure = 1s, time_to_resize = 1s;
constexpr std::string_view killed_worker = "unexpected status";  // as PVE::Tools::upid_read_status says it
constexpr std::int64_t image_size = 128 << 20;

HttpReply answer(const Json& value) {
  HttpReply reply;
  reply.reason = "OK";
  reply.headers = {{"Content-Type", "application/json;charset=UTF-8"}};
  reply.body = Json{{"data", value}}.dump();
  return reply;
}

/// Proxmox says why in the status line, and closes the connection.
HttpReply refuse(int status, const std::string& reason, const Json& errors = {}) {
  HttpReply reply;
  reply.status = status;
  reply.reason = reason;
  reply.close = true;
  reply.headers = {{"Content-Type", "application/json;charset=UTF-8"}};
  Json body = {{"data", nullptr}, {"message", reason + "\n"}};
  if (!errors.is_null()) body["errors"] = errors;
  reply.body = body.dump();
  return reply;
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> out;
  for (std::size_t start = 0; start <= text.size();) {
    const auto end = std::min(text.find(separator, start), text.size());
    if (end > start) out.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return out;
}

Parameters parameters_of(const HttpRequest& request) {
  if (request.method == "GET" || request.method == "DELETE") return request.query;
  const auto type = request.headers.find("content-type");
  if (type == request.headers.end() || type->second.find("json") == std::string::npos)
    return parse_query(request.body);
  Parameters out;
  const Json body = Json::parse(request.body, nullptr, false);
  if (body.is_object())
    for (const auto& [name, value] : body.items())
      out[name] = value.is_string() ? value.get<std::string>() : value.dump();
  return out;
}

bool is_disk(const std::string& name) {
  for (const char* prefix : {"scsi", "virtio", "sata", "ide", "efidisk", "tpmstate"})
    if (name.rfind(prefix, 0) == 0 && name.find_first_of("0123456789") != std::string::npos) return true;
  return false;
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::uint64_t gib = 1ull << 30, mib = 1ull << 20;
  return bytes % gib == 0 ? fmt::format("{}G", bytes / gib) : fmt::format("{}M", bytes / mib);
}

/// A disk as it stands in a configuration once it is made: "fast:60,ssd=1" ->
/// "fast:vm-204-disk-0,ssd=1,size=60G".
std::string made_disk(const std::string& wanted, const std::string& vmid, int number) {
  auto options = split(wanted, ',');
  if (options.empty()) return wanted;
  const auto colon = options[0].find(':');
  if (colon == std::string::npos) return wanted;
  const std::string volume = options[0].substr(colon + 1);
  const bool allocate = volume.find_first_not_of("0123456789.") == std::string::npos;
  if (!allocate && volume != "cloudinit")
    return wanted +
           (wanted.find("size=") == std::string::npos ? fmt::format(",size={}", size_text(image_size)) : "");
  const auto size = allocate ? drivers::proxmox::parse_size(volume) : std::optional<std::uint64_t>(4u << 20);
  options[0] = allocate ? fmt::format("{}:vm-{}-disk-{}", options[0].substr(0, colon), vmid, number)
                        : fmt::format("{}:vm-{}-cloudinit", options[0].substr(0, colon), vmid);
  std::string out;
  for (const std::string& each : options) {
    if (each.rfind("import-from=", 0) == 0) continue;
    out += (out.empty() ? "" : ",") + each;
  }
  const bool firmware = wanted.find("efitype=") != std::string::npos;
  return out + ",size=" + (firmware ? "4M" : size_text(size.value_or(1u << 30)));
}

std::string digest_of(const Json& config) {
  Json plain = config;
  plain.erase("lock");
  return plan::sha256_hex(plain.dump()).substr(0, 40);
}

Json typed(const std::string& name, const std::string& value) {
  constexpr std::string_view integers[] = {"cores",  "sockets", "onboot",     "balloon", "numa",    "acpi",
                                           "tablet", "kvm",     "protection", "vcpus",   "cpuunits"};
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  const bool whole = error == std::errc() && end == value.data() + value.size();
  if (whole && std::find(std::begin(integers), std::end(integers), name) != std::end(integers)) return number;
  return value;
}

}  // namespace

struct Proxmox::Call {
  std::string cluster, node;
  std::string method, path;
  std::vector<std::string> parts;  // of the path, decoded
  Parameters parameters;
  std::string value(const std::string& name) const {
    const auto found = parameters.find(name);
    return found == parameters.end() ? std::string() : found->second;
  }
};

Proxmox::Proxmox(World& world, const Schema& schema, OnPower on_power)
    : world_(world), schema_(schema), on_power_(std::move(on_power)) {
  world_.on("proxmox.task", [this](const Json& event) { end_task(event); });
}

void Proxmox::add_node(const std::string& cluster, const std::string& node) {
  Json& here = nodes(cluster)[node];
  for (const char* name : {"storages", "vms"})
    if (!here.contains(name)) here[name] = Json::object();
  if (!here.contains("tasks")) here["tasks"] = Json::array();
}

void Proxmox::add_storage(const std::string& cluster, const std::string& node, const std::string& storage) {
  add_node(cluster, node);
  Json& here = nodes(cluster)[node]["storages"][storage];
  if (!here.contains("files")) here["files"] = Json::object();
}

HttpReply Proxmox::handle(const std::string& cluster, const HttpRequest& request) {
  constexpr std::string_view root = "/api2/json";
  const auto token = request.headers.find("authorization");
  if (token == request.headers.end() || token->second.rfind("PVEAPIToken=", 0) != 0)
    return refuse(401, "No ticket");
  if (request.path.rfind(root, 0) != 0) return refuse(404, "Not Found");
  Call call;
  call.cluster = cluster;
  call.method = request.method;
  call.path = request.path.substr(root.size());
  call.parameters = parameters_of(request);
  for (const std::string& each : split(call.path, '/')) call.parts.push_back(percent_decode(each, false));
  const auto problems = schema_.check(call.method, call.path, call.parameters);
  if (problems.contains("")) return refuse(501, problems.at(""));
  if (!problems.empty()) return refuse(400, "Parameter verification failed.", Json(problems));
  return route(call);
}

HttpReply Proxmox::route(Call& call) {
  const auto& parts = call.parts;
  if (call.path == "/version")
    return answer({{"version", "9.1.1"}, {"release", "9.1"}, {"repoid", "simulated"}});
  if (call.path == "/access/permissions")
    return answer({{"/", {{"VM.Allocate", 1}, {"Datastore.AllocateTemplate", 1}, {"Sys.AccessNetwork", 1}}}});
  if (call.path == "/cluster/resources") return resources(call.cluster);
  if (call.path == "/nodes") {
    Json out = Json::array();
    for (const auto& [name, node] : nodes(call.cluster).items())
      out.push_back({{"node", name}, {"status", "online"}});
    return answer(out);
  }
  if (parts.size() < 3) return refuse(501, "not implemented");
  call.node = parts[1];
  if (!nodes(call.cluster).contains(call.node))
    return refuse(595, fmt::format("no such cluster node '{}'", call.node));
  if (parts[2] == "tasks") return tasks(call);
  if (parts[2] == "storage") return storage(call);
  Json& machines = nodes(call.cluster)[call.node]["vms"];
  if (parts.size() == 3) {
    if (call.method == "POST") return create(call);
    Json out = Json::array();
    for (const auto& [id, machine] : machines.items())
      out.push_back({{"vmid", std::stoll(id)},
                     {"name", machine["config"].value("name", "")},
                     {"status", machine["status"]}});
    return answer(out);
  }
  if (!machines.contains(parts[3]))
    return refuse(500, fmt::format("Configuration file 'nodes/{}/qemu-server/{}.conf' does not exist",
                                   call.node, parts[3]));
  return vm(call, machines[parts[3]]);
}

HttpReply Proxmox::resources(const std::string& cluster) {
  Json out = Json::array();
  for (const auto& [name, node] : nodes(cluster).items())
    for (const auto& [id, machine] : node["vms"].items())
      out.push_back({{"id", "qemu/" + id},
                     {"type", "qemu"},
                     {"vmid", std::stoll(id)},
                     {"node", name},
                     {"name", machine["config"].value("name", "")},
                     {"status", machine["status"]}});
  return answer(out);
}

HttpReply Proxmox::tasks(Call& call) {
  Json& all = nodes(call.cluster)[call.node]["tasks"];
  if (call.parts.size() >= 4) {
    for (const Json& task : all) {
      if (task["upid"] != call.parts[3] || task.value("vanished", false)) continue;
      Json out = {{"upid", task["upid"]},
                  {"type", task["type"]},
                  {"id", task["id"]},
                  {"node", call.node},
                  {"starttime", task["starttime"]},
                  {"status", task.contains("exitstatus") ? "stopped" : "running"}};
      if (task.contains("exitstatus")) out["exitstatus"] = task["exitstatus"];
      return answer(out);
    }
    return refuse(400, "Parameter verification failed.", {{"upid", "unable to parse worker upid"}});
  }
  Json out = Json::array();
  for (auto task = all.rbegin(); task != all.rend(); ++task) {
    const bool over = task->contains("exitstatus");
    if (call.value("source") == "active" && over) continue;
    if (!call.value("typefilter").empty() && task->at("type") != call.value("typefilter")) continue;
    if (!call.value("vmid").empty() && task->at("id") != call.value("vmid")) continue;
    Json entry = {{"upid", task->at("upid")},
                  {"type", task->at("type")},
                  {"id", task->at("id")},
                  {"node", call.node},
                  {"starttime", task->at("starttime")}};
    if (over) entry["status"] = task->at("exitstatus");
    out.push_back(std::move(entry));
  }
  return answer(out);
}

HttpReply Proxmox::storage(Call& call) {
  Json& storages = nodes(call.cluster)[call.node]["storages"];
  if (call.parts.size() == 3) {
    Json out = Json::array();
    for (const auto& [name, each] : storages.items())
      out.push_back({{"storage", name}, {"active", 1}, {"enabled", 1}});
    return answer(out);
  }
  const std::string name = call.parts[3];
  if (!storages.contains(name)) return refuse(500, fmt::format("storage '{}' does not exist", name));
  Json& files = storages[name]["files"];
  if (call.method == "GET") {
    Json out = Json::array();
    for (const auto& [volume, file] : files.items())
      if (call.value("content").empty() || file["content"] == call.value("content"))
        out.push_back({{"volid", volume},
                       {"content", file["content"]},
                       {"size", file["size"]},
                       {"ctime", file["ctime"]}});
    return answer(out);
  }
  if (call.method == "DELETE") {
    const std::string volume = call.path.substr(call.path.find("/content/") + 9);
    world_.wrote("DELETE " + call.path);
    return answer(
        start_task(call, "imgdel", percent_decode(volume, false), time_to_delete,
                   {{"do", "remove-file"}, {"storage", name}, {"volume", percent_decode(volume, false)}}));
  }
  const std::string volume = fmt::format("{}:{}/{}", name, call.value("content"), call.value("filename"));
  if (files.contains(volume))
    return refuse(500, fmt::format("refusing to override existing file '{}'", call.value("filename")));
  world_.wrote("POST " + call.path);
  return answer(start_task(
      call, "imgdownload", call.value("filename"), time_to_download,
      {{"do", "add-file"}, {"storage", name}, {"volume", volume}, {"content", call.value("content")}}));
}

HttpReply Proxmox::create(Call& call) {
  const std::string id = call.value("vmid");
  for (const auto& [name, node] : nodes(call.cluster).items())
    if (node["vms"].contains(id))
      return refuse(500,
                    fmt::format("unable to create VM {} - VM {} already exists on node '{}'", id, id, name));
  Json config = Json::object();
  int disk = 0;
  for (const auto& [name, value] : call.parameters) {
    if (name == "vmid" || name == "start" || name == "pool" || name == "storage") continue;
    if (is_disk(name)) {
      const auto colon = value.find(':');
      const std::string storage_name = value.substr(0, std::min(colon, value.size()));
      const Json& storages = nodes(call.cluster)[call.node]["storages"];
      const std::string volume = value.substr(0, value.find(','));
      if (colon != std::string::npos && !storages.contains(storage_name))
        return refuse(500, fmt::format("storage '{}' does not exist", storage_name));
      const bool file = volume.find('/') != std::string::npos;
      if (file && !storages.at(storage_name)["files"].contains(volume))
        return refuse(500, fmt::format("volume '{}' does not exist", volume));
      config[name] = made_disk(value, id, disk++);
    } else {
      config[name] = typed(name, value);
    }
  }
  config["lock"] = "create";
  config["smbios1"] = config.value(
      "smbios1", fmt::format("uuid=00000000-0000-4000-8000-{:012x}", world_.random() & 0xffffffffffff));
  config["vmgenid"] = fmt::format("00000000-0000-4000-9000-{:012x}", world_.random() & 0xffffffffffff);
  nodes(call.cluster)[call.node]["vms"][id] = {{"config", config}, {"status", "stopped"}};
  world_.wrote("POST " + call.path);
  return answer(start_task(call, "qmcreate", id, time_to_create, {{"do", "created"}, {"vmid", id}}));
}

HttpReply Proxmox::vm(Call& call, Json& machine) {
  const auto& parts = call.parts;
  Json& config = machine["config"];
  if (parts.size() == 4) {  // DELETE
    if (machine["status"] != "stopped")
      return refuse(500, fmt::format("VM {} is running - destroy failed", parts[3]));
    world_.wrote("DELETE " + call.path);
    return answer(
        start_task(call, "qmdestroy", parts[3], time_to_delete, {{"do", "destroyed"}, {"vmid", parts[3]}}));
  }
  if (parts[4] == "config" && call.method == "GET") {
    Json out = config;
    out["digest"] = digest_of(config);
    if (out.contains("description")) out["description"] = out["description"].get<std::string>() + "\n";
    return answer(out);
  }
  if (parts[4] == "pending") {
    Json out = Json::array();
    for (const auto& [name, value] : config.items()) out.push_back({{"key", name}, {"value", value}});
    return answer(out);
  }
  if (parts[4] == "status" && call.method == "GET")
    return answer({{"status", machine["status"]},
                   {"qmpstatus", machine["status"]},
                   {"vmid", std::stoll(parts[3])},
                   {"name", config.value("name", "")}});
  if (config.contains("lock")) return refuse(500, fmt::format("VM is locked ({})", text_at(config, "/lock")));
  if (parts[4] == "config") return configure(call, machine);
  if (parts[4] == "resize") return resize(call, machine);
  return power(call, machine, parts.at(5));
}

HttpReply Proxmox::configure(Call& call, Json& machine) {
  Json& config = machine["config"];
  if (!call.value("digest").empty() && call.value("digest") != digest_of(config))
    return refuse(500, "checksum mismatch (file change by other user?)");
  for (const auto& [name, value] : call.parameters) {
    if (name == "digest" || name == "background_delay" || name == "force") continue;
    if (name == "delete")
      for (const std::string& each : split(value, ',')) config.erase(each);
    else if (is_disk(name) && config.contains(name) &&
             text_at(config, ("/" + name).c_str()).rfind(value.substr(0, value.find(',')), 0) == 0)
      config[name] = value + (value.find("size=") == std::string::npos
                                  ? text_at(config, ("/" + name).c_str())
                                        .substr(text_at(config, ("/" + name).c_str()).rfind(",size="))
                                  : "");
    else
      config[name] = is_disk(name)
                         ? Json(made_disk(value, call.parts[3], static_cast<int>(world_.random() % 100 + 10)))
                         : typed(name, value);
  }
  world_.wrote("POST " + call.path);
  return answer(start_task(call, "qmconfig", call.parts[3], time_to_configure, {{"do", "nothing"}}));
}

HttpReply Proxmox::resize(Call& call, Json& machine) {
  Json& config = machine["config"];
  const std::string disk = call.value("disk");
  const auto have = drivers::proxmox::disk_size(config, disk),
             want = drivers::proxmox::parse_size(call.value("size"));
  if (!have) return refuse(500, fmt::format("disk '{}' does not exist", disk));
  if (!want || call.value("size").find('+') != std::string::npos)
    return refuse(400, "Parameter verification failed.", {{"size", "invalid size"}});
  if (*want < *have) return refuse(500, "shrinking disks is not supported");
  std::string text = text_at(config, ("/" + disk).c_str());
  text = text.substr(0, text.rfind(",size=")) + ",size=" + size_text(*want);
  config[disk] = text;
  world_.wrote("PUT " + call.path);
  return answer(start_task(call, "resize", call.parts[3], time_to_resize, {{"do", "nothing"}}));
}

HttpReply Proxmox::power(Call& call, Json& machine, const std::string& verb) {
  const bool running = machine["status"] == "running";
  const std::string& id = call.parts[3];
  world_.wrote("POST " + call.path);
  if (verb == "start") {
    if (running) return refuse(500, fmt::format("VM {} already running", id));
    return answer(start_task(call, "qmstart", id, time_to_start, {{"do", "started"}, {"vmid", id}}));
  }
  const bool gentle = verb == "shutdown";
  return answer(start_task(call, gentle ? "qmshutdown" : "qmstop", id,
                           gentle ? time_to_shut_down : time_to_stop, {{"do", "stopped"}, {"vmid", id}}));
}

std::string Proxmox::start_task(const Call& call, const std::string& type, const std::string& id,
                                Milliseconds time, Json event) {
  const std::string upid =
      fmt::format("UPID:{}:{:08X}:{:08X}:{:08X}:{}:{}:lab@pve!labrun:", call.node, world_.random() & 0xffffff,
                  world_.random() & 0xffffffff, world_.seconds(), type, id);
  nodes(call.cluster)[call.node]["tasks"].push_back(
      {{"upid", upid}, {"type", type}, {"id", id}, {"starttime", world_.seconds()}});
  event["cluster"] = call.cluster;
  event["node"] = call.node;
  event["upid"] = upid;
  world_.schedule(time, "proxmox.task", std::move(event));
  return upid;
}

void Proxmox::end_task(const Json& event) {
  Json& node = nodes(event["cluster"])[event["node"].get<std::string>()];
  const std::string what = event["do"], id = event.value("vmid", "");
  for (Json& task : node["tasks"]) {
    if (task["upid"] != event["upid"]) continue;
    const std::string fate = task.value("fate", "OK");
    task["exitstatus"] = fate;
    if (fate == "OK" || fate.rfind("WARNINGS", 0) == 0) continue;
    // A worker that fails takes back what it made; one that is killed leaves it locked.
    if (what == "created" && fate != killed_worker) node["vms"].erase(id);
    return;
  }
  if (what == "add-file") {
    node["storages"][event["storage"].get<std::string>()]["files"][event["volume"].get<std::string>()] = {
        {"content", event["content"]}, {"size", image_size}, {"ctime", world_.seconds()}};
  } else if (what == "remove-file") {
    node["storages"][event["storage"].get<std::string>()]["files"].erase(event["volume"].get<std::string>());
  } else if (what == "destroyed") {
    node["vms"].erase(id);
  } else if (!id.empty() && node["vms"].contains(id)) {
    Json& machine = node["vms"][id];
    if (what == "created") machine["config"].erase("lock");
    if (what == "started" || what == "stopped") {
      const bool running = what == "started";
      machine["status"] = running ? "running" : "stopped";
      on_power_(machine["config"], running);
    }
  }
}

}  // namespace lab::simulator::proxmox
