// Where labrun takes secrets from: SOPS files beside the plan, opened with age identities, and the
// environment; or, for a simulated run without an identity, values that are made up.
#pragma once

#include <memory>

#include "runtime/engine/run.h"

namespace lab::labrun {

// Identities come from $SOPS_AGE_KEY_FILE, $SOPS_AGE_KEY and ~/.config/sops/age/keys.txt, when the first one
// is needed, as sops itself looks for them (getsops/sops, age/keysource.go). The plan must outlive the vault.
std::unique_ptr<engine::Vault> real_vault(const plan::Plan& plan, plan::ReadFile read);

// Sealed files of the plan that an identity at hand opens, and that were changed since they were encrypted.
std::vector<plan::Problem> damaged_files(const plan::Plan& plan, const plan::ReadFile& read);

// Whether that finds any identity.
bool has_identity();

// Values of the right form for every secret: the same for the same seed, and of use to nobody. Certificates
// and keys are made by one authority, so that simulated servers and clients trust each other.
std::unique_ptr<engine::Vault> made_up_vault(plan::ReadFile read, std::uint64_t seed);

}  // namespace lab::labrun
