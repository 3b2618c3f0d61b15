// Talos clusters: what the image factory must know, node configurations, bootstrap, health, access.
#include <fmt/format.h>

#include "compiler/lower/plan/draft.h"
#include "compiler/lower/talos_image.h"

namespace lab::lower::plan {

namespace {

std::string address_of(const model::Node& node) {
  return node.ip ? node.ip->format() : std::string(node.name);
}

std::string talosconfig_of(const model::Cluster& cluster) {
  return fmt::format("talos/{}/talosconfig.sops.yaml", cluster.name);
}

class Cluster {
 public:
  Cluster(Draft& draft, const model::Cluster& cluster)
      : draft_(draft),
        lab_(draft.lab),
        cluster_(cluster),
        group_(draft.group(id_text(fmt::format("cluster/{}", cluster.name)),
                           fmt::format("cluster {}", cluster.name))),
        talosconfig_(talosconfig_of(cluster)) {}

  void run() {
    const std::vector<const model::Node*> nodes = lab_.nodes_of(lab_.ref_of(cluster_));
    if (nodes.empty() || !nodes.front()->control_plane) return;
    for (const model::Node* node : nodes) add_node(*node);
    add_bootstrap(*nodes.front());
    Step& up = add_health(draft_, cluster_, "up", "control plane is up", false);
    up.after.insert(up.after.end(), configs_.begin(), configs_.end());
    up.after.push_back(talos_step(cluster_.name, "bootstrap"));
    add_kubeconfig(*nodes.front());
  }

 private:
  Step& step(std::string_view what, std::string_view kind, std::string title, Origin at) {
    return draft_.step(talos_step(cluster_.name, what), kind, group_, std::move(title), at);
  }

  void add_node(const model::Node& node) {
    const TalosImage image = talos_image(lab_, node, model::facts_of(lab_, node), draft_.arena);
    add_schematic(image);
    Step& config = step(fmt::format("config/{}", node.name), "talos.config/1",
                        fmt::format("Talos on {}", node.name), node.at);
    config.of = node.machine;
    config.key.set("cluster", cluster_.name).set("node", node.name, node.at);
    const std::string base = fmt::format("talos/{}/{}", cluster_.name, node.name);
    config.desired.set("node", address_of(node), node.ip ? node.ip.at : node.at);
    config.desired.set("hostname", node.name, node.at);
    config.desired.set("config", draft_.artifact(base + ".yaml"));
    config.desired.set("secrets", draft_.sealed(base + ".secrets.sops.yaml"));
    config.desired.set("talosconfig", draft_.sealed(talosconfig_));
    config.desired.set("install", true);
    config.on_change = {{"config", "update"}, {"hostname", "update"}, {"secrets", "update"}};
    config.after.push_back(schematic_step(image.schematic));
    if (lab_.as<model::Vm>(node.machine) != nullptr)
      config.after.push_back(power_step(node.name));
    else if (lab_.as<model::Host>(node.machine) != nullptr)
      config.after.push_back(id_text(fmt::format("approve/boot/{}", node.name)));
    configs_.push_back(config.id);
  }

  void add_schematic(const TalosImage& image) {
    const std::string id = schematic_step(image.schematic);
    if (draft_.has_step(id)) return;
    const model::Prop<Text>& factory = cluster_.distribution.talos->factory;
    Step& schematic = draft_.step(
        id, "talos.schematic/1", group_,
        fmt::format("schematic {} at {}", std::string_view(image.schematic).substr(0, 8), *factory),
        cluster_.distribution.at);
    schematic.key.set("id", image.schematic);
    schematic.desired.set("factory", fmt::format("https://{}", *factory), factory.at);
    schematic.desired.set("schematic", draft_.artifact(fmt::format("talos/{}/schematics/{}.yaml",
                                                                   cluster_.name, image.schematic)));
    schematic.outputs = {"id"};
  }

  void add_bootstrap(const model::Node& first) {
    Step& bootstrap =
        step("bootstrap", "talos.bootstrap/1", fmt::format("etcd of {}", cluster_.name), cluster_.at);
    bootstrap.of = lab_.any_of(cluster_);
    bootstrap.key.set("cluster", cluster_.name, cluster_.at);
    bootstrap.desired.set("node", address_of(first), first.at);
    bootstrap.desired.set("talosconfig", draft_.sealed(talosconfig_));
    bootstrap.after.push_back(config_step(cluster_.name, first.name));
  }

  void add_kubeconfig(const model::Node& first) {
    Step& kubeconfig =
        step("kubeconfig", "talos.kubeconfig/1", fmt::format("access to {}", cluster_.name), cluster_.at);
    kubeconfig.of = lab_.any_of(cluster_);
    kubeconfig.key.set("cluster", cluster_.name, cluster_.at);
    kubeconfig.desired.set("node", address_of(first), first.at);
    kubeconfig.desired.set("talosconfig", draft_.sealed(talosconfig_));
    kubeconfig.desired.set("endpoint", *cluster_.endpoint, cluster_.endpoint.at);
    kubeconfig.outputs = {"kubeconfig"};
    kubeconfig.after.push_back(talos_step(cluster_.name, "up"));
  }

  Draft& draft_;
  const model::Lab& lab_;
  const model::Cluster& cluster_;
  const std::string group_;
  const std::string talosconfig_;
  std::vector<std::string> configs_;
};

}  // namespace

Step& add_health(Draft& draft, const model::Cluster& cluster, std::string_view what, std::string_view title,
                 bool kubernetes) {
  Step& health = draft.step(talos_step(cluster.name, what), "talos.health/1",
                            id_text(fmt::format("cluster/{}", cluster.name)),
                            fmt::format("{}: {}", cluster.name, title), cluster.at);
  health.of = draft.lab.any_of(cluster);
  health.key.set("cluster", cluster.name, cluster.at);
  List control_plane = health.desired.list("control_plane");
  List workers = health.desired.list("workers");
  for (const model::Node* node : draft.lab.nodes_of(draft.lab.ref_of(cluster)))
    (node->control_plane ? control_plane : workers).add(address_of(*node), node->at);
  health.desired.set("talosconfig", draft.sealed(talosconfig_of(cluster))).set("kubernetes", kubernetes);
  return health;
}

void add_talos(Draft& draft) {
  for (const model::Cluster& cluster : draft.lab.clusters)
    if (cluster.distribution.talos) Cluster(draft, cluster).run();
}

}  // namespace lab::lower::plan
