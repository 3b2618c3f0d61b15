// Free-form data (`any`): values of the evaluator as documents.
#pragma once
#include <optional>
#include <string_view>

#include "compiler/document/document.h"
#include "compiler/eval/evaluation.h"

namespace lab::model {

/// A document of the value: resources as the name of their object, ports as their number, quantities as
/// Kubernetes spells them, texts as they are. Secrets are secret leaves, which a public file is refused for; poison is null: it was reported.
document::Value to_data(eval::Evaluation& evaluation, document::Arena& arena, const eval::Value& value);

/// A scalar as text, as environment variables and flags want it: a port is its number, a resource its name.
/// Nothing for lists, maps, secrets and poison.
std::optional<std::string_view> to_text(eval::Evaluation& evaluation, document::Arena& arena,
                                        const eval::Value& value);

}  // namespace lab::model
