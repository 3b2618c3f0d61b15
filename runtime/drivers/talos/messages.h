// The messages of Talos' API that are used here, both ways: drivers send what simulated nodes read.
// Numbers: siderolabs/talos api/machine/machine.proto, api/resource/definitions/**,
// cosi-project/specification proto/v1alpha1/{state,resource}.proto, as of Talos 1.13.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/drivers/talos/wire.h"

namespace lab::drivers::talos {

// Paths of the calls.
namespace call {
inline constexpr std::string_view version = "/machine.MachineService/Version";
inline constexpr std::string_view apply = "/machine.MachineService/ApplyConfiguration";
inline constexpr std::string_view bootstrap = "/machine.MachineService/Bootstrap";
inline constexpr std::string_view kubeconfig = "/machine.MachineService/Kubeconfig";
inline constexpr std::string_view reset = "/machine.MachineService/Reset";
inline constexpr std::string_view services = "/machine.MachineService/ServiceList";
inline constexpr std::string_view members = "/machine.MachineService/EtcdMemberList";
inline constexpr std::string_view get = "/cosi.resource.State/Get";
}  // namespace call

/// gRPC status codes that are told apart.
enum Status : int {
  ok = 0,
  invalid_argument = 3,
  not_found = 5,
  already_exists = 6,
  failed_precondition = 9,
  unimplemented = 12,
  unavailable = 14,
  unauthenticated = 16
};

// machine.ApplyConfigurationRequest.Mode
enum ApplyMode : std::uint64_t { reboot = 0, automatic = 1, no_reboot = 2, staged = 3 };

// ApplyConfigurationRequest: data=1, mode=4, dry_run=5
struct ApplyRequest {
  std::string data;
  std::uint64_t mode = automatic;
};
std::string encode(const ApplyRequest& request);
ApplyRequest read_apply(std::string_view message);

// VersionResponse: messages=1{version=2{tag=1}, platform=3{name=1, mode=2}}
struct Version {
  std::string tag, platform, mode;
};
std::string encode(const Version& version);
Version read_version(std::string_view message);

// ServiceListResponse: messages=1{services=2{id=1, state=2, health=4{unknown=1, healthy=2, last_message=3}}}
struct Service {
  std::string id, state;
  bool unknown = false, healthy = false;
  std::string last_message;
};
std::string encode(const std::vector<Service>& services);
std::vector<Service> read_services(std::string_view message);

// EtcdMemberListResponse: messages=1{members=3{id=2, hostname=3, peer_urls=4, client_urls=5, is_learner=6}}
struct EtcdMember {
  std::uint64_t id = 0;
  std::string hostname, peer_url;
  bool learner = false;
};
std::string encode(const std::vector<EtcdMember>& members);
std::vector<EtcdMember> read_members(std::string_view message);

// cosi GetRequest: namespace=1, type=2, id=3; GetResponse: resource=1{metadata=1, spec=2{proto_spec=1,
// yaml_spec=2}}
struct ResourceName {
  std::string space, type, id;
};
std::string encode(const ResourceName& name);
ResourceName read_resource_name(std::string_view message);
std::string encode_resource(const ResourceName& name, std::string_view proto_spec);
/// The proto_spec of a GetResponse.
std::string read_resource(std::string_view message);

inline const ResourceName machine_config{"config", "MachineConfigs.config.talos.dev", "v1alpha1"};
inline const ResourceName machine_status{"runtime", "MachineStatuses.runtime.talos.dev", "machine"};

// MachineConfigSpec: yaml_marshalled=1
std::string encode_machine_config(std::string_view yaml);
std::string read_machine_config(std::string_view spec);

// enums.RuntimeMachineStage
enum class Stage : std::uint64_t {
  unknown,
  booting,
  installing,
  maintenance,
  running,
  rebooting,
  shutting_down,
  resetting,
  upgrading
};
std::string_view name(Stage stage);

// MachineStatusSpec: stage=1, status=2{ready=1, unmet_conditions=2{name=1, reason=2}}
struct MachineStatus {
  Stage stage = Stage::unknown;
  bool ready = false;
  std::vector<std::pair<std::string, std::string>> unmet;  // name, reason
};
std::string encode(const MachineStatus& status);
MachineStatus read_machine_status(std::string_view spec);

// common.Data: bytes=2
std::string encode_data(std::string_view bytes);
std::string read_data(std::string_view message);

}  // namespace lab::drivers::talos
