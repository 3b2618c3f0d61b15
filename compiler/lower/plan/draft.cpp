#include "compiler/lower/plan/draft.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "compiler/lower/secret_leaf.h"

namespace lab::lower::plan {

namespace {

constexpr std::string_view rule_name = "plan.step";

/// What holds for every step of a kind: what `labrun destroy` does with its object, how failures are
/// retried, and how long it may take.
struct Habits {
  std::string_view kind;
  std::string_view destroy;
  std::string_view retry;
  unsigned timeout_s;
};
constexpr std::array habits = {
    Habits{"approve/1", "retain", "none", 86400},
    Habits{"cloudflare.record/1", "delete", "request", 120},
    Habits{"cloudflare.tunnel/1", "retain", "request", 120},
    Habits{"dns.record/1", "delete", "request", 120},
    Habits{"exec/1", "retain", "none", 600},
    Habits{"http.request/1", "retain", "request", 120},
    Habits{"kubernetes.apply/1", "retain", "poll", 600},
    Habits{"kubernetes.wait/1", "retain", "poll", 1800},
    Habits{"proxmox.image/1", "retain", "task", 3600},
    Habits{"proxmox.power/1", "delete", "task", 600},
    Habits{"proxmox.vm/1", "delete", "task", 1800},
    Habits{"talos.bootstrap/1", "retain", "poll", 900},
    Habits{"talos.config/1", "retain", "poll", 1800},
    Habits{"talos.health/1", "retain", "poll", 1800},
    Habits{"talos.kubeconfig/1", "retain", "poll", 600},
    Habits{"talos.schematic/1", "retain", "request", 120},
};

const Habits& habits_of(std::string_view kind) {
  return *std::ranges::find(habits, kind, &Habits::kind);
}

/// Every value of a step comes from where the step comes from, unless it says so itself.
void inherit(Node& node, Origin origin) {
  if (node.origin == document::no_origin) node.origin = origin;
  if (!node.is_collection()) return;
  for (Node* child = node.first; child != nullptr; child = child->next) inherit(*child, node.origin);
}

}  // namespace

Draft::Draft(const model::Lab& l, document::Arena& a, Bundle& b, diagnostics::Sink& s, const Options& o)
    : lab(l), arena(a), bundle(b), sink(s), options(o) {}

Step& Draft::step(std::string id, std::string_view kind, std::string group, std::string title, Origin at) {
  index_.emplace(id, steps_.size());
  return steps_.emplace_back(
      Step{std::move(id), kind, std::move(group), std::move(title), arena.map(at), arena.map(at), at});
}

bool Draft::has_step(std::string_view id) const {
  return index_.contains(id);
}

const std::string& Draft::group(std::string name, std::string title) {
  return groups_.emplace(std::move(name), std::move(title)).first->first;
}

std::string Draft::pool(std::string name, unsigned limit) {
  return pools_.emplace(std::move(name), limit).first->first;
}

Map Draft::reference(std::string_view word, std::string_view target) {
  Map out = arena.map();
  out.set(word, arena.keep(target));
  return out;
}

Map Draft::artifact(const std::string& path) {
  files_.emplace(path, false);
  return reference("$artifact", path);
}

Map Draft::sealed(const std::string& path) {
  files_.emplace(path, true);
  return reference("$sops", path);
}

Map Draft::output(const std::string& step, std::string_view name) {
  return reference("$output", fmt::format("{}.{}", step, name));
}

Value Draft::text(const model::MaybeSecret& value, const std::string& name, Origin at) {
  if (value.secret == nullptr) return value.text;
  std::string ref = name;
  if (value.secret->whole()) {
    const eval::SecretPart& part = *value.secret->parts;
    if (const model::Secret* secret = lab.secret_of(part)) {
      const Text key = lab.key_of(part);
      // What the environment says need not be written down, not even encrypted.
      if (secret->source && secret->source->env)
        return from_environment(id_text(secret->name), std::string(*secret->source->env->variable));
      ref = key.empty() ? std::string(secret->name) : fmt::format("{}/{}", secret->name, key);
    }
  }
  ref = id_text(ref);
  secrets_.emplace(ref, Secret{value.secret, {}, at});
  return reference("$secret", ref);
}

Map Draft::from_environment(const std::string& name, std::string variable) {
  secrets_.emplace(name, Secret{nullptr, std::move(variable), 0});
  return reference("$secret", name);
}

Map Draft::write_step(const Step& step) {
  const Habits& habit = habits_of(step.kind);
  Map out = arena.map(step.at);
  out.set("id", step.id).set("kind", step.kind);
  List after = out.list("after");
  for (const std::string& id : step.after) after.add(id);
  out.set("group", step.group).set("title", step.title);
  out.set("key", step.key).set("desired", step.desired);
  out.map("expect").set("state", step.present ? "present" : "absent");
  Map changes = out.map("on_change");
  for (const auto& [field, action] : step.on_change) changes.set(field, action);
  out.set("destroy", habit.destroy).set("protect", step.protect);
  out.set("retry", habit.retry).set("timeout_s", habit.timeout_s);
  List needs = out.list("needs");
  for (const std::string& pool : step.needs) needs.add(pool);
  if (step.approve.empty())
    out.set("approve", nullptr);
  else
    out.set("approve", step.approve);
  List outputs = out.list("outputs");
  for (const std::string_view output : step.outputs) outputs.add(output);
  inherit(*out.node(), step.at);
  return out;
}

void Draft::write() {
  const std::string sealed_file = "plan.sops.yaml";
  Map root = arena.map();
  Map requires_map = root.map("requires");
  requires_map.set("labrun", ">=0.1 <1");
  for (const auto& [product, range] : products_) requires_map.set(product, range);
  List secrets = root.list("secrets");
  Map values = arena.map();
  for (const auto& [ref, secret] : secrets_) {
    Map out = secrets.map(secret.at);
    out.set("ref", ref);
    if (secret.text == nullptr) {
      out.set("from", "env").set("variable", secret.variable);
    } else {
      out.set("from", "sops").set("file", sealed_file).set("key", ref);
      values.set(ref, secret_leaf(arena, secret_pieces(arena, lab, *secret.text)), secret.at);
    }
    inherit(*out.node(), secret.at);
  }
  if (!values.empty()) {
    bundle.add_sealed(sealed_file, "plan.secret", {values}, operator_sealing(lab));
    files_.emplace(sealed_file, true);
  }
  List files = root.list("artifacts");
  for (const auto& [path, sealed] : files_) files.map().set("path", path).set("sealed", sealed);
  List pools = root.list("pools");
  for (const auto& [name, limit] : pools_) pools.map().set("name", name).set("limit", limit);
  List groups = root.list("groups");
  for (const auto& [name, title] : groups_) groups.map().set("name", name).set("title", title);
  List steps = root.list("steps");
  for (const Step& step : steps_) steps.add(write_step(step));
  bundle.add("plan.json", rule_name, {root}, document::Format::json).late = true;
}

std::string id_text(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!word && std::string_view("._/@*:-").find(c) == std::string_view::npos) c = '-';
  }
  return out;
}

std::string marker(const model::Lab& lab, std::string_view kind, std::string_view name) {
  return fmt::format("{}/{}/{}", lab.lab().name, kind, name);
}

std::string image_step(std::string_view node, std::string_view storage, std::string_view file) {
  return id_text(fmt::format("image/{}/{}/{}", node, storage, file));
}

std::string vm_step(Text vm) {
  return id_text(fmt::format("vm/{}", vm));
}

std::string power_step(Text vm) {
  return id_text(fmt::format("power/{}", vm));
}

std::string schematic_step(std::string_view id) {
  return fmt::format("schematic/{}", id.substr(0, 12));
}

std::string talos_step(Text cluster, std::string_view what) {
  return id_text(fmt::format("talos/{}/{}", cluster, what));
}

std::string config_step(Text cluster, Text node) {
  return talos_step(cluster, fmt::format("config/{}", node));
}

std::string kubernetes_step(Text cluster, std::string_view what) {
  return id_text(fmt::format("kubernetes/{}/{}", cluster, what));
}

}  // namespace lab::lower::plan
