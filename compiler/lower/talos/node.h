// One node, with everything that its documents are made of. Inside of this folder only.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "compiler/document/document.h"
#include "compiler/lower/lower.h"
#include "compiler/lower/talos_image.h"
#include "compiler/model/node_facts.h"

namespace lab::lower::talos {

/// A network card of a node; the first carries the node's address.
struct Card {
  const model::Network* network = nullptr;
  model::Opt<model::Ip> address;  // fixed; none: DHCP gives it
  model::Opt<model::Mac> mac;     // none: not known
  model::Opt<model::Text> interface;
  document::Origin at = document::no_origin;
};

/// Cards of a VM or host in order of declaration; none for a rented server, which has what its provider
/// gives.
std::vector<Card> cards_of(const model::Lab& lab, const model::AnyRef& machine);

struct Node {
  const model::Lab& lab;
  const model::Node& node;
  const model::Cluster& cluster;
  const model::Distribution::Talos& talos;
  model::NodeFacts facts;
  TalosImage image;
  std::vector<Card> cards;
  std::string kubernetes;  // `v1.35.1`
  document::Origin kubernetes_at = document::no_origin;
  document::Arena& arena;

  [[nodiscard]] bool control_plane() const { return node.control_plane; }
  /// More than one card: daemons must be told which address is theirs.
  [[nodiscard]] bool several_cards() const { return cards.size() > 1; }
};

/// The disk that Talos installs itself on: as said, else the VM's first disk by its bus; empty when unknown.
model::Opt<std::string> install_disk(const Node& n);

void add_machine(const Node& n, document::Map config);
void add_cluster(const Node& n, document::Map config);

using Documents = std::vector<document::Map>;
/// HostnameConfig, links, resolver, time, VIP.
void add_network(const Node& n, Documents& documents);
/// RegistryMirrorConfig, VolumeConfig, UserVolumeConfig.
void add_registries(const Node& n, Documents& documents);
void add_volumes(const Node& n, Documents& documents);

/// NODE.secrets.sops.yaml: a strategic-merge patch with the secret fields of the node's role.
void add_node_secrets(const model::Lab& lab, const model::Cluster& cluster, const model::Node& node,
                      document::Arena& arena, Bundle& bundle);
/// talosconfig.sops.yaml and kubeconfig.sops.yaml.
void add_operator_files(const model::Lab& lab, const model::Cluster& cluster, document::Arena& arena,
                        Bundle& bundle);

/// A document with `apiVersion` and `kind`.
document::Map new_document(const Node& n, std::string_view kind, document::Origin at);

/// Texts as a list, each with its origin.
template <class Text>
void add_all(document::List list, const std::vector<model::Prop<Text>>& texts) {
  for (const auto& text : texts) list.add(*text, text.at);
}
/// Entries as a map of strings.
void set_all(document::Map map, const model::Map<model::Text>& entries);

/// Joins a strategic-merge patch as Talos does it (pkg/machinery config/merge): maps are joined, lists
/// appended, but for those that a patch replaces. A patch with a `kind` is about the document of that kind
/// and name, which is made when there is none.
void join_patch(const Node& n, const document::Node& patch, Documents& documents);

}  // namespace lab::lower::talos
