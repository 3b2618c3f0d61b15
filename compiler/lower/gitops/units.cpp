#include "compiler/lower/gitops/units.h"

#include <fmt/format.h>

#include <unordered_map>

#include "compiler/diagnostics/diagnostic.h"
#include "compiler/lower/manifest_object.h"
#include "compiler/lower/policy_units.h"

namespace lab::lower::gitops {

namespace {

constexpr std::string_view top = "kubernetes/";

class Units {
 public:
  Units(const model::Lab& lab, document::Arena& arena) : lab_(lab), arena_(arena) {}

  void add_charts() {
    for (const model::Helm& helm : lab_.helms) {
      Unit& unit = units_.emplace_back();
      unit.name = arena_.keep(std::string_view(model::object_name(helm.name)));
      unit.ns = namespace_name(*helm.in);
      unit.chart = &helm;
      unit.at = helm.at;
      by_folder_[key(unit.ns, unit.name)] = index(unit);
    }
  }

  void add_applications() {
    for (const model::Manifest& manifest : lab_.manifests) {
      if (!is_application(manifest)) continue;
      Unit& unit = units_.emplace_back();
      unit.name = arena_.keep(std::string_view(model::object_name(manifest.name)));
      unit.ns = manifest.in ? namespace_name(*manifest.in) : Text{};
      unit.application = &manifest;
      unit.at = manifest.at;
    }
  }

  void add_folders(const Bundle& bundle) {
    std::string_view last;
    UnitIndex at = no_unit;
    for (const document::Artifact& artifact : bundle.artifacts) {
      const std::string_view path = artifact.path;
      if (!path.starts_with(top)) continue;
      const std::string_view folder = path.substr(0, path.rfind('/'));
      if (at == no_unit || folder != last) at = unit_of(folder, artifact);
      last = folder;
      Unit& unit = units_[at];
      if (unit.at == 0 && !artifact.documents.empty()) unit.at = artifact.documents.front()->origin;
      unit.objects.insert(unit.objects.end(), artifact.documents.begin(), artifact.documents.end());
    }
  }

  void find_roots() {
    for (Unit& unit : units_) {
      // The default has a root of its own: one that comes after all others.
      unit.root = unit.ns.empty() && unit.name == default_deny_unit ? "policies" : "core";
      for (const model::Namespace& ns : lab_.namespaces)
        if (model::object_name(ns.name) == unit.ns) unit.root = *ns.root;
    }
  }

  std::vector<Unit>& units() { return units_; }

 private:
  UnitIndex index(const Unit& unit) const { return static_cast<UnitIndex>(&unit - units_.data()); }

  Text namespace_name(model::Ref<model::Namespace> ns) {
    return ns.valid() ? arena_.keep(std::string_view(model::object_name(lab_.get(ns).name))) : Text{};
  }

  static std::string key(Text ns, Text name) {
    return name.empty() ? fmt::format("{}{}", top, ns) : fmt::format("{}{}/{}", top, ns, name);
  }

  UnitIndex unit_of(std::string_view folder, const document::Artifact& artifact) {
    if (const auto it = by_folder_.find(std::string(folder)); it != by_folder_.end()) {
      units_[it->second].folder = arena_.keep(folder);
      return it->second;
    }
    Unit& unit = units_.emplace_back();
    unit.folder = arena_.keep(folder);
    const std::string_view rest = unit.folder.substr(top.size());
    const std::size_t slash = rest.find('/');
    unit.is_namespace = slash == std::string_view::npos;
    unit.ns = rest.substr(0, slash);
    unit.name = unit.is_namespace ? arena_.keep(std::string_view(fmt::format("{}-namespace", rest)))
                                  : rest.substr(slash + 1);
    if (unit.ns == cluster_wide) unit.ns = {};
    if (!artifact.documents.empty()) unit.at = artifact.documents.front()->origin;
    return by_folder_[std::string(folder)] = index(unit);
  }

  const model::Lab& lab_;
  document::Arena& arena_;
  std::vector<Unit> units_;
  std::unordered_map<std::string, UnitIndex> by_folder_;
};

void check_names(const std::vector<Unit>& units, diagnostics::Sink& sink, const Options& options) {
  std::unordered_map<std::string_view, const Unit*> seen;
  for (const Unit& unit : units) {
    const auto [it, fresh] = seen.emplace(unit.name, &unit);
    if (fresh) continue;
    using namespace diagnostics;
    Diagnostic d = make(Code::name_taken, options.locate(unit.at), "the second",
                        "two things would be applied as `{}`", unit.name);
    d.at(options.locate(it->second->at), "the first");
    d.note("each app, chart and manifest is applied under its own name, whatever its namespace");
    sink.report(std::move(d));
  }
}

}  // namespace

std::vector<Unit> units_of(const model::Lab& lab, document::Arena& arena, const Bundle& bundle,
                           diagnostics::Sink& sink, const Options& options) {
  Units units(lab, arena);
  units.add_charts();
  units.add_applications();
  units.add_folders(bundle);
  units.find_roots();
  check_names(units.units(), sink, options);
  find_references(lab, ObjectsOf(lab, bundle), units.units());
  order(units.units(), sink, options);
  return std::move(units.units());
}

}  // namespace lab::lower::gitops
