// The evaluated lab: which resources exist, and their fields on demand.
#pragma once
#include <span>
#include <string_view>
#include <vector>

#include "compiler/eval/record.h"

namespace lab::eval {

/// A value that carries `because "…"`: a relaxation for the build report.
struct Relaxation {
  const Record* resource = nullptr;
  std::string_view field;              // path within the resource: `expose.auth`
  std::string_view reason;
  Origin origin = 0;
};

class Evaluation {
 public:
  virtual ~Evaluation() = default;
  /// All resources of exactly this kind (components' kinds by their own name), in order of declaration.
  [[nodiscard]] virtual std::span<Record* const> resources(std::string_view kind) const = 0;
  /// All resources, in order of declaration.
  [[nodiscard]] virtual std::span<Record* const> all() const = 0;
  /// The value of a field, evaluated when first asked; errors are reported once and give poison.
  virtual Value field(Record& record, std::uint32_t index) = 0;
  [[nodiscard]] virtual std::string_view text(Symbol s) const = 0;
  /// Reasons met so far (fields not yet read are not in it).
  [[nodiscard]] virtual std::span<const Relaxation> relaxations() const = 0;
};

}  // namespace lab::eval
