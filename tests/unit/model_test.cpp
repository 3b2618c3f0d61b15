// The standard library's schemas and the model's structs name the same fields in the same order.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <type_traits>
#include <vector>

#include "compiler/diagnostics/render.h"
#include "compiler/model/lab.h"
#include "compiler/source/file_system.h"
#include "compiler/syntax/parse.h"

using namespace lab;
using syntax::NodeKind;
using Names = std::vector<std::string>;

namespace {

/// What stdlib/core declares.
struct Declared {
  source::Sources sources;
  source::Symbols symbols;
  diagnostics::Sink sink;
  std::vector<syntax::Tree> trees;
  struct Place {
    const syntax::Tree* tree = nullptr;
    std::uint32_t node = 0;
  };
  std::map<std::string, Place> kinds, types;

  Declared() {
    const auto fs = source::real_file_system();
    const std::string folder = LAB_ROOT "/stdlib/core";
    std::vector<source::DirectoryEntry> entries;
    REQUIRE(fs->list(folder, entries).ok());
    trees.reserve(entries.size());
    for (const auto& e : entries) {
      std::string text;
      REQUIRE(fs->read(folder + "/" + e.name, text).ok());
      const source::FileId file = sources.add("std/core/" + e.name, std::move(text));
      const syntax::Tree& tree = trees.emplace_back(syntax::parse(sources, file, symbols, sink));
      for (const std::uint32_t n : children({&tree, 0})) {
        const syntax::Node& node = tree.nodes[n];
        if (node.kind == NodeKind::Schema) kinds[name(node)] = {&tree, n};
        if (node.kind == NodeKind::TypeDecl) types[name(node)] = {&tree, n};
      }
    }
  }
  [[nodiscard]] std::string name(const syntax::Node& node) const {
    return std::string(symbols.text(node.text));
  }
  static syntax::Children children(Place p) { return {p.tree->nodes.data(), p.node}; }

  /// Names of the FieldDecl children of a schema or record; `self` says only what `self` is, and `name` of a
  /// schema what becomes of the label.
  [[nodiscard]] Names fields(Place p) const {
    const std::string_view label = kind(p) == NodeKind::Schema ? "name" : "";
    Names out;
    for (const std::uint32_t n : children(p)) {
      const std::string field = name(p.tree->nodes[n]);
      if (p.tree->nodes[n].kind == NodeKind::FieldDecl && field != "self" && field != label)
        out.push_back(field);
    }
    return out;
  }
  /// Fields of a kind, those of what it extends first.
  [[nodiscard]] Names fields_of_kind(const std::string& kind) const {
    const Place p = kinds.at(kind);
    Names out;
    for (const std::uint32_t n : children(p))
      if (p.tree->nodes[n].kind == NodeKind::Path) out = fields_of_kind(name(p.tree->nodes[n + 1]));
    for (const std::string& f : fields(p))
      if (std::find(out.begin(), out.end(), f) == out.end()) out.push_back(f);
    return out;
  }
  /// The type behind a declaration.
  [[nodiscard]] Place body(const std::string& type) const {
    const Place p = types.at(type);
    return {p.tree, p.node + 1};
  }
  [[nodiscard]] bool is_record(const std::string& type) const {
    return types.count(type) != 0 && kind(body(type)) == NodeKind::TypeRecord;
  }
  static NodeKind kind(Place p) { return p.tree->nodes[p.node].kind; }
  /// Whether `none` is an alternative.
  [[nodiscard]] bool has_none(Place p) const {
    if (kind(p) == NodeKind::TypeName) {
      const std::string type = name(p.tree->nodes[p.node]);
      return type == "none" || (types.count(type) != 0 && !is_record(type) && has_none(body(type)));
    }
    if (kind(p) != NodeKind::TypeUnion) return false;
    for (const std::uint32_t n : children(p))
      if (has_none({p.tree, n})) return true;
    return false;
  }
  /// Tags of a union with the records they hold; named unions inside are opened.
  void tags(Place p, std::map<std::string, Place>& out) const {
    if (kind(p) == NodeKind::TypeTagged) out[name(p.tree->nodes[p.node])] = {p.tree, p.node + 1};
    if (kind(p) == NodeKind::TypeUnion)
      for (const std::uint32_t n : children(p)) tags({p.tree, n}, out);
    if (kind(p) == NodeKind::TypeName && types.count(name(p.tree->nodes[p.node])) != 0) {
      const std::string type = name(p.tree->nodes[p.node]);
      if (is_record(type))
        out[type] = body(type);
      else
        tags(body(type), out);
    }
  }
};

const Declared& declared() {
  static const Declared d;
  return d;
}

template <class T>
Names bound_fields() {
  Names out;
  T::fields([&](std::string_view name, auto) { out.emplace_back(name); });
  return out;
}

Names sorted(Names names) {
  std::sort(names.begin(), names.end());
  return names;
}

template <class T>
struct Tags {
  std::map<std::string, Names> bound;
  template <class M>
  void operator()(std::string_view tag, model::Opt<M> T::*) {
    bound[std::string(tag)] = bound_fields<M>();
  }
  template <class M>
  void scalar(M T::*) {}
  void reference(model::AnyRef T::*) {}
};

/// Record types that stand only for what a reference names, and so are no tags of a union.
constexpr std::string_view blocks[] = {"app-port",    "nas-export",   "cluster-part", "helm-workload",
                                       "device-port", "talos-access", "node-group"};

template <class T>
void check_union(Names& seen) {
  INFO("type " << T::schema);
  const Declared& d = declared();
  seen.emplace_back(T::schema);
  REQUIRE(d.types.count(std::string(T::schema)) == 1);
  std::map<std::string, Declared::Place> tags;
  d.tags(d.body(std::string(T::schema)), tags);
  for (const std::string_view b : blocks) tags.erase(std::string(b));
  Tags<T> visitor;
  T::alternatives(visitor);
  for (const auto& [tag, place] : tags) {
    INFO("tag " << tag);
    REQUIRE(visitor.bound.count(tag) == 1);
    CHECK(visitor.bound[tag] == d.fields(place));
    visitor.bound.erase(tag);
  }
  CHECK(visitor.bound.empty());
  CHECK(d.has_none(d.body(std::string(T::schema))) == requires { T::has_none; });
}

template <class T>
void check_record(Names& seen) {
  INFO("type " << T::schema);
  seen.emplace_back(T::schema);
  REQUIRE(declared().is_record(std::string(T::schema)));
  CHECK(bound_fields<T>() == declared().fields(declared().body(std::string(T::schema))));
}

}  // namespace

TEST_CASE("the standard library parses") {
  for (const auto& d : declared().sink.all())
    UNSCOPED_INFO(declared().sources.path(d.primary.file) << ": " << d.message);
  CHECK(declared().sink.all().empty());
}

TEST_CASE("every kind, type and field of the standard library is documented") {
  for (const syntax::Tree& tree : declared().trees) {
    for (std::uint32_t n = 0; n < tree.nodes.size(); ++n) {
      const NodeKind kind = tree.nodes[n].kind;
      if (kind != NodeKind::Schema && kind != NodeKind::TypeDecl && kind != NodeKind::FieldDecl) continue;
      INFO(declared().name(tree.nodes[n]) << " at " << tree.nodes[n].begin);
      CHECK(
          std::any_of(tree.docs.begin(), tree.docs.end(), [&](const syntax::Doc& d) { return d.node == n; }));
    }
  }
}

TEST_CASE("every field of a kind is bound, and every bound field is declared") {
  Names bound{"machine", "resource", "workload"};  // only extended
#define LAB_KIND(type, name, store)                                                        \
  {                                                                                        \
    INFO("kind " << name);                                                                 \
    CHECK(model::type::kind == name);                                                      \
    REQUIRE(declared().kinds.count(name) == 1);                                            \
    CHECK(sorted(bound_fields<model::type>()) == sorted(declared().fields_of_kind(name))); \
    bound.emplace_back(name);                                                              \
  }
#include "compiler/model/kinds.def"
#undef LAB_KIND
  Names kinds;
  for (const auto& [name, place] : declared().kinds) kinds.push_back(name);
  CHECK(sorted(bound) == kinds);
}

TEST_CASE("every record type is bound, field by field") {
  using namespace model;
  Names seen;
  const auto check = [&]<class... T>() { (check_record<T>(seen), ...); };
  check.operator()<AppPort, EnvVar, AppFile, Mount, Resources, Container, Autoscale, ApiAccess, Dashboard,
                   Spread, HelmWorkload, Taint, NodeLink, KubeletMount, Kubelet, NodeVolume, NodeGroup,
                   TalosAccess, ClusterOidc, Upgrade, RegistryMirror, Hubble, Quota, ClusterPart, ProxmoxApi,
                   HostStorage, HostBridge, HostGpu, HostTemplate, HostNic, DevicePort, NasExport, NasPool,
                   NfsService, DockerHost, OidcRole, OidcClient, TlsSettings, Listener, VpnRouter, VpnPeer,
                   VpnOperator, DoorPath, Door, Cloudflare, StaticRoute, PortForward, Lease, User, VmDisk,
                   VmNic, VmGpu, VmStart, CloudInit, Reserved>();
  Names records;
  for (const auto& [name, place] : declared().types)
    if (declared().is_record(name)) records.push_back(name);
  CHECK(sorted(seen) == records);
}

TEST_CASE("every tagged union is bound, tag by tag") {
  using namespace model;
  Names seen;
  const auto check = [&]<class... T>() { (check_union<T>(seen), ...); };
  check.operator()<EnvValue, MountSource, Health, RunAs, Replicas, Distribution, Announce, HubbleChoice,
                   GatewayApi, Cni, Endpoint, ServerProvider, DnsSolver, GatewayClass, GatewayTls, HttpDoor,
                   VpnServer, Advertised, VpnProvider, Auth, ZoneProvider, RecordTarget, NameServer,
                   SecretSource, SecretValue, Gitops, SecretDelivery, BackupEngine, NicAddress>();
  for (const auto& [name, place] : declared().types) {
    std::map<std::string, Declared::Place> tags;
    if (!declared().is_record(name)) declared().tags(declared().body(name), tags);
    for (const std::string_view b : blocks) tags.erase(std::string(b));
    INFO("type " << name);
    CHECK((tags.empty() || std::find(seen.begin(), seen.end(), name) != seen.end()));
  }
}
