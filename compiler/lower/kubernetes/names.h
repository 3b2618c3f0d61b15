// Names of objects that follow from the lab: volumes, claims, keys of files, ports.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "compiler/model/apps.h"

namespace lab::lower::kubernetes {

/// A path as a DNS label: `/config` is `config`, `/var/lib/App_1` is `var-lib-app-1`, `/` is `root`.
[[nodiscard]] std::string label_of(std::string_view path);

/// The claim of a workload's mount: `sonarr-config`; at most 63 characters.
[[nodiscard]] std::string claim_name(std::string_view workload, const model::Mount& mount);

/// Key of a file in a ConfigMap or Secret: its base name, or its path with `_` for `/` when another file
/// of the workload has the same base name.
[[nodiscard]] std::string file_key(const model::Workload& workload, const model::AppFile& file);

/// Name of a static volume of an export that is mounted without a `volume`: `truenas-media`.
[[nodiscard]] std::string export_claim(std::string_view nas, std::string_view export_name);

/// One port of one protocol: `bt = tcp+udp/50413` is two, a range as many as it has numbers.
struct PortEntry {
  std::string name;           // `bt`, `bt-udp`, `rtp-8000`; at most 15 characters
  std::string_view protocol;  // TCP, UDP, SCTP
  std::uint16_t container = 0;
  std::uint16_t service = 0;
  const model::AppPort* port = nullptr;
};
[[nodiscard]] std::vector<PortEntry> ports_of(const model::Workload& workload);

}  // namespace lab::lower::kubernetes
