// What holds between the parts of a plan: names are unique, what is named exists, `after` has no cycle, and
// an output is read only by steps that come after the one that yields it.
#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "runtime/plan/step_fields.h"

namespace lab::plan {

namespace {

using Index = std::uint32_t;

struct OutputUse {
  Index user;
  Index producer;
  std::string at;
};

class Checker {
 public:
  Checker(Plan& plan, const std::vector<std::string>& kind_names, Reader& reader)
      : plan_(plan), kind_names_(kind_names), r_(reader) {}

  void run() {
    unique(plan_.inputs, "inputs", &Input::path);
    unique(plan_.artifacts, "artifacts", &Artifact::path);
    unique(plan_.secrets, "secrets", &Secret::ref);
    unique(plan_.pools, "pools", &Pool::name);
    unique(plan_.groups, "groups", &Group::name);
    unique(plan_.steps, "steps", &Step::id);
    for (std::size_t i = 0; i < plan_.secrets.size(); ++i) check_secret(plan_.secrets[i], i);
    for (Index i = 0; i < plan_.steps.size(); ++i) index_.emplace(plan_.steps[i].id, i);
    for (Index i = 0; i < plan_.steps.size(); ++i) check_step(i);
    if (check_order()) check_outputs();
  }

 private:
  template <class T>
  void unique(const std::vector<T>& all, std::string_view list, std::string T::*name) {
    std::unordered_set<std::string_view> seen;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!seen.insert(all[i].*name).second)
        r_.report(fmt::format("/{}/{}", list, i), fmt::format("`{}` stands in the list twice", all[i].*name));
    }
  }

  void check_secret(const Secret& secret, std::size_t i) {
    if (secret.from == Secret::From::sops) check_file(secret.file, true, fmt::format("/secrets/{}/file", i));
  }

  void check_file(const std::string& path, bool sealed, std::string at) {
    const Artifact* artifact = plan_.find_artifact(path);
    if (!artifact)
      r_.report(std::move(at), fmt::format("the file `{}` is not in `artifacts`", path));
    else if (artifact->sealed != sealed)
      r_.report(std::move(at), fmt::format("the file `{}` is {}: name it by {}", path,
                                           artifact->sealed ? "encrypted" : "not encrypted",
                                           artifact->sealed ? "$sops" : "$artifact"));
  }

  void check_step(Index i) {
    Step& step = plan_.steps[i];
    const std::string at = fmt::format("/steps/{}", i);
    for (const std::string& id : step.after) {
      const auto found = index_.find(id);
      if (found == index_.end())
        r_.report(at + "/after", fmt::format("`{}` comes after `{}`, which is no step", step.id, id));
      else
        step.after_index.push_back(found->second);
    }
    std::ranges::sort(step.after_index);
    if (std::ranges::find(plan_.groups, step.group, &Group::name) == plan_.groups.end())
      r_.report(at + "/group",
                fmt::format("`{}` is in the group `{}`, which is not listed", step.id, step.group));
    for (const std::string& pool : step.needs) {
      if (!plan_.find_pool(pool))
        r_.report(at + "/needs", fmt::format("`{}` needs the pool `{}`, which is not listed", step.id, pool));
    }
    step.kind = find_kind(kind_names_[i]);
    if (!step.kind)
      return r_.report(at + "/kind", fmt::format("`{}` has the kind `{}`, which this program does not know",
                                                 step.id, kind_names_[i]));
    check_body(i, at);
  }

  void check_body(Index i, const std::string& at) {
    const Step& step = plan_.steps[i];
    const auto on_reference = [&](const Reference& ref, const std::string& here) { follow(i, ref, here); };
    check_fields(step.key, at + "/key", step.kind->key, r_, on_reference);
    check_fields(step.desired, at + "/desired", step.kind->desired, r_, on_reference);
    for (const auto& [field, action] : step.on_change) {
      if (!find_field(step.kind->desired, std::string_view(field).substr(0, field.find('.'))))
        r_.report(at + "/on_change", fmt::format("`{}` is no field of {}", field, step.kind->kind));
    }
    for (const std::string& output : step.outputs) {
      if (std::ranges::find(step.kind->outputs, output, &Output::name) == step.kind->outputs.end())
        r_.report(at + "/outputs", fmt::format("{} does not yield `{}`", step.kind->kind, output));
    }
    const auto [first, fresh] = objects_.emplace(fmt::format("{} {}", step.kind->kind, step.key.dump()), i);
    if (!fresh && step.kind->makes)
      r_.report(at + "/key",
                fmt::format("`{}` and `{}` make one object", plan_.steps[first->second].id, step.id));
  }

  void follow(Index user, const Reference& ref, const std::string& at) {
    switch (ref.kind) {
      case RefKind::secret:
        if (!plan_.find_secret(ref.target)) r_.report(at, fmt::format("there is no secret `{}`", ref.target));
        return;
      case RefKind::artifact:
        return check_file(ref.target, false, at);
      case RefKind::sops:
        return check_file(ref.target, true, at);
      case RefKind::output:
        break;
    }
    const auto found = index_.find(ref.target);
    if (found == index_.end()) return r_.report(at, fmt::format("there is no step `{}`", ref.target));
    const auto& outputs = plan_.steps[found->second].outputs;
    if (std::ranges::find(outputs, ref.output) == outputs.end())
      return r_.report(at, fmt::format("the step `{}` has no output `{}`", ref.target, ref.output));
    uses_.push_back({user, found->second, at});
  }

  /// Whether `after` has no cycle; reports one otherwise.
  bool check_order() {
    enum class Mark : std::uint8_t { fresh, open, closed };
    std::vector<Mark> marks(plan_.steps.size(), Mark::fresh);
    struct Frame {
      Index step;
      std::size_t next = 0;
    };
    std::vector<Frame> path;
    for (Index root = 0; root < plan_.steps.size(); ++root) {
      if (marks[root] != Mark::fresh) continue;
      path.push_back({root});
      marks[root] = Mark::open;
      while (!path.empty()) {
        Frame& top = path.back();
        const auto& before = plan_.steps[top.step].after_index;
        if (top.next == before.size()) {
          marks[top.step] = Mark::closed;
          path.pop_back();
          continue;
        }
        const Index next = before[top.next++];
        if (marks[next] == Mark::open) {
          std::string cycle;
          const auto start = std::ranges::find(path, next, &Frame::step);
          for (auto at = start; at != path.end(); ++at)
            cycle += fmt::format("`{}` after ", plan_.steps[at->step].id);
          r_.report(fmt::format("/steps/{}/after", next),
                    fmt::format("the order is a cycle: {}`{}`", cycle, plan_.steps[next].id));
          return false;
        }
        if (marks[next] == Mark::fresh) {
          marks[next] = Mark::open;
          path.push_back({next});
        }
      }
    }
    return true;
  }

  void check_outputs() {
    std::vector<std::vector<Index>> later(plan_.steps.size());
    for (Index i = 0; i < plan_.steps.size(); ++i)
      for (const Index before : plan_.steps[i].after_index) later[before].push_back(i);
    std::ranges::stable_sort(uses_, {}, &OutputUse::producer);
    std::vector<bool> reached;
    for (std::size_t i = 0; i < uses_.size(); ++i) {
      const OutputUse& use = uses_[i];
      if (i == 0 || uses_[i - 1].producer != use.producer) reached = everything_after(use.producer, later);
      if (!reached[use.user])
        r_.report(use.at, fmt::format("`{}` reads an output of `{}` and does not come after it",
                                      plan_.steps[use.user].id, plan_.steps[use.producer].id));
    }
  }

  static std::vector<bool> everything_after(Index from, const std::vector<std::vector<Index>>& later) {
    std::vector<bool> reached(later.size(), false);
    std::vector<Index> left = {from};
    while (!left.empty()) {
      const Index step = left.back();
      left.pop_back();
      for (const Index next : later[step]) {
        if (reached[next]) continue;
        reached[next] = true;
        left.push_back(next);
      }
    }
    return reached;
  }

  Plan& plan_;
  const std::vector<std::string>& kind_names_;
  Reader& r_;
  std::unordered_map<std::string_view, Index> index_;  // views of ids in the plan
  std::unordered_map<std::string, Index> objects_;     // kind and key to step
  std::vector<OutputUse> uses_;
};

}  // namespace

void check(Plan& plan, const std::vector<std::string>& kind_names, Reader& reader) {
  Checker(plan, kind_names, reader).run();
}

}  // namespace lab::plan
