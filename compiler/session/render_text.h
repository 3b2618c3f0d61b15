// The texts that `yaml(x)`, `json(x)`, `toml(x)` and `ini(x)` yield.
#pragma once
#include <string>
#include <string_view>

#include "compiler/eval/evaluation.h"

namespace lab::session {

/// `problem` says why a value has no such text (a list at the top of TOML), else it stays empty.
std::string render_text(eval::Evaluation& evaluation, const eval::Value& value, std::string_view format, std::string& problem);

}  // namespace lab::session
