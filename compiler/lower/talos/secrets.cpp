// What a cluster's secrets bundle is needed for: a patch of secret fields for each node, and the files with
// which its operators sign in. The bundle stands in the vault at `talos/CLUSTER`, in the shape of `talosctl
// gen secrets`.
#include <fmt/format.h>

#include <array>

#include "compiler/lower/secret_leaf.h"
#include "compiler/lower/talos/node.h"
#include "compiler/lower/talos_bundle.h"

namespace lab::lower::talos {

namespace {

using document::Map;
using document::SecretPiece;

/// A field of the v1alpha1 document that comes out of the bundle (siderolabs/talos pkg/machinery
/// config/generate, init.go and worker.go).
struct SecretField {
  std::string_view section;  // `machine`, `cluster`
  std::string_view map;      // below it; "" for none
  std::string_view inner;    // below that; "" for none
  std::string_view key;
  std::string_view place;  // in the bundle
  enum class On : std::uint8_t { every_node, control_plane, worker_empty } on;
};
using On = SecretField::On;

/// In the order in which talosctl writes them. A worker knows authorities, never their keys.
constexpr auto fields = std::to_array<SecretField>({
    {"machine", "", "", "token", "trustdinfo/token", On::every_node},
    {"machine", "ca", "", "crt", "certs/os/crt", On::every_node},
    {"machine", "ca", "", "key", "certs/os/key", On::worker_empty},
    {"cluster", "", "", "id", "cluster/id", On::every_node},
    {"cluster", "", "", "secret", "cluster/secret", On::every_node},
    {"cluster", "", "", "token", "secrets/bootstraptoken", On::every_node},
    {"cluster", "", "", "secretboxEncryptionSecret", "secrets/secretboxencryptionsecret", On::control_plane},
    {"cluster", "ca", "", "crt", "certs/k8s/crt", On::every_node},
    {"cluster", "ca", "", "key", "certs/k8s/key", On::worker_empty},
    {"cluster", "aggregatorCA", "", "crt", "certs/k8saggregator/crt", On::control_plane},
    {"cluster", "aggregatorCA", "", "key", "certs/k8saggregator/key", On::control_plane},
    {"cluster", "serviceAccount", "", "key", "certs/k8sserviceaccount/key", On::control_plane},
    {"cluster", "etcd", "ca", "crt", "certs/etcd/crt", On::control_plane},
    {"cluster", "etcd", "ca", "key", "certs/etcd/key", On::control_plane},
});

/// Leaves of one cluster's bundle.
class Leaves {
 public:
  Leaves(const model::Cluster& cluster, document::Arena& arena) : cluster_(cluster), arena_(arena) {}

  [[nodiscard]] document::Value value(std::string_view place) const {
    const std::string handle = talos_bundle(cluster_, place);
    return arena_.secret(std::array{SecretPiece{{}, handle}});
  }
  /// A part, `crt` or `key`, of the administrator of an API whose authority is `certs/AUTHORITY`: transform
  /// `talos-admin` of compiler/vault.
  [[nodiscard]] document::Value admin(std::string_view api, std::string_view authority,
                                      std::string_view part) const {
    const std::string crt = talos_bundle(cluster_, fmt::format("certs/{}/crt", authority));
    const std::string key = talos_bundle(cluster_, fmt::format("certs/{}/key", authority));
    const std::string issued = talos_bundle(cluster_, "issued");
    const std::array pieces = {SecretPiece{{}, crt}, SecretPiece{{}, key}, SecretPiece{{}, issued}};
    return arena_.secret(pieces, "talos-admin", fmt::format("{} {}", api, part));
  }

 private:
  const model::Cluster& cluster_;
  document::Arena& arena_;
};

/// For labrun and the operators alone: nothing in the cluster reads these.
void add(const model::Lab& lab, const model::Cluster& cluster, Bundle& bundle, std::string_view file,
         std::string_view rule, Map document) {
  bundle.add_sealed(fmt::format("talos/{}/{}.sops.yaml", cluster.name, file), rule, {document},
                    operator_sealing(lab));
}

}  // namespace

void add_node_secrets(const model::Lab& lab, const model::Cluster& cluster, const model::Node& node,
                      document::Arena& arena, Bundle& bundle) {
  const Leaves leaves(cluster, arena);
  Map patch = arena.map(node.at);
  for (const SecretField& field : fields) {
    if (field.on == On::control_plane && !node.control_plane) continue;
    Map at = patch.map(field.section);
    if (!field.map.empty()) at = at.map(field.map);
    if (!field.inner.empty()) at = at.map(field.inner);
    const bool empty = field.on == On::worker_empty && !node.control_plane;
    at.set(field.key, empty ? document::Value("") : leaves.value(field.place), node.at);
  }
  add(lab, cluster, bundle, fmt::format("{}.secrets", node.name), "talos.secrets", patch);
}

void add_operator_files(const model::Lab& lab, const model::Cluster& cluster, document::Arena& arena,
                        Bundle& bundle) {
  const Leaves leaves(cluster, arena);
  // As siderolabs/talos pkg/machinery client/config NewConfig.
  Map talosconfig = arena.map(cluster.at);
  talosconfig.set("context", cluster.name, cluster.at);
  Map context = talosconfig.map("contexts").map(cluster.name, cluster.at);
  document::List endpoints = context.list("endpoints");
  for (const model::Node* node : lab.nodes_of(lab.ref_of(cluster))) {
    if (node->control_plane && node->ip) endpoints.add(node->ip->format(), node->ip.at);
  }
  context.set("ca", leaves.value("certs/os/crt"), cluster.at);
  context.set("crt", leaves.admin("talos", "os", "crt"), cluster.at);
  context.set("key", leaves.admin("talos", "os", "key"), cluster.at);
  add(lab, cluster, bundle, "talosconfig", "talos.talosconfig", talosconfig);

  // As siderolabs/talos pkg/kubeconfig generate.go.
  const std::string admin = fmt::format("admin@{}", cluster.name);
  Map kubeconfig = arena.map(cluster.at);
  kubeconfig.set("apiVersion", "v1").set("kind", "Config");
  Map server = kubeconfig.list("clusters").map(cluster.at).set("name", cluster.name).map("cluster");
  server.set("server", *cluster.endpoint, cluster.endpoint.at);
  server.set("certificate-authority-data", leaves.value("certs/k8s/crt"), cluster.at);
  Map user = kubeconfig.list("users").map(cluster.at).set("name", admin).map("user");
  user.set("client-certificate-data", leaves.admin("kubernetes", "k8s", "crt"), cluster.at);
  user.set("client-key-data", leaves.admin("kubernetes", "k8s", "key"), cluster.at);
  Map entry = kubeconfig.list("contexts").map(cluster.at);
  Map chosen = entry.map("context");
  chosen.set("cluster", cluster.name).set("namespace", "default").set("user", admin);
  entry.set("name", admin);
  kubeconfig.set("current-context", admin);
  add(lab, cluster, bundle, "kubeconfig", "talos.kubeconfig", kubeconfig);
}

}  // namespace lab::lower::talos
