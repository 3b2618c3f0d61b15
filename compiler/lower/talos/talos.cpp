#include "compiler/lower/talos/talos.h"

#include <fmt/format.h>

#include <set>

#include "compiler/lower/talos/node.h"
#include "compiler/types/version.h"

namespace lab::lower::talos {

namespace {

using document::Map;
using types::Version;

class Cluster {
 public:
  Cluster(const model::Lab& lab, const model::Cluster& cluster, document::Arena& arena, Bundle& bundle)
      : lab_(lab), cluster_(cluster), talos_(*cluster.distribution.talos), arena_(arena), bundle_(bundle) {}

  void lower() {
    const auto kubernetes = Version::parse(*cluster_.kubernetes);
    if (!kubernetes) return;
    kubernetes_ = kubernetes->with_v();
    for (const model::Node* node : lab_.nodes_of(lab_.ref_of(cluster_))) {
      lower_node(*node);
      add_node_secrets(lab_, cluster_, *node, arena_, bundle_);
    }
    add_operator_files(lab_, cluster_, arena_, bundle_);
  }

 private:
  void lower_node(const model::Node& node) {
    const model::NodeFacts facts = model::facts_of(lab_, node);
    Node n{lab_,
           node,
           cluster_,
           talos_,
           facts,
           talos_image(lab_, node, facts, arena_),
           cards_of(lab_, node.machine),
           kubernetes_,
           cluster_.kubernetes.at,
           arena_};
    add_schematic(n);
    Documents documents = {arena_.map(node.at)};
    Map config = documents.front();
    config.set("version", "v1alpha1").set("debug", false).set("persist", true);
    add_machine(n, config);
    add_cluster(n, config);
    add_network(n, documents);
    add_registries(n, documents);
    add_volumes(n, documents);
    for (const model::Data patch : n.facts.raw) join_patch(n, *patch, documents);
    auto& artifact = bundle_.add(fmt::format("talos/{}/{}.yaml", cluster_.name, node.name), "talos.machine",
                                 {}, document::Format::talos);
    for (const Map& document : documents) artifact.documents.push_back(document.node());
  }

  /// One file a schematic, however many nodes have it.
  void add_schematic(const Node& n) {
    if (!schematics_.insert(n.image.schematic).second) return;
    bundle_.add(fmt::format("talos/{}/schematics/{}.yaml", cluster_.name, n.image.schematic),
                "talos.schematic", {arena_.as_map(n.image.document)}, document::Format::talos);
  }

  const model::Lab& lab_;
  const model::Cluster& cluster_;
  const model::Distribution::Talos& talos_;
  document::Arena& arena_;
  Bundle& bundle_;
  std::string kubernetes_;
  std::set<std::string, std::less<>> schematics_;
};

}  // namespace

document::Map new_document(const Node& n, std::string_view kind, document::Origin at) {
  Map document = n.arena.map(at);
  document.set("apiVersion", "v1alpha1").set("kind", kind);
  return document;
}

void set_all(document::Map map, const model::Map<model::Text>& entries) {
  for (const auto& entry : entries) map.set(entry.name, entry.value, entry.at);
}

void lower(const model::Lab& lab, document::Arena& arena, Bundle& bundle, diagnostics::Sink& /*sink*/,
           const Options& /*options*/) {
  for (const model::Cluster& cluster : lab.clusters) {
    if (cluster.distribution.talos) Cluster(lab, cluster, arena, bundle).lower();
  }
}

}  // namespace lab::lower::talos
