// What a look at the world found, step by step, for people and programs.
#pragma once

#include "runtime/cli/binding.h"
#include "runtime/cli/session.h"

namespace lab::labrun {

// Prints the steps whose action is not `none`, each with its differences, and a line of counts.
void print_findings(Session& session);
// Three lists: changed, missing, and what could not be told.
void print_drift(Session& session);
// How many steps would be written.
unsigned pending(const Session& session);
Binding binding_of(const Session& session);
// Steps that are not as the binding says, by id.
std::vector<std::string> stale_steps(const Session& session, const Binding& binding);

}  // namespace lab::labrun
