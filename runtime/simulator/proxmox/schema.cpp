#include "runtime/simulator/proxmox/schema.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

namespace lab::simulator::proxmox {
namespace {

struct Row {
  const char* call;
  const char*
      names;  // separated by spaces; `!` before what must be given, `#` before integers, `?` before booleans
};

// The calls that are modelled, with the parameters and types of Proxmox VE 9.1.
constexpr Row rows[] = {
    {"GET /version", ""},
    {"GET /nodes", ""},
    {"GET /cluster/resources", "type"},
    {"GET /access/permissions", "path userid"},
    {"GET /nodes/{node}/storage", "content ?enabled ?format storage target"},
    {"GET /nodes/{node}/storage/{storage}/content", "content #vmid"},
    {"DELETE /nodes/{node}/storage/{storage}/content/{volume}", "#delay"},
    {"POST /nodes/{node}/storage/{storage}/download-url",
     "checksum checksum-algorithm compression !content !filename !url ?verify-certificates"},
    {"GET /nodes/{node}/tasks",
     "?errors #limit #since source #start statusfilter typefilter #until userfilter #vmid"},
    {"GET /nodes/{node}/tasks/{upid}/status", ""},
    {"GET /nodes/{node}/tasks/{upid}/log", "?download #limit #start"},
    {"GET /nodes/{node}/qemu", "?full"},
    {"POST /nodes/{node}/qemu",
     "?acpi affinity agent ?allow-ksm amd-sev arch archive args audio0 ?autostart #balloon "
     "bios boot bootdisk #bwlimit cdrom cicustom cipassword citype ?ciupgrade ciuser #cores "
     "cpu cpulimit #cpuunits description efidisk0 ?force ?freeze ?ha-managed hookscript "
     "hostpci[n] hotplug hugepages ide[n] import-working-storage intel-tdx ipconfig[n] "
     "ivshmem ?keephugepages keyboard ?kvm ?live-restore ?localtime lock machine memory "
     "migrate_downtime #migrate_speed name nameserver net[n] ?numa numa[n] ?onboot ostype "
     "parallel[n] pool ?protection ?reboot rng0 sata[n] scsi[n] scsihw searchdomain "
     "serial[n] #shares smbios1 #smp #sockets spice_enhancements sshkeys ?start startdate "
     "startup storage ?tablet tags ?tdf ?template tpmstate0 ?unique unused[n] usb[n] #vcpus "
     "vga virtio[n] virtiofs[n] vmgenid !#vmid vmstatestorage watchdog"},
    {"GET /nodes/{node}/qemu/{vmid}/config", "?current snapshot"},
    {"GET /nodes/{node}/qemu/{vmid}/pending", ""},
    {"POST /nodes/{node}/qemu/{vmid}/config",
     "?acpi affinity agent ?allow-ksm amd-sev arch args audio0 ?autostart #background_delay "
     "#balloon bios boot bootdisk cdrom cicustom cipassword citype ?ciupgrade ciuser #cores "
     "cpu cpulimit #cpuunits delete description digest efidisk0 ?force ?freeze hookscript "
     "hostpci[n] hotplug hugepages ide[n] import-working-storage intel-tdx ipconfig[n] "
     "ivshmem ?keephugepages keyboard ?kvm ?localtime lock machine memory migrate_downtime "
     "#migrate_speed name nameserver net[n] ?numa numa[n] ?onboot ostype parallel[n] "
     "?protection ?reboot revert rng0 sata[n] scsi[n] scsihw searchdomain serial[n] #shares "
     "?skiplock smbios1 #smp #sockets spice_enhancements sshkeys startdate startup ?tablet "
     "tags ?tdf ?template tpmstate0 unused[n] usb[n] #vcpus vga virtio[n] virtiofs[n] "
     "vmgenid vmstatestorage watchdog"},
    {"PUT /nodes/{node}/qemu/{vmid}/resize", "digest !disk !size ?skiplock"},
    {"GET /nodes/{node}/qemu/{vmid}/status/current", ""},
    {"POST /nodes/{node}/qemu/{vmid}/status/start",
     "force-cpu machine migratedfrom migration_network migration_type nets-host-mtu "
     "?skiplock stateuri targetstorage #timeout ?with-conntrack-state"},
    {"POST /nodes/{node}/qemu/{vmid}/status/shutdown", "?forceStop ?keepActive ?skiplock #timeout"},
    {"POST /nodes/{node}/qemu/{vmid}/status/stop",
     "?keepActive migratedfrom ?overrule-shutdown ?skiplock #timeout"},
    {"POST /nodes/{node}/qemu/{vmid}/status/reboot", "#timeout"},
    {"DELETE /nodes/{node}/qemu/{vmid}", "?destroy-unreferenced-disks ?purge ?skiplock"},
};

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const auto end = std::min(text.find(at), text.size());
    if (end > 0) out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

/// "scsi0" -> "scsi[n]".
std::string indexed(const std::string& name) {
  auto end = name.size();
  while (end > 0 && name[end - 1] >= '0' && name[end - 1] <= '9') --end;
  return end == name.size() ? name : name.substr(0, end) + "[n]";
}

bool matches(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
  return pattern.size() == path.size() && std::equal(pattern.begin(), pattern.end(), path.begin(),
                                                     [](const std::string& a, const std::string& b) {
                                                       return a == b || (a.front() == '{' && a.back() == '}');
                                                     });
}

bool is_number(const std::string& text, double& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

}  // namespace

std::string vendor_description() {
  const char* folder = std::getenv("LAB_VENDOR_SCHEMAS");
  if (folder == nullptr) return {};
  std::string last;
  std::error_code ignored;
  for (const auto& each : std::filesystem::directory_iterator(folder, ignored)) {
    const std::string name = each.path().filename().string();
    if (name.rfind("pve-api-", 0) == 0 && each.path().extension() == ".json")
      last = std::max(last, each.path().string());
  }
  if (last.empty()) return {};
  std::ostringstream text;
  text << std::ifstream(last).rdbuf();
  return text.str();
}

Schema::Schema() {
  for (const Row& row : rows) {
    Parameters& parameters = calls_[row.call];
    for (std::string name : split(row.names, ' ')) {
      Parameter parameter;
      for (; name.find_first_of("!#?") == 0; name.erase(0, 1)) {
        if (name[0] == '!') parameter.required = true;
        if (name[0] == '#') parameter.type = "integer";
        if (name[0] == '?') parameter.type = "boolean";
      }
      parameters[name] = parameter;
    }
  }
}

bool Schema::read(std::string_view json) {
  const nlohmann::json tree = nlohmann::json::parse(json, nullptr, false);
  if (!tree.is_array() || tree.empty() || !tree.front().contains("path")) return false;
  calls_.clear();
  walk(tree);
  return true;
}

void Schema::walk(const nlohmann::json& nodes) {
  for (const auto& node : nodes) {
    const std::string path = node.value("path", "");
    if (node.contains("info"))
      for (const auto& [method, info] : node["info"].items()) {
        Parameters& parameters = calls_[method + " " + path];
        const auto properties =
            info.value("parameters", nlohmann::json::object()).value("properties", nlohmann::json::object());
        for (const auto& [name, property] : properties.items()) {
          if (path.find("{" + name + "}") != std::string::npos) continue;
          const auto optional = property.value("optional", nlohmann::json(0));
          const auto or_null = [&](const char* key) {
            return property.contains(key) ? property[key] : nlohmann::json();
          };
          parameters[name] = {property.value("type", ""),
                              !(optional == 1 || optional == true || optional == "1"), or_null("enum"),
                              or_null("minimum"), or_null("maximum")};
        }
      }
    if (node.contains("children")) walk(node["children"]);
  }
}

std::map<std::string, std::string> Schema::check(const std::string& method, const std::string& path,
                                                 const std::map<std::string, std::string>& parameters) const {
  std::map<std::string, std::string> out;
  const std::vector<std::string> parts = split(path, '/');
  const Parameters* known = nullptr;
  for (const auto& [call, each] : calls_) {
    const auto space = call.find(' ');
    if (call.substr(0, space) == method && matches(split(call.substr(space + 1), '/'), parts)) known = &each;
  }
  if (!known) return {{"", "Method '" + method + " " + path + "' not implemented"}};
  for (const auto& [name, value] : parameters) {
    auto found = known->find(name);
    if (found == known->end()) found = known->find(indexed(name));
    if (found == known->end()) {
      out[name] = "property is not defined in schema and the schema does not allow additional properties";
      continue;
    }
    const Parameter& parameter = found->second;
    double number = 0;
    if ((parameter.type == "integer" || parameter.type == "number") && !is_number(value, number))
      out[name] = "type check ('" + parameter.type + "') failed - got '" + value + "'";
    else if (parameter.type == "boolean" && value != "0" && value != "1")
      out[name] = "type check ('boolean') failed - got '" + value + "'";
    else if (parameter.minimum.is_number() && number < parameter.minimum.get<double>())
      out[name] = "value must have a minimum value of " + parameter.minimum.dump();
    else if (parameter.maximum.is_number() && number > parameter.maximum.get<double>())
      out[name] = "value must have a maximum value of " + parameter.maximum.dump();
    else if (parameter.allowed.is_array() && parameter.type == "string" &&
             std::find(parameter.allowed.begin(), parameter.allowed.end(), value) == parameter.allowed.end())
      out[name] =
          "value '" + value + "' does not have a value in the enumeration " + parameter.allowed.dump();
  }
  for (const auto& [name, parameter] : *known)
    if (parameter.required && name.find('[') == std::string::npos && !parameters.contains(name))
      out[name] = "property is missing and it is not optional";
  return out;
}

}  // namespace lab::simulator::proxmox
