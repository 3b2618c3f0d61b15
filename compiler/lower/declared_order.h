// `after = [x]` in the bundle: where the objects of a resource are.
#pragma once
#include <string_view>
#include <unordered_map>
#include <vector>

#include "compiler/lower/lower.h"

namespace lab::lower {

/// The objects of each resource below kubernetes/. An object belongs to the resource whose header it was made
/// of; of several with one header (those of a loop), to the one whose name and namespace its folder has.
class ObjectsOf {
 public:
  /// Nothing is looked at when the lab declares no order.
  ObjectsOf(const model::Lab& lab, const Bundle& bundle);
  /// The folders that hold objects of a resource, each once, in the bundle's order.
  [[nodiscard]] std::vector<std::string_view> folders(const model::AnyRef& resource) const;
  /// Whether a GitOps controller applies it: objects below kubernetes/, a chart.
  [[nodiscard]] bool applied(const model::AnyRef& resource) const;

 private:
  const model::Lab& lab_;
  std::unordered_map<Origin, std::vector<std::string_view>> folders_;
};

}  // namespace lab::lower
