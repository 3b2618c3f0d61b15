// `raw { … }`: what a person says in the object's own spelling, joined last.
#pragma once
#include "compiler/document/document.h"

namespace lab::lower::kubernetes {

/// Strategic merge as Kubernetes defines it for its built-in kinds: maps join; lists whose elements have a
/// merge key (patchMergeKey in k8s.io/api types.go, and the list-map keys of the Gateway API) join by it;
/// everything else is replaced, and null takes a key away.
void merge_raw(document::Arena& arena, document::Map into, const document::Node& patch);

}  // namespace lab::lower::kubernetes
