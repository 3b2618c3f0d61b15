#include "runtime/drivers/proxmox/parameters.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "runtime/drivers/common/encode.h"

namespace lab::drivers::proxmox {
namespace {

using Properties = std::map<std::string, std::string>;

/// Parameters that are property strings, by the beginning of their name, with the key that may be left out
/// (qemu-server PVE/QemuServer/Drive.pm, CPUConfig.pm, Network.pm and QemuServer.pm).
struct Kind {
  std::string_view prefix, default_key;
  bool disk;
};
constexpr Kind kinds[] = {
    {"scsi", "file", true},      {"virtio", "file", true},   {"sata", "file", true},
    {"ide", "file", true},       {"efidisk", "file", true},  {"tpmstate", "file", true},
    {"unused", "file", true},    {"net", "model", false},    {"agent", "enabled", false},
    {"cpu", "cputype", false},   {"hostpci", "host", false}, {"ipconfig", "ip", false},
    {"startup", "order", false}, {"vga", "type", false},     {"rng", "source", false},
    {"smbios", "uuid", false},   {"boot", "legacy", false},
};

/// What may be missing from a configuration because it is the default.
const std::map<std::string, std::string, std::less<>> defaults = {
    {"pre-enrolled-keys", "0"}, {"firewall", "0"}, {"discard", "ignore"}, {"ssd", "0"},
    {"iothread", "0"},          {"backup", "1"},   {"pcie", "0"},         {"replicate", "1"},
    {"link_down", "0"},
};

/// Keys that only creation knows.
const std::set<std::string, std::less<>> of_creation = {"import-from", "format", "size"};

const Kind* kind_of(const std::string& name) {
  const auto end = std::min(name.find_first_of("0123456789"), name.size());
  const std::string_view stem = std::string_view(name).substr(0, end);
  for (const Kind& each : kinds)
    if (each.prefix == stem) return &each;
  return nullptr;
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return text;
}

Properties parse(const std::string& text, std::string_view default_key) {
  Properties out;
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find(',', at), text.size());
    const std::string part = text.substr(at, end - at);
    const auto equals = part.find('=');
    if (equals == std::string::npos)
      out[std::string(default_key)] = part;
    else
      out[part.substr(0, equals)] = part.substr(equals + 1);
    at = end + 1;
  }
  return out;
}

std::set<std::string> words(const std::string& text) {
  std::set<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find_first_of(";, ", at), text.size());
    if (end > at) out.insert(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

/// A volume as it was asked for and as it stands: "fast:60" became "fast:vm-204-disk-0"; "local:iso/x.iso"
/// stays.
bool same_volume(const std::string& wanted, const std::string& have) {
  const auto colon = wanted.find(':');
  if (wanted == have || colon == std::string::npos) return wanted == have;
  const bool made = wanted.find_first_not_of("0123456789.", colon + 1) == std::string::npos;
  return (made || wanted.substr(colon + 1) == "cloudinit") &&
         have.substr(0, colon + 1) == wanted.substr(0, colon + 1);
}

bool same_properties(const Kind& kind, const std::string& wanted, const std::string& have) {
  const Properties want = parse(wanted, kind.default_key), is = parse(have, kind.default_key);
  return std::all_of(want.begin(), want.end(), [&](const auto& each) {
    const auto& [key, value] = each;
    if (kind.disk && of_creation.contains(key)) return true;
    const auto found = is.find(key);
    if (found == is.end()) {
      const auto fallback = defaults.find(key);
      return fallback != defaults.end() && fallback->second == value;
    }
    if (kind.disk && key == kind.default_key) return same_volume(value, found->second);
    return lower(value) == lower(found->second);
  });
}

}  // namespace

std::vector<engine::Difference> differences(const nlohmann::json& wanted, const nlohmann::json& config) {
  std::vector<engine::Difference> out;
  for (const auto& [name, value] : wanted.items()) {
    if (name == "vmid" || name == "start" || name == "unique") continue;
    const std::string want = trimmed(scalar_text(value));
    const std::string have = config.contains(name) ? trimmed(scalar_text(config[name])) : std::string();
    const Kind* kind = kind_of(name);
    const bool same = want == have || (name == "tags" && words(want) == words(have)) ||
                      (kind && config.contains(name) && same_properties(*kind, want, have));
    if (!same)
      out.push_back(
          {"params." + name, config.contains(name) ? nlohmann::json(have) : nlohmann::json(), want});
  }
  return out;
}

std::string update_value(const std::string& name, const std::string& wanted, const nlohmann::json& config) {
  const Kind* kind = kind_of(name);
  if (!kind || !kind->disk || !config.contains(name)) return wanted;
  Properties want = parse(wanted, kind->default_key);
  const Properties have = parse(scalar_text(config[name]), kind->default_key);
  const auto file = have.find("file");
  if (file == have.end() || !same_volume(want["file"], file->second)) return wanted;
  std::string out = file->second;
  for (const auto& [key, value] : want)
    if (key != "file" && !of_creation.contains(key)) out += "," + key + "=" + value;
  return out;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || value < 0) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  constexpr std::string_view units = "KMGT";
  int power = 3;
  if (!unit.empty()) {
    const auto at = units.find(unit.front());
    if (unit.size() > 1 || at == std::string_view::npos) return std::nullopt;
    power = static_cast<int>(at) + 1;
  }
  for (; power > 0; --power) value *= 1024;
  return static_cast<std::uint64_t>(value);
}

std::optional<std::uint64_t> disk_size(const nlohmann::json& config, const std::string& disk) {
  if (!config.contains(disk)) return std::nullopt;
  const Properties have = parse(scalar_text(config[disk]), "file");
  const auto size = have.find("size");
  return size == have.end() ? std::nullopt : parse_size(size->second);
}

}  // namespace lab::drivers::proxmox
