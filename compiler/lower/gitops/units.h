// What is applied as one, and what must be there before it.
//
// A unit is a folder of kubernetes/, a chart (with the folder of its name, which holds what it needs), or
// an Application that a manifest declares. Its predecessors follow from the objects in it: from what they
// refer to by name, from the kinds they are of and the charts that bring these kinds.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "compiler/lower/charts.h"
#include "compiler/lower/declared_order.h"
#include "compiler/lower/lower.h"

namespace lab::lower::gitops {

using document::Map;
using document::Node;
using model::Text;

using UnitIndex = std::uint32_t;
inline constexpr UnitIndex no_unit = 0xffffffff;

/// Something that must be there first. A soft edge (who calls whom) gives way where it would make a circle.
struct Edge {
  UnitIndex to = no_unit;
  Origin at = 0;
  bool soft = false;
  bool declared = false;  // `after = [x]`
};

struct Unit {
  Text name;    // of its Application: unique in the lab
  Text ns;      // its namespace; empty for objects of the whole cluster
  Text folder;  // `kubernetes/media/sonarr`; empty for a chart without one
  Text root;    // root of the tree that holds it: core, apps, …
  const model::Helm* chart = nullptr;
  const model::Manifest* application = nullptr;
  std::vector<const Node*> objects;
  Origin at = 0;
  bool is_namespace = false;
  bool custom = false;  // has objects of kinds that a chart brings
  std::vector<Edge> after;
  std::int32_t wave = 0;
};

/// The units of a bundle and what comes before each; charts first, then folders in the bundle's order.
[[nodiscard]] std::vector<Unit> units_of(const model::Lab& lab, document::Arena& arena, const Bundle& bundle,
                                         diagnostics::Sink& sink, const Options& options);

/// Fills `after` of every unit (references.cpp).
void find_references(const model::Lab& lab, const ObjectsOf& objects, std::vector<Unit>& units);

/// Fills `wave`: the length of the longest chain before a unit. Soft edges inside a circle are dropped; a
/// circle of others is reported with its path, and so is a declared edge between two trees that wait for each
/// other: waves are counted inside of a tree (order.cpp).
void order(std::vector<Unit>& units, diagnostics::Sink& sink, const Options& options);

/// The same for a plain graph whose edges are all soft.
[[nodiscard]] std::vector<std::int32_t> levels(const std::vector<std::vector<Edge>>& after);

}  // namespace lab::lower::gitops
