// Which parameters a call of Proxmox' API takes, and of which type: from the vendor's description where one
// is at hand, else from a table of what is used here.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace lab::simulator::proxmox {

/// The vendor's description that the environment points at: the last `pve-api-*.json` by name in the folder
/// $LAB_VENDOR_SCHEMAS. Empty when there is none.
std::string vendor_description();

class Schema {
 public:
  /// The built-in table.
  Schema();
  /// Reads a description of the API as the vendor publishes it: a tree of {path, info{METHOD{parameters}},
  /// children}. False when the text is not such a tree; the table stays.
  bool read(std::string_view json);

  /// What is wrong with the parameters of a call, by name; empty when nothing is. `path` as called, below
  /// /api2/json.
  std::map<std::string, std::string> check(const std::string& method, const std::string& path,
                                           const std::map<std::string, std::string>& parameters) const;

 private:
  struct Parameter {
    std::string type;  // string, integer, boolean, number; empty: anything
    bool required = false;
    nlohmann::json allowed, minimum, maximum;
  };
  using Parameters = std::map<std::string, Parameter>;
  void walk(const nlohmann::json& nodes);

  std::map<std::string, Parameters> calls_;  // "POST /nodes/{node}/qemu"
};

}  // namespace lab::simulator::proxmox
