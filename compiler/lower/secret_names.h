// Where a value that may be secret is read from in Kubernetes: names that do not depend on the delivery.
// Language reference, "Secrets": a secret with a body is one Secret of that name and those keys; any other
// stands in the Secret named after the workload, under the variable's or file's name.
#pragma once
#include <string_view>

#include "compiler/model/lab.h"

namespace lab::lower {

struct SecretKey {
  model::Text name;  // of the Secret; as in the model, so without `object_name`
  model::Text key;
};

/// The Secret and key that hold `text`. `owner` and `key` are those of whatever reads it.
[[nodiscard]] SecretKey secret_key(const model::Lab& lab, const model::SecretText& text, model::Text owner,
                                   model::Text key);

}  // namespace lab::lower
