// Edges that the lab declares beside those that follow from what steps need of each other.
//
// What a GitOps controller applies is ordered by it (gitops/order.cpp); for the plan all of it is one step,
// the hand-over, and all of it is there when `healthy` is done.
#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "compiler/diagnostics/diagnostic.h"
#include "compiler/lower/declared_order.h"
#include "compiler/lower/plan/draft.h"

namespace lab::lower::plan {

namespace {

using Ids = std::vector<std::string>;

class DeclaredOrder {
 public:
  explicit DeclaredOrder(Draft& draft) : draft_(draft), lab_(draft.lab), objects_(draft.lab, draft.bundle) {
    for (const Step& step : draft.steps())
      if (step.of.valid()) own_[step.of.kind][step.of.index].push_back(step.id);
  }

  void run() {
    for (const model::Order& order : lab_.orders) {
      const bool known = order.of.valid() && order.after.valid();
      const Ids before = known ? steps_of(order.after) : Ids{};
      const Ids later = known ? steps_of(order.of) : Ids{};
      const bool before_applied = known && is_applied(order.after);
      const bool later_applied = known && is_applied(order.of);
      if (known && order.of == order.after) {
        report_cycle(order, {});
        continue;
      }
      bool kept = before_applied && later_applied;  // by the controller
      if (!before.empty() && !later.empty()) kept |= put(first(later), last(before), order);
      // What is applied comes when its cluster is handed over, and is there when it is healthy.
      if (later_applied && !before_applied && !before.empty()) {
        const model::Cluster* cluster = cluster_of(order.of);
        kept |= cluster != nullptr && order.after == lab_.any_of(*cluster);  // it is applied there
        if (!kept) kept = put(gate(order.of, "hand-over"), last(before), order);
      }
      if (!later_applied && !later.empty() && before.empty() && before_applied)
        kept |= put(first(later), gate(order.after, "healthy"), order);
      if (!kept) report_useless(order, before.empty() && !before_applied ? order.after : order.of);
    }
  }

 private:
  Ids steps_of(const model::AnyRef& resource) const {
    const auto kind = own_.find(resource.kind);
    if (kind == own_.end()) return {};
    const auto ids = kind->second.find(resource.index);
    return ids == kind->second.end() ? Ids{} : ids->second;
  }

  bool is_applied(const model::AnyRef& resource) const {
    return lab_.lab().gitops.argocd && objects_.applied(resource);
  }

  const model::Cluster* cluster_of(const model::AnyRef& resource) const {
    const model::Ref<model::Namespace> ns = lab_.namespace_of(resource);
    return lab_.find(ns.valid() ? lab_.cluster_of(ns) : lab_.only_cluster());
  }

  /// The step of the cluster that something is applied in.
  Ids gate(const model::AnyRef& resource, std::string_view what) const {
    const model::Cluster* cluster = cluster_of(resource);
    if (cluster == nullptr) return {};
    std::string id = kubernetes_step(cluster->name, what);
    return draft_.has_step(id) ? Ids{std::move(id)} : Ids{};
  }

  /// Those of a resource's steps that wait for none of the others.
  Ids first(const Ids& steps) const {
    Ids out;
    for (const std::string& id : steps)
      if (std::ranges::none_of(steps, [&](const std::string& other) {
            return other != id && !path_between(id, other).empty();
          }))
        out.push_back(id);
    return out;
  }

  /// Those that none of the others waits for.
  Ids last(const Ids& steps) const {
    Ids out;
    for (const std::string& id : steps)
      if (std::ranges::none_of(steps, [&](const std::string& other) {
            return other != id && !path_between(other, id).empty();
          }))
        out.push_back(id);
    return out;
  }

  /// From a step over what it waits for to another, both named; empty when it does not wait for it.
  Ids path_between(const std::string& from, const std::string& to) const {
    std::unordered_map<std::string, std::string> reached_from{{from, {}}};
    Ids queue{from};
    for (std::size_t i = 0; i < queue.size(); ++i) {
      if (queue[i] == to) {
        Ids path{to};
        while (path.back() != from) path.push_back(reached_from[path.back()]);
        std::ranges::reverse(path);
        return path;
      }
      if (!draft_.has_step(queue[i])) continue;
      for (const std::string& next : draft_.step(queue[i]).after)
        if (reached_from.emplace(next, queue[i]).second) queue.push_back(next);
    }
    return {};
  }

  /// Makes each of `later` wait for each of `before`; whether there are any.
  bool put(const Ids& later, const Ids& before, const model::Order& order) {
    for (const std::string& id : later)
      for (const std::string& earlier : before) {
        if (const Ids back = path_between(earlier, id); !back.empty()) {
          report_cycle(order, back);
          continue;
        }
        Ids& after = draft_.step(id).after;
        if (std::ranges::find(after, earlier) == after.end()) after.push_back(earlier);
      }
    return !later.empty() && !before.empty();
  }

  void report_cycle(const model::Order& order, const Ids& back) {
    using namespace diagnostics;
    Diagnostic d =
        make(Code::order_cycle, draft_.options.locate(order.at), "contradicts the order that follows",
             "`{}` cannot come after `{}`", order.of_name, order.after_name);
    if (!back.empty()) {
      std::string path = fmt::format("`{}`", draft_.step(back.back()).title);
      for (const std::string& id : back) path += fmt::format(" after `{}`", draft_.step(id).title);
      d.note(path);
    }
    draft_.sink.report(std::move(d));
  }

  /// `idle` is the end that no step makes and no controller applies.
  void report_useless(const model::Order& order, const model::AnyRef& idle) {
    using namespace diagnostics;
    const bool earlier = idle == order.after;
    Diagnostic d =
        make(Code::order_without_effect, draft_.options.locate(order.at), "this order has no effect",
             "nothing is done for `{}`, so {}", earlier ? order.after_name : order.of_name,
             earlier ? "nothing waits for it" : "it waits for nothing");
    if (idle.valid() && objects_.applied(idle))
      d.note("its objects are applied by nobody: write `gitops = argocd { repo = \"…\" }` in `lab`");
    draft_.sink.report(std::move(d));
  }

  Draft& draft_;
  const model::Lab& lab_;
  const ObjectsOf objects_;
  std::unordered_map<Text, std::unordered_map<std::uint32_t, Ids>> own_;  // ids of steps, by resource
};

}  // namespace

void add_declared_order(Draft& draft) {
  if (!draft.lab.orders.empty()) DeclaredOrder(draft).run();
}

}  // namespace lab::lower::plan
