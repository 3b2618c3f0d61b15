// What outlives the loss of a machine.
#pragma once
#include <string>
#include <vector>

#include "compiler/flows/reach.h"

namespace lab::flows {

/// Whether `what` still works when everything on `lost` is gone. Decided for clusters: a majority of the
/// control plane (etcd's quorum) stays, and a node that may hold workloads. Of everything else, and of a VM
/// that may run on several hosts, the answer is unknown, with the reason.
[[nodiscard]] Answer survives(const model::Lab& lab, const std::vector<model::Endpoint>& what,
                              const std::vector<model::Endpoint>& lost);

}  // namespace lab::flows
