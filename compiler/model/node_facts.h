// What all `nodes` groups together say of one node.
//
// Lists add up; a label, flag or setting given twice has the value given last, as `checks` has made sure that
// the two agree. Settings of the cluster come first.
#pragma once
#include <string_view>
#include <vector>

#include "compiler/model/lab.h"

namespace lab::model {

struct NodeFacts {
  Map<Text> labels;
  Map<Text> annotations;
  Map<Text> sysctls;
  Map<Text> kubelet_args;
  List<const Taint*> taints;
  List<Prop<Text>> modules;
  List<Prop<Text>> extensions;  // of the cluster's Talos too
  List<Prop<Cidr>> node_ip;
  List<const KubeletMount*> mounts;
  List<const StaticRoute*> routes;
  List<const NodeVolume*> volumes;
  List<Data> kubelet_config;  // joined in this order
  List<Data> raw;             // joined in this order
  NodeLink link;
  Opt<Text> install;  // of the cluster's Talos, if no group says it
};

[[nodiscard]] NodeFacts facts_of(const Lab& lab, const Node& node);

}  // namespace lab::model
