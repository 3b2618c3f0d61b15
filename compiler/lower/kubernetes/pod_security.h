// Which Pod Security Standard a pod satisfies.
#pragma once
#include "compiler/lower/kubernetes/context.h"

namespace lab::lower::kubernetes {

/// The strictest level that a pod's `spec` satisfies, by the checks of k8s.io/pod-security-admission 0.35
/// (`policy.DefaultChecks`). Looks at the document, so that `raw` and manifests are judged too.
[[nodiscard]] Level level_of(const Node& pod_spec);

/// Raises the level of the namespace to that of the pod.
void judge_pod(Context& context, Ref<model::Namespace> ns, const Node& pod_spec, Origin at, Text who);

}  // namespace lab::lower::kubernetes
