// The plan of a build in a few lines, for people.
#pragma once
#include <string>

#include "compiler/document/document.h"

namespace lab::session {

/// A line a group (a host, a cluster, a zone) with how many steps of which kinds it has, then what a person
/// has to agree to; empty when there is no plan.
[[nodiscard]] std::string plan_summary(const document::Bundle& bundle);

}  // namespace lab::session
