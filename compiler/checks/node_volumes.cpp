// LAB0531: Talos can make the volumes that nodes have.
#include "compiler/checks/fixes.h"
#include "compiler/checks/rules.h"

namespace lab::checks {

namespace {

/// A partition label of 36 characters less the `u-` that Talos puts before the name (siderolabs/talos
/// pkg/machinery config/types/block/user_volume_config.go).
constexpr std::size_t longest_name = 34;

void judge(const model::NodeVolume& volume, Context& context) {
  if (volume.name.size() > longest_name) {
    context.report(make(Code::node_volume, context.span(volume.at),
                        fmt::format("{} characters", volume.name.size()),
                        "the name of volume `{}` is longer than {} characters", volume.name, longest_name));
  }
  if (volume.min_size && volume.max_size && volume.max_size->bytes < volume.min_size->bytes) {
    Diagnostic& d = context.report(make(Code::node_volume, context.span(volume.max_size.at),
                                        "less than `min-size`", "volume `{}` has at most {} and at least {}",
                                        volume.name, volume.max_size->format(), volume.min_size->format()));
    context.label(d, volume.min_size.at, "the least size");
  }
}

}  // namespace

void node_volumes(const model::Lab& lab, Context& context) {
  for (const model::Node& node : lab.nodes) {
    if (!lab.get(node.cluster).distribution.talos) continue;
    for (const model::NodeGroup& group : node.groups)
      for (const model::NodeVolume& volume : group.volume) judge(volume, context);
  }
}

}  // namespace lab::checks
