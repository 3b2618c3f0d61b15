// What every rule of this backend has, and how an object becomes a file.
//
// Layout: `kubernetes/NAMESPACE/` holds the namespace itself and its quota, `kubernetes/NAMESPACE/UNIT/`
// the objects of one unit: an app, the routes of a chart, the volumes of a namespace. Names of units are
// unique in the lab, because each becomes an Application of that name. Kustomizations are written later
// from what stands in each folder (compiler/lower/gitops/kustomizations.cpp).
#pragma once
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "compiler/lower/lower.h"
#include "compiler/model/lab.h"

namespace lab::lower::kubernetes {

using document::Arena;
using document::Kind;
using document::List;
using document::Map;
using document::Node;
using document::plain;
using model::Ref;
using model::Text;

/// Pod Security Standards, weakest demand first.
enum class Level : std::uint8_t { restricted, baseline, privileged };

/// What is known of a namespace beside its declaration.
struct NamespaceFacts {
  Text name;
  Level level = Level::restricted;  // the lowest that all its pods satisfy
  Origin raised_by = 0;             // the workload or chart that needs `level`
  Text raised_name;
};

/// Routes of one namespace may lead to a Service of another (ReferenceGrant).
struct Grant {
  Text from;  // namespace of the routes
  Text to;    // namespace of the Service
  Text service;
  Text unit;  // folder of whoever has the Service
  Origin at = 0;
};

struct Context {
  Context(const model::Lab& l, Arena& a, Bundle& b, diagnostics::Sink& s, const Options& o);
  const model::Lab& lab;
  Arena& arena;
  Bundle& bundle;
  diagnostics::Sink& sink;
  const Options& options;
  std::vector<model::DoorOf> doors;
  std::vector<NamespaceFacts> namespaces;  // as lab.namespaces
  const model::Cni::Cilium* cilium = nullptr;
  bool prometheus = false;  // the Prometheus operator is in the lab
  Text default_class;       // name of the default storage class; empty when there is none
  Text nfs_namespace;       // where the NFS driver runs
  Text certificate_namespace;
  Text part_of;  // name of the lab
  std::vector<Grant> grants;
  std::unordered_map<std::string, Origin> folders;  // of workloads and charts, and who has each

  /// Reports a second workload or chart of one name in a namespace.
  void take_folder(Text ns, Text name, Origin at);

  [[nodiscard]] Text name_of(Ref<model::Namespace> ns) const {
    return ns.valid() ? namespaces[ns.index].name : Text{};
  }
  /// `object_name`, kept; the view itself when it is one already.
  [[nodiscard]] Text object(std::string_view name) const;
  /// Raises the level of a namespace.
  void demand(Ref<model::Namespace> ns, Level level, Origin at, Text who);
  [[nodiscard]] source::Span span(Origin at) const { return at == 0 ? source::Span{} : options.locate(at); }
};

/// One object under construction.
struct Object {
  Map root;
  Map metadata;
  [[nodiscard]] Map spec() { return root.map("spec"); }
};

/// apiVersion, kind, metadata{name, namespace}; no namespace when it is empty.
[[nodiscard]] Object object(Context& context, Text api_version, Text kind, document::Text name, Text ns);

/// A folder of one unit. `at` is the origin of what has none of its own.
class Folder {
 public:
  Folder(Context& context, Text ns, Text unit, Origin at);
  /// Writes `STEM.yaml`. `raw` is joined first: the entry of that stem.
  void add(std::string_view stem, std::string_view rule, const Map& root, model::Data raw = nullptr);
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  Context& context_;
  std::string path_;
  Origin at_;
};

/// Puts `labels` and `annotations` that are not empty.
void put_entries(Map map, Text key, const model::Map<Text>& entries);

}  // namespace lab::lower::kubernetes
