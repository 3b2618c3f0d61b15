// Which unit must come before which: by names that objects refer to, by kinds and the charts that bring
// them, by drivers of storage, and by calls.
#include <algorithm>
#include <array>
#include <span>
#include <unordered_map>
#include <vector>

#include "compiler/lower/gitops/units.h"
#include "compiler/lower/policy_units.h"

namespace lab::lower::gitops {

namespace {

using document::Kind;

struct Key {
  std::string_view kind, ns, name;
  bool operator==(const Key&) const = default;
};
struct KeyHash {
  std::size_t operator()(const Key& key) const {
    const std::hash<std::string_view> hash;
    return hash(key.kind) * 31 * 31 + hash(key.ns) * 31 + hash(key.name);
  }
};

using Path = std::array<std::string_view, 7>;

/// Where objects of a kind name others. Lists on the way are walked through.
struct Reference {
  std::string_view from;  // kind of the object; empty for every object with pods
  Path path;
  std::string_view to;   // kind of what is named; empty when a field `kind` beside the name says it
  bool cluster = false;  // what is named has no namespace
};
constexpr std::array references = {
    Reference{"HTTPRoute", {"spec", "parentRefs"}, "Gateway"},
    Reference{"TLSRoute", {"spec", "parentRefs"}, "Gateway"},
    Reference{"TCPRoute", {"spec", "parentRefs"}, "Gateway"},
    Reference{"GRPCRoute", {"spec", "parentRefs"}, "Gateway"},
    Reference{"Gateway", {"spec", "gatewayClassName"}, "GatewayClass", true},
    Reference{"Gateway", {"spec", "listeners", "tls", "certificateRefs"}, "Secret"},
    Reference{"Certificate", {"spec", "issuerRef"}, {}, true},
    Reference{"PersistentVolumeClaim", {"spec", "storageClassName"}, "StorageClass", true},
    Reference{"PersistentVolumeClaim", {"spec", "volumeName"}, "PersistentVolume", true},
    Reference{
        "StatefulSet", {"spec", "volumeClaimTemplates", "spec", "storageClassName"}, "StorageClass", true},
    Reference{{}, {"volumes", "persistentVolumeClaim", "claimName"}, "PersistentVolumeClaim"},
    Reference{{}, {"volumes", "configMap", "name"}, "ConfigMap"},
    Reference{{}, {"volumes", "secret", "secretName"}, "Secret"},
    Reference{{}, {"containers", "envFrom", "configMapRef", "name"}, "ConfigMap"},
    Reference{{}, {"serviceAccountName"}, "ServiceAccount"},
    Reference{{}, {"priorityClassName"}, "PriorityClass", true},
    Reference{{}, {"runtimeClassName"}, "RuntimeClass", true},
};

/// Those of objects of a kind.
std::span<const Reference* const> references_of(std::string_view kind) {
  static const auto by_kind = [] {
    std::unordered_map<std::string_view, std::vector<const Reference*>> out;
    for (const Reference& reference : references) out[reference.from].push_back(&reference);
    return out;
  }();
  const auto found = by_kind.find(kind);
  if (found == by_kind.end()) return {};
  return found->second;
}

/// Charts that bring the kinds of an API group, the first that the lab has.
struct Provider {
  std::string_view what;
  std::string_view chart;
};
constexpr std::array group_providers = {
    Provider{"gateway.networking.k8s.io", "gateway-api"},
    Provider{"gateway.networking.k8s.io", "gateway-helm"},
    Provider{"gateway.envoyproxy.io", "gateway-helm"},
    Provider{"cert-manager.io", "cert-manager"},
    Provider{"cilium.io", "cilium"},
    Provider{"monitoring.coreos.com", "prometheus-operator-crds"},
    Provider{"monitoring.coreos.com", "kube-prometheus-stack"},
    Provider{"tailscale.com", "tailscale-operator"},
    Provider{"postgresql.cnpg.io", "cloudnative-pg"},
    Provider{"longhorn.io", "longhorn"},
    Provider{"external-secrets.io", "external-secrets"},
    Provider{"bitnami.com", "sealed-secrets"},
    Provider{"metallb.io", "metallb"},
    Provider{"traefik.io", "traefik"},
    Provider{"externaldns.k8s.io", "external-dns"},
    Provider{"velero.io", "velero"},
    Provider{"volsync.backube", "volsync"},
    Provider{"kyverno.io", "kyverno"},
    Provider{"policies.kyverno.io", "kyverno"},
    Provider{"templates.gatekeeper.sh", "gatekeeper"},
    Provider{"constraints.gatekeeper.sh", "gatekeeper"},
    Provider{"argoproj.io", "argo-cd"},
};
/// Charts of storage drivers, by the name a class or volume has for them.
constexpr std::array driver_providers = {
    Provider{"nfs.csi.k8s.io", "csi-driver-nfs"},
    Provider{"driver.longhorn.io", "longhorn"},
    Provider{"rancher.io/local-path", "local-path-provisioner"},
    Provider{"csi.proxmox.sinextra.dev", "proxmox-csi-plugin"},
    Provider{"rook-ceph.rbd.csi.ceph.com", "rook-ceph"},
};
/// Keys of charts' values that ask for a volume, and for objects of the Prometheus operator.
constexpr std::array<std::string_view, 6> volume_keys = {"persistence",          "persistentVolume",
                                                         "storageSpec",          "volumeClaimTemplate",
                                                         "volumeClaimTemplates", "storageClassName"};
constexpr std::array<std::string_view, 4> monitor_keys = {"serviceMonitor", "servicemonitor", "podMonitor",
                                                          "prometheusRule"};

std::string_view text(const Node* node) {
  return node != nullptr && node->kind == Kind::string ? node->text() : std::string_view{};
}

bool is_built_in(std::string_view group) {
  return group.find('.') == std::string_view::npos ||
         (group.ends_with(".k8s.io") && group != "gateway.networking.k8s.io" &&
          group != "snapshot.storage.k8s.io");
}

const Node* pod_spec(const Node& object) {
  if (const Node* spec = object.find_path({"spec", "template", "spec"})) return spec;
  return object.find_path({"spec", "jobTemplate", "spec", "template", "spec"});
}

template <class Visit>
void walk(const Node& node, const Path& path, std::size_t at, const Visit& visit) {
  if (node.kind == Kind::list) {
    for (const Node* child = node.child(); child != nullptr; child = child->next)
      walk(*child, path, at, visit);
    return;
  }
  if (at == path.size() || path[at].empty()) {
    visit(node);
  } else if (const Node* child = node.find(path[at])) {
    walk(*child, path, at + 1, visit);
  }
}

/// Whether values of a chart hold one of these keys, switched on.
template <std::size_t N>
const Node* switched_on(const Node& values, const std::array<std::string_view, N>& keys) {
  for (const Node* child = values.child(); child != nullptr; child = child->next) {
    if (std::find(keys.begin(), keys.end(), child->key()) != keys.end()) {
      const Node* enabled = child->find("enabled");
      if (enabled == nullptr || enabled->kind != Kind::boolean || enabled->boolean) return child;
    } else if (child->is_collection()) {
      if (const Node* found = switched_on(*child, keys)) return found;
    }
  }
  return nullptr;
}

class Finder {
 public:
  Finder(const model::Lab& lab, const ObjectsOf& objects, std::vector<Unit>& units)
      : lab_(lab), objects_(objects), units_(units) {}

  void run() {
    for (UnitIndex i = 0; i < units_.size(); ++i) define(i);
    find_default_class();
    for (UnitIndex i = 0; i < units_.size(); ++i) {
      self_ = i;
      Unit& unit = units_[i];
      if (!unit.is_namespace && !unit.ns.empty()) after(find({"Namespace", {}, unit.ns}), unit.at);
      bool pods = false;
      for (const Node* object : unit.objects) pods |= refer(*object);
      if (unit.chart != nullptr) refer(*unit.chart);
      pods |= unit.chart != nullptr && !is_definitions_chart(*unit.chart->chart);
      if (pods && !is_network(unit)) after(network_, unit.at);
      std::string_view name = unit.name;
      if (name.ends_with("-doors")) after(find({"Chart", {}, name.substr(0, name.size() - 6)}), unit.at);
    }
    add_calls();
    add_declared();
    add_defaults();
  }

 private:
  static bool is_network(const Unit& unit) {
    return unit.chart != nullptr && is_network_chart(*unit.chart->chart);
  }

  void define(UnitIndex i) {
    const Unit& unit = units_[i];
    if (unit.chart != nullptr) {
      index_.emplace(Key{"Chart", {}, unit.name}, i);
      charts_.emplace(chart_name(*unit.chart->chart), i);
      if (is_network(unit)) network_ = i;
    }
    if (unit.application != nullptr) charts_.emplace(unit.name, i);
    for (const Node* object : unit.objects) {
      const std::string_view kind = text(object->find("kind"));
      const std::string_view ns = text(object->find_path({"metadata", "namespace"}));
      index_.emplace(Key{kind, ns, text(object->find_path({"metadata", "name"}))}, i);
      if (kind == "Certificate")
        index_.emplace(Key{"Secret", ns, text(object->find_path({"spec", "secretName"}))}, i);
      if (kind == "CustomResourceDefinition")
        definitions_.emplace(text(object->find_path({"spec", "group"})), i);
      if (kind == "CiliumLoadBalancerIPPool") pool_ = i;
    }
    if (unit.ns.empty() && unit.name == allowances_unit) allowances_ = i;
  }

  void find_default_class() {
    for (const model::StorageClass& storage : lab_.storage_classes)
      if (*storage.default_) default_class_ = find({"StorageClass", {}, storage.name});
  }

  UnitIndex find(const Key& key) const {
    const auto it = index_.find(key);
    return it == index_.end() ? no_unit : it->second;
  }

  template <std::size_t N>
  UnitIndex provider(const std::array<Provider, N>& table, std::string_view what) const {
    for (const Provider& p : table)
      if (p.what == what)
        if (const auto it = charts_.find(p.chart); it != charts_.end()) return it->second;
    return no_unit;
  }

  void after(UnitIndex to, Origin at, bool soft = false) {
    if (to == no_unit || to == self_) return;
    std::vector<Edge>& edges = units_[self_].after;
    const auto same = std::find_if(edges.begin(), edges.end(), [&](const Edge& e) { return e.to == to; });
    if (same == edges.end())
      edges.push_back({to, at, soft});
    else if (!soft)
      same->soft = false;
  }

  /// Edges of an object; whether it has pods.
  bool refer(const Node& object) {
    const std::string_view kind = text(object.find("kind"));
    const std::string_view version = text(object.find("apiVersion"));
    const std::string_view group = version.substr(0, version.find('/'));
    if (version.find('/') != std::string_view::npos && !is_built_in(group)) {
      units_[self_].custom = true;
      const auto defined = definitions_.find(group);
      after(defined != definitions_.end() ? defined->second : provider(group_providers, group),
            object.origin);
    }
    const std::string_view ns = text(object.find_path({"metadata", "namespace"}));
    // Without the policy that lets pods ask for names, a policy of an app would keep it from asking.
    if (kind == "CiliumNetworkPolicy") after(allowances_, object.origin);
    const Node* pod = pod_spec(object);
    if (!kind.empty()) refer(object, references_of(kind), ns);
    if (pod != nullptr) refer(*pod, references_of({}), ns);
    if (kind == "StorageClass")
      after(provider(driver_providers, text(object.find("provisioner"))), object.origin);
    if (kind == "PersistentVolume")
      after(provider(driver_providers, text(object.find_path({"spec", "csi", "driver"}))), object.origin);
    const bool takes_address =
        kind == "Gateway" || text(object.find_path({"spec", "type"})) == "LoadBalancer";
    if (takes_address) after(pool_, object.origin);
    return pod != nullptr;
  }

  void refer(const Node& from, std::span<const Reference* const> all, std::string_view ns) {
    for (const Reference* reference : all)
      walk(from, reference->path, 0, [&](const Node& named) {
        const bool object_reference = named.kind == Kind::map;
        const std::string_view name = text(object_reference ? named.find("name") : &named);
        std::string_view target_ns = text(object_reference ? named.find("namespace") : nullptr);
        if (target_ns.empty()) target_ns = ns;
        const std::string_view target = reference->to.empty() ? text(named.find("kind")) : reference->to;
        after(find({target, reference->cluster ? std::string_view{} : target_ns, name}), named.origin);
      });
  }

  void refer(const model::Helm& helm) {
    if (*helm.values == nullptr) return;
    if (const Node* volume = switched_on(**helm.values, volume_keys)) after(default_class_, volume->origin);
    if (const Node* monitor = switched_on(**helm.values, monitor_keys))
      after(provider(group_providers, "monitoring.coreos.com"), monitor->origin);
  }

  /// The unit of whoever stands at the end of a call.
  UnitIndex unit_of(const model::AnyRef& ref) const {
    const model::Named* named = lab_.named(ref);
    if (named == nullptr) return no_unit;
    const Text kind = ref.store_kind();
    if (kind == model::IdentityProvider::kind) {
      const auto* idp = lab_.as<model::IdentityProvider>(ref);
      return idp != nullptr && idp->outpost ? unit_of(idp->outpost->ref) : no_unit;
    }
    if (kind == model::Helm::kind) return find({"Chart", {}, model::object_name(named->name)});
    if (kind != model::App::kind) return no_unit;
    const model::Namespace* ns = lab_.find(lab_.namespace_of(ref));
    if (ns == nullptr) return no_unit;
    const std::string name = model::object_name(named->name);
    const std::string ns_name = model::object_name(ns->name);
    for (const std::string_view controller : {"Deployment", "StatefulSet", "DaemonSet"})
      if (const UnitIndex i = find({controller, ns_name, name}); i != no_unit) return i;
    return no_unit;
  }

  void add_calls(const model::AnyRef& caller, const std::vector<model::Endpoint>& calls) {
    self_ = unit_of(caller);
    if (self_ == no_unit) return;
    for (const model::Endpoint& endpoint : calls)
      if (endpoint.ref.valid()) after(unit_of(endpoint.ref), endpoint.at, true);
  }

  void add_calls() {
    for (const model::App& app : lab_.apps) add_calls(lab_.any_of(app), app.calls);
    for (const model::Helm& helm : lab_.helms)
      for (const model::HelmWorkload& w : helm.workload) add_calls(lab_.any_of(helm), w.calls);
  }

  /// The units that hold what a resource is made of.
  std::vector<UnitIndex> units_of(const model::AnyRef& resource) const {
    const std::vector<std::string_view> folders = objects_.folders(resource);
    const auto* chart = lab_.as<model::Helm>(resource);
    const auto* application = lab_.as<model::Manifest>(resource);
    std::vector<UnitIndex> out;
    for (UnitIndex i = 0; i < units_.size(); ++i) {
      const Unit& unit = units_[i];
      if ((chart != nullptr && unit.chart == chart) ||
          (application != nullptr && unit.application == application) ||
          std::ranges::find(folders, unit.folder) != folders.end())
        out.push_back(i);
    }
    return out;
  }

  /// `after = [x]`. A unit that holds both keeps no order between them.
  void add_declared() {
    for (const model::Order& order : lab_.orders) {
      const std::vector<UnitIndex> before = units_of(order.after);
      for (const UnitIndex of : units_of(order.of)) {
        self_ = of;
        for (const UnitIndex to : before) {
          if (to == of) continue;
          after(to, order.at);
          Edge& edge = *std::ranges::find(units_[of].after, to, &Edge::to);
          edge.declared = true;
          edge.at = order.at;
        }
      }
    }
  }

  /// What refuses the rest comes when all that is allowed is there.
  void add_defaults() {
    for (self_ = 0; self_ < units_.size(); ++self_) {
      Unit& unit = units_[self_];
      if (!unit.ns.empty() || unit.name != default_deny_unit) continue;
      unit.after.clear();  // all there can be follow
      for (UnitIndex i = 0; i < units_.size(); ++i)
        if (i != self_) unit.after.push_back({i, unit.at});
    }
  }

  const model::Lab& lab_;
  const ObjectsOf& objects_;
  std::vector<Unit>& units_;
  std::unordered_map<Key, UnitIndex, KeyHash> index_;
  std::unordered_map<std::string_view, UnitIndex> charts_;
  std::unordered_map<std::string_view, UnitIndex> definitions_;
  UnitIndex network_ = no_unit;
  UnitIndex pool_ = no_unit;
  UnitIndex allowances_ = no_unit;
  UnitIndex default_class_ = no_unit;
  UnitIndex self_ = no_unit;
};

}  // namespace

void find_references(const model::Lab& lab, const ObjectsOf& objects, std::vector<Unit>& units) {
  Finder(lab, objects, units).run();
}

}  // namespace lab::lower::gitops
