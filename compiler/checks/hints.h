// LAB0702, LAB0703: what a lab says and nothing reads. Facts of the evaluator, told as data.
#pragma once
#include <span>
#include <string_view>

#include "compiler/checks/context.h"

namespace lab::checks {

/// Something declared in the lab (not in the standard library) that nothing else reads.
struct Unused {
  enum class What : std::uint8_t {
    template_,  // `let NAME = KIND { … }` that nothing is like
    let,        // another `let` that nothing reads
  };
  What what{};
  std::string_view kind;  // of a template
  std::string_view name;
  Span at;     // its name
  Span whole;  // the whole declaration, to take it away; invalid when unknown
};

/// A hint for each, with the edit that takes it away.
void hints(std::span<const Unused> unused, Context& context);

}  // namespace lab::checks
