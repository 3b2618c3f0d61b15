#include "compiler/flows/survival.h"

#include <fmt/format.h>

#include <algorithm>

namespace lab::flows {

namespace {

enum class Fate : std::uint8_t { stays, lost, unknown };

class Judge {
 public:
  Judge(const model::Lab& lab, const std::vector<model::Endpoint>& lost) : lab_(lab), lost_(lost) {}

  Answer cluster(const model::Cluster& cluster) const {
    Answer out;
    std::size_t members = 0, staying = 0, workers = 0;
    for (const model::Node* node : lab_.nodes_of(lab_.ref_of(cluster))) {
      const Fate f = fate(node->machine);
      if (f == Fate::unknown)
        return unknown(fmt::format("node {} may run on several hosts, and which is not known", node->name),
                       *node);
      const bool works = !node->control_plane || *cluster.schedule_on_control_plane;
      members += node->control_plane ? 1 : 0;
      if (f == Fate::lost) {
        out.hops.push_back(
            {fmt::format("{} {} is lost", node->control_plane ? "control plane" : "worker", node->name),
             node->at});
        continue;
      }
      staying += node->control_plane ? 1 : 0;
      workers += works ? 1 : 0;
    }
    const std::size_t quorum = members / 2 + 1;
    const bool lives = staying >= quorum && workers > 0;
    out.verdict = lives ? Answer::Verdict::yes : Answer::Verdict::no;
    if (staying < quorum)
      out.said = fmt::format("cluster {} keeps {} of {} of its control plane and needs {}", cluster.name,
                             staying, members, quorum);
    else if (workers == 0)
      out.said = fmt::format("cluster {} keeps no node that may hold workloads", cluster.name);
    else
      out.said = fmt::format("cluster {} keeps {} of {} of its control plane and {} node{} for workloads",
                             cluster.name, staying, members, workers, workers == 1 ? "" : "s");
    return out;
  }

 private:
  static Answer unknown(std::string why, const model::Node& node) {
    Answer out;
    out.verdict = Answer::Verdict::unknown;
    out.said = std::move(why);
    out.hops.push_back({"the node", node.at});
    return out;
  }

  bool is_lost(const model::AnyRef& machine) const {
    return std::any_of(lost_.begin(), lost_.end(),
                       [&](const model::Endpoint& e) { return e.ref == machine; });
  }

  /// A machine goes with what it runs on.
  Fate fate(const model::AnyRef& machine) const {
    if (is_lost(machine)) return Fate::lost;
    const model::Vm* vm = lab_.as<model::Vm>(machine);
    if (vm == nullptr) return Fate::stays;
    const auto gone = std::count_if(vm->on.begin(), vm->on.end(), [&](const auto& host) {
      return is_lost({model::Host::kind, host->index, {}, {}, {}});
    });
    if (gone == 0) return Fate::stays;
    return vm->on.size() == 1 ? Fate::lost : Fate::unknown;
  }

  const model::Lab& lab_;
  const std::vector<model::Endpoint>& lost_;
};

}  // namespace

Answer survives(const model::Lab& lab, const std::vector<model::Endpoint>& what,
                const std::vector<model::Endpoint>& lost) {
  Answer out;
  out.verdict = Answer::Verdict::unknown;
  for (const model::Endpoint& e : what) {
    const auto* cluster = lab.as<model::Cluster>(e.ref);
    if (cluster == nullptr) {
      const model::Named* named = lab.named(e.ref);
      out.verdict = Answer::Verdict::unknown;
      out.said = fmt::format("losses are decided for clusters alone, and {} is none",
                             named == nullptr ? Text("this") : named->name);
      return out;
    }
    out = Judge(lab, lost).cluster(*cluster);
    if (out.verdict != Answer::Verdict::yes) return out;
  }
  return out;
}

}  // namespace lab::flows
