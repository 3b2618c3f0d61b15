#include "compiler/lower/talos/talos.h"

#include <fmt/format.h>

#include <set>

#include "compiler/lower/talos/node.h"
#include "compiler/types/version.h"

namespace lab::lower::talos {

namespace {

using diagnostics::Code;
using document::Map;
using types::Version;

/// The contracts whose configurations are written.
constexpr std::uint32_t oldest_minor = 12;
constexpr std::uint32_t newest_minor = 13;

class Cluster {
 public:
  Cluster(const model::Lab& lab, const model::Cluster& cluster, document::Arena& arena, Bundle& bundle,
          diagnostics::Sink& sink, const Options& options)
      : lab_(lab),
        cluster_(cluster),
        talos_(*cluster.distribution.talos),
        arena_(arena),
        bundle_(bundle),
        sink_(sink),
        options_(options) {}

  void lower() {
    if (!has_contract() || !has_kubernetes() || !has_network()) return;
    for (const model::Node* node : lab_.nodes_of(lab_.ref_of(cluster_))) lower_node(*node);
  }

 private:
  /// The configuration's generation: the one said, else that of the version.
  bool has_contract() {
    const auto version = Version::parse(*talos_.version);
    const auto contract = talos_.contract ? Version::parse(*talos_.contract) : version;
    if (!version || !contract) return false;
    const auto at = talos_.contract ? talos_.contract.at : talos_.version.at;
    const bool known =
        contract->major() == 1 && contract->minor() >= oldest_minor && contract->minor() <= newest_minor;
    if (known && version->major() == 1 && version->minor() >= contract->minor()) return true;
    auto& d = sink_.report(make(Code::talos_contract, options_.locate(at), "this generation",
                                "no Talos machine configuration of generation {}.{} can be written for {}",
                                contract->major(), contract->minor(), *talos_.version));
    d.note("labc writes generations 1.12 and 1.13; a newer Talos reads both");
    if (known) d.note("a Talos release does not read configurations of a later generation");
    return false;
  }

  bool has_kubernetes() {
    const auto version = cluster_.kubernetes ? Version::parse(*cluster_.kubernetes)
                                             : types::Result<Version>(types::Problem{"none", {}});
    if (!version) {
      sink_
          .report(make(Code::talos_kubernetes, options_.locate(cluster_.at), "without `kubernetes`",
                       "cluster `{}` does not say its version of Kubernetes", cluster_.name))
          .note("Talos runs the Kubernetes it is told to, there is no default: `kubernetes = v1.35.1`");
      return false;
    }
    kubernetes_ = version->with_v();
    return true;
  }

  /// Flannel comes with Talos and is VXLAN; its other ways of forwarding cannot be asked for.
  bool has_network() {
    const auto& flannel = cluster_.cni.flannel;
    if (!flannel || *flannel->backend == "vxlan") return true;
    sink_
        .report(make(Code::talos_flannel, options_.locate(flannel->backend.at), "not VXLAN",
                     "Talos cannot run flannel with backend `{}`", *flannel->backend))
        .note(
            "a Talos configuration of 1.12 or 1.13 has no place for flannel's backend; cilium offers "
            "`native` routing "
            "and `wireguard`");
    return false;
  }

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
    if (!can_be_spelled(n.image.parts)) return;
    if (!install_disk(n)) {
      sink_
          .report(make(Code::talos_install, options_.locate(node.at), "no disk to install on",
                       "it is not said on which disk Talos installs itself on `{}`", node.name))
          .note("write `install = \"/dev/sda\"` in the cluster's `talos { … }` or in a `nodes` block");
      return;
    }
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

  bool can_be_spelled(const Schematic& schematic) {
    bool all = true;
    for (const auto* texts : {&schematic.kernel_args, &schematic.extensions}) {
      for (const SchematicText& text : *texts) {
        const auto spelling = canonical_scalar(text.text);
        if (spelling) continue;
        all = false;
        sink_.report(make(Code::talos_schematic, options_.locate(text.at), "this text",
                          "the schematic's id cannot be computed: {}", spelling.problem().reason));
      }
    }
    return all;
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
  diagnostics::Sink& sink_;
  const Options& options_;
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

void lower(const model::Lab& lab, document::Arena& arena, Bundle& bundle, diagnostics::Sink& sink,
           const Options& options) {
  for (const model::Cluster& cluster : lab.clusters) {
    if (cluster.distribution.talos) Cluster(lab, cluster, arena, bundle, sink, options).lower();
  }
}

}  // namespace lab::lower::talos
