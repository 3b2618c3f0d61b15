// Talos machine configurations of contracts 1.12 and 1.13: talos/<cluster>/<node>.yaml without its secrets,
// the schematics of its images, and what is sealed of its secrets bundle:
// talos/<cluster>/<node>.secrets.sops.yaml, talosconfig.sops.yaml, kubeconfig.sops.yaml.
//
// The shape is that of Talos' own generator (siderolabs/talos pkg/machinery config/generate, init.go and
// worker.go; golden files in config/types/v1alpha1/testdata/stability): a v1alpha1 document, then network,
// registry and volume documents. Secret fields (token, ca, id, secret, aggregatorCA, serviceAccount,
// etcd.ca, secretboxEncryptionSecret) are absent: the node's patch brings them.
#pragma once
#include "compiler/lower/lower.h"

namespace lab::lower::talos {

void lower(const model::Lab& lab, document::Arena& arena, Bundle& bundle, diagnostics::Sink& sink,
           const Options& options);

}  // namespace lab::lower::talos
