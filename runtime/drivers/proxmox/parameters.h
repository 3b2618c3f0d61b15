// Comparing a VM's configuration as Proxmox keeps it with the parameters that made it.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/engine/driver.h"

namespace lab::drivers::proxmox {

/// Differences between the wanted parameters of `POST /nodes/{n}/qemu` and a configuration read back. Only
/// wanted parameters count: what Proxmox adds by itself (UUIDs, sizes, volume names) is not ours. Fields read
/// "params.NAME". What is not text-equal is compared as the property strings that they are (pve-common
/// JSONSchema.pm parse_property_string): order does not count, a default key may stand without its name, tags
/// are a set.
std::vector<engine::Difference> differences(const nlohmann::json& wanted, const nlohmann::json& config);

/// The value that brings one parameter of `config` to what is wanted: a disk keeps its volume.
std::string update_value(const std::string& name, const std::string& wanted, const nlohmann::json& config);

/// Bytes of "60G", "512M", "4194304K", "100" (GiB, as in "storage:100"); nothing when it is no size.
std::optional<std::uint64_t> parse_size(std::string_view text);

/// The size of a disk in a configuration.
std::optional<std::uint64_t> disk_size(const nlohmann::json& config, const std::string& disk);

}  // namespace lab::drivers::proxmox
