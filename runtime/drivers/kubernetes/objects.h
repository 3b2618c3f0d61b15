// The objects of a kubernetes.apply step, and comparing an object with what an apply would make of it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "runtime/drivers/kubernetes/client.h"

namespace lab::drivers::kubernetes {

/// One object to be applied. `secret` ones come from sealed files or are Secrets: their values appear
/// nowhere.
struct Object {
  Json body;
  bool secret = false;
};

/// All objects of the step's documents, lists taken apart, in the order in which they can be applied:
/// definitions, namespaces, cluster roles and classes first, webhooks last, otherwise as they stand
/// (fluxcd/pkg ssa/sort.go).
engine::Outcome<std::vector<Object>> objects_of(engine::Context& context, const Json& documents);

/// Paths whose values differ between the object as it is and as a dry run of the apply returns it; what the
/// server keeps by itself (status, resourceVersion, generation, managedFields, times, uid) does not count.
std::vector<std::string> changes(const Json& live, const Json& applied);

/// Whether our manager has applied to the object.
bool is_ours(const Json& live);

/// The managers that the message of a conflict names, "conflict with \"kubectl-edit\" using v1:
/// .spec.replicas".
std::vector<std::string> managers_in_conflict(const Json& status);

/// Whether their fields may be taken over: kubectl by hand, and our own older names.
bool may_take_over(const std::vector<std::string>& managers);

}  // namespace lab::drivers::kubernetes
