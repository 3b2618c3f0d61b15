// A plan in the making: steps, and what they refer to. Inside of this folder only.
//
// The order of a plan follows from what its steps need of each other: whoever makes a step names the steps
// whose objects it uses, by ids that are made of names alone.
#pragma once
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/lower/lower.h"

namespace lab::lower::plan {

using document::List;
using document::Map;
using document::Node;
using document::Value;
using model::Text;

/// Field of `desired` (or the path of one in it) and what to do when it differs: update, replace, refuse.
using Change = std::pair<std::string_view, std::string_view>;

struct Step {
  std::string id;
  std::string_view kind;
  std::string group;
  std::string title;
  Map key;
  Map desired;
  Origin at = 0;
  model::AnyRef of = {};  // the resource it belongs to
  std::vector<std::string> after = {};
  std::vector<Change> on_change = {};
  std::vector<std::string> needs = {};
  std::vector<std::string_view> outputs = {};
  std::string approve = {};
  bool present = false;  // made by somebody else: missing is a failure
  bool protect = false;
};

class Draft {
 public:
  Draft(const model::Lab& lab, document::Arena& arena, Bundle& bundle, diagnostics::Sink& sink,
        const Options& options);

  const model::Lab& lab;
  document::Arena& arena;
  Bundle& bundle;
  diagnostics::Sink& sink;
  const Options& options;

  /// A step of a kind of runtime/plan; stays where it is.
  Step& step(std::string id, std::string_view kind, std::string group, std::string title, Origin at);
  [[nodiscard]] bool has_step(std::string_view id) const;
  [[nodiscard]] Step& step(std::string_view id) { return steps_[index_.find(id)->second]; }
  /// The steps made so far.
  [[nodiscard]] const std::deque<Step>& steps() const { return steps_; }
  /// A group, once, however often it is named.
  const std::string& group(std::string name, std::string title);
  /// A pool of so many steps at a time.
  std::string pool(std::string name, unsigned limit);

  /// Versions of a product that the plan was made for.
  void needs_product(std::string_view product, std::string range) { products_[product] = std::move(range); }

  // ---- references
  Map artifact(const std::string& path);
  Map sealed(const std::string& path);
  Map output(const std::string& step, std::string_view name);
  /// Where a value of the lab comes from: a secret of the vault, carried by plan.sops.yaml, or what stands in
  /// the lab. `name` names a secret that is put together from several, or is not said in the lab.
  Value text(const model::MaybeSecret& value, const std::string& name, Origin at);
  /// A value that the lab does not say: asked for when the plan runs.
  Map from_environment(const std::string& name, std::string variable);

  /// The plan without what is known only once every file is written: adds the artifact plan.json, and
  /// plan.sops.yaml when there are secrets.
  void write();

 private:
  struct Secret {
    const model::SecretText* text = nullptr;  // null: of the environment
    std::string variable;
    Origin at = 0;
  };

  Map reference(std::string_view word, std::string_view target);
  Map write_step(const Step& step);

  std::deque<Step> steps_;
  std::map<std::string, std::size_t, std::less<>> index_;
  std::map<std::string, std::string> groups_;
  std::map<std::string, unsigned> pools_;
  std::map<std::string_view, std::string> products_;
  std::map<std::string, bool> files_;  // by path: whether it is encrypted
  std::map<std::string, Secret> secrets_;
};

/// `text` with every character that an id cannot hold as `-`.
[[nodiscard]] std::string id_text(std::string_view text);
/// What an object of the lab carries to be known again: `talos-media/vm/talos-cp02`.
[[nodiscard]] std::string marker(const model::Lab& lab, std::string_view kind, std::string_view name);

// ---- ids that steps of several files name
[[nodiscard]] std::string image_step(std::string_view node, std::string_view storage, std::string_view file);
[[nodiscard]] std::string vm_step(Text vm);
[[nodiscard]] std::string power_step(Text vm);
[[nodiscard]] std::string schematic_step(std::string_view id);
[[nodiscard]] std::string talos_step(Text cluster, std::string_view what);
[[nodiscard]] std::string config_step(Text cluster, Text node);
[[nodiscard]] std::string kubernetes_step(Text cluster, std::string_view what);

// ---- parts of the plan, each in a file of its own
void add_machines(Draft& draft);    // Proxmox: images, VMs, power
void add_talos(Draft& draft);       // schematics, configurations, bootstrap, health, kubeconfig
void add_kubernetes(Draft& draft);  // what a cluster needs before GitOps takes over, and the hand-over
void add_names(Draft& draft);       // DNS records and tunnels
/// A step that every node of a Talos cluster is well; whoever adds it says what comes before.
Step& add_health(Draft& draft, const model::Cluster& cluster, std::string_view what, std::string_view title,
                 bool kubernetes);
/// Edges that the lab declares, `after = [x]`; last, when all steps are there. Reports those that contradict the
/// order of steps, and those about something that nothing is done for.
void add_declared_order(Draft& draft);

}  // namespace lab::lower::plan
