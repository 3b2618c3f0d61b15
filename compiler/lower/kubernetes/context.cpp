#include "compiler/lower/kubernetes/context.h"

#include <fmt/format.h>

#include "compiler/diagnostics/diagnostic.h"
#include "compiler/lower/kubernetes/raw.h"

namespace lab::lower::kubernetes {

namespace {

/// The last part of a chart's name: `oci://quay.io/jetstack/charts/cert-manager` is `cert-manager`.
std::string_view chart_name(std::string_view chart) {
  return chart.substr(chart.rfind('/') + 1);
}

void inherit(Node& node, Origin origin) {
  if (node.origin == document::no_origin) node.origin = origin;
  if (!node.is_collection()) return;
  for (Node* child = node.first; child != nullptr; child = child->next) inherit(*child, node.origin);
}

}  // namespace

Context::Context(const model::Lab& l, Arena& a, Bundle& b, diagnostics::Sink& s, const Options& o)
    : lab(l), arena(a), bundle(b), sink(s), options(o), doors(l.doors()), part_of(l.lab().name) {
  namespaces.reserve(lab.namespaces.size());
  for (const model::Namespace& ns : lab.namespaces) namespaces.push_back({object(ns.name), {}, 0, {}});
  for (const model::Cluster& cluster : lab.clusters)
    if (cilium == nullptr && cluster.cni.cilium) cilium = &*cluster.cni.cilium;
  nfs_namespace = "kube-system";
  certificate_namespace = "cert-manager";
  for (const model::Helm& helm : lab.helms) {
    const std::string_view chart = chart_name(*helm.chart);
    if (chart == "kube-prometheus-stack" || chart == "prometheus-operator-crds") prometheus = true;
    if (chart == "csi-driver-nfs") nfs_namespace = name_of(*helm.in);
    if (chart == "cert-manager") certificate_namespace = name_of(*helm.in);
    take_folder(name_of(*helm.in), object(helm.name), helm.at);
    demand(*helm.in,
           *helm.pod_security == "privileged" ? Level::privileged
           : *helm.pod_security == "baseline" ? Level::baseline
                                              : Level::restricted,
           helm.at, helm.name);
  }
  for (const model::StorageClass& storage : lab.storage_classes)
    if (*storage.default_) default_class = object(storage.name);
}

Text Context::object(std::string_view name) const {
  return name.find('.') == std::string_view::npos ? name
                                                  : arena.keep(std::string_view(model::object_name(name)));
}

void Context::demand(Ref<model::Namespace> ns, Level level, Origin at, Text who) {
  if (!ns.valid() || namespaces[ns.index].level >= level) return;
  namespaces[ns.index].level = level;
  namespaces[ns.index].raised_by = at;
  namespaces[ns.index].raised_name = who;
}

void Context::take_folder(Text ns, Text name, Origin at) {
  std::string key;
  key.reserve(ns.size() + name.size() + 1);
  key.append(ns).append("/").append(name);
  const auto [it, fresh] = folders.emplace(std::move(key), at);
  if (fresh) return;
  using namespace diagnostics;
  Diagnostic d = make(Code::name_taken, span(at), "the second", "two things would be applied as `{}`", name);
  d.at(span(it->second), "the first");
  sink.report(std::move(d));
}

Object object(Context& context, Text api_version, Text kind, document::Text name, Text ns) {
  Map root = context.arena.map();
  root.set("apiVersion", api_version).set("kind", kind);
  Map metadata = root.map("metadata");
  metadata.set("name", name);
  metadata.set_nonempty("namespace", ns);
  return {root, metadata};
}

Folder::Folder(Context& context, Text ns, Text unit, Origin at) : context_(context), at_(at) {
  path_ = unit.empty() ? fmt::format("kubernetes/{}", ns) : fmt::format("kubernetes/{}/{}", ns, unit);
}

void Folder::add(std::string_view stem, std::string_view rule, const Map& root, model::Data raw) {
  if (raw != nullptr)
    if (const Node* patch = raw->find(stem)) merge_raw(context_.arena, root, *patch);
  inherit(*root.node(), at_);
  std::string path;
  path.reserve(path_.size() + stem.size() + 6);
  path.append(path_).append("/").append(stem).append(".yaml");
  context_.bundle.add(std::move(path), rule, {root});
}

void put_entries(Map map, Text key, const model::Map<Text>& entries) {
  if (entries.empty()) return;
  Map to = map.map(key);
  for (const auto& entry : entries) to.set(entry.name, entry.value, entry.at);
}

}  // namespace lab::lower::kubernetes
