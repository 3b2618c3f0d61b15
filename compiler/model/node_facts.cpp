#include "compiler/model/node_facts.h"

#include <algorithm>

namespace lab::model {

namespace {

/// Adds entries; one of the same name takes the place of the earlier.
void join(Map<Text>& into, const Map<Text>& entries) {
  for (const Entry<Text>& entry : entries) {
    const auto same =
        std::find_if(into.begin(), into.end(), [&](const auto& e) { return e.name == entry.name; });
    if (same == into.end()) {
      into.push_back(entry);
    } else {
      *same = entry;
    }
  }
}

/// Adds blocks by address; a labelled block of the same name takes the place of the earlier.
template <class T>
void join(List<const T*>& into, const List<T>& blocks) {
  for (const T& block : blocks) {
    if constexpr (std::is_base_of_v<Named, T>) {
      const auto same =
          std::find_if(into.begin(), into.end(), [&](const T* b) { return b->name == block.name; });
      if (same != into.end()) {
        *same = &block;
        continue;
      }
    }
    into.push_back(&block);
  }
}

/// Adds values that are not there yet.
template <class T>
void join(List<Prop<T>>& into, const List<Prop<T>>& values) {
  for (const Prop<T>& value : values) {
    if (std::none_of(into.begin(), into.end(), [&](const auto& p) { return p.value == value.value; })) {
      into.push_back(value);
    }
  }
}

template <class T>
void join(Opt<T>& into, const Opt<T>& value) {
  if (value) into = value;
}

void join(List<Data>& into, const Prop<Data>& data) {
  if (*data != nullptr && (*data)->size > 0) into.push_back(*data);
}

}  // namespace

NodeFacts facts_of(const Lab& lab, const Node& node) {
  NodeFacts facts;
  const Cluster& cluster = lab.get(node.cluster);
  join(facts.sysctls, cluster.sysctls);
  if (const auto& talos = cluster.distribution.talos) {
    join(facts.extensions, talos->extensions);
    facts.install = talos->install;
  }
  for (const NodeGroup& group : node.groups) {
    join(facts.labels, group.labels);
    join(facts.annotations, group.annotations);
    join(facts.sysctls, group.sysctls);
    join(facts.kubelet_args, group.kubelet.args);
    join(facts.taints, group.taints);
    join(facts.modules, group.modules);
    join(facts.extensions, group.extensions);
    join(facts.node_ip, group.kubelet.node_ip);
    join(facts.mounts, group.kubelet.mount);
    join(facts.routes, group.route);
    join(facts.volumes, group.volume);
    join(facts.kubelet_config, group.kubelet.config);
    join(facts.raw, group.raw);
    join(facts.link.interface, group.link.interface);
    join(facts.link.bus_path, group.link.bus_path);
    join(facts.link.driver, group.link.driver);
    join(facts.link.physical, group.link.physical);
    join(facts.link.mtu, group.link.mtu);
    join(facts.install, group.install);
  }
  return facts;
}

}  // namespace lab::model
