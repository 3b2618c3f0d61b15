#include "compiler/lower/gitops/argocd.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/lower/charts.h"
#include "compiler/lower/gitops/gitops.h"
#include "compiler/lower/manifest_object.h"
#include "compiler/lower/secret_leaf.h"

namespace lab::lower::gitops {

namespace {

constexpr std::string_view rule_name = "gitops.application";
constexpr std::string_view this_cluster = "https://kubernetes.default.svc";
constexpr std::string_view oci = "oci://";
constexpr std::string_view wave = "argocd.argoproj.io/sync-wave";

void inherit(Node& node, Origin origin) {
  if (node.origin == document::no_origin) node.origin = origin;
  if (!node.is_collection()) return;
  for (Node* child = node.first; child != nullptr; child = child->next) inherit(*child, node.origin);
}

class Applications {
 public:
  Applications(const model::Lab& lab, document::Arena& arena, Bundle& bundle)
      : lab_(lab), arena_(arena), bundle_(bundle), source_(*lab.lab().gitops.argocd) {
    controller_ = "argocd";
    for (const model::Helm& helm : lab.helms)
      if (is_argocd_chart(*helm.chart))
        controller_ = arena.keep(std::string_view(model::object_name(lab.get(*helm.in).name)));
    // `path` may name the tree or its folder kubernetes/.
    tree_ = *source_.path;
    if (tree_.ends_with("/")) tree_.remove_suffix(1);
    if (tree_ == "kubernetes") tree_ = ".";
    if (tree_.ends_with("/kubernetes")) tree_.remove_suffix(std::string_view("/kubernetes").size());
  }

  void add(const std::vector<Unit>& units) {
    std::vector<Text> roots;
    for (const Unit& unit : units)
      if (std::find(roots.begin(), roots.end(), unit.root) == roots.end()) roots.push_back(unit.root);
    std::sort(roots.begin(), roots.end());
    const std::vector<std::int32_t> root_waves = levels(graph_of(units, roots));
    std::vector<std::string> files;
    for (std::size_t r = 0; r < roots.size(); ++r) {
      Map root = application(roots[r], root_waves[r], source_.at);
      Map spec = put_spec(root, false);
      put_tree(spec.map("source"), fmt::format("gitops/{}", roots[r]));
      put_destination(spec, controller_);
      put_policy(spec, false);
      write(fmt::format("gitops/{}.yaml", roots[r]), root, source_.at);
      files.push_back(fmt::format("{}.yaml", roots[r]));
      add_root(units, roots[r]);
    }
    add_listing("gitops", files);
    Map root = application("root", 0, source_.at);
    root.map("metadata").remove("annotations");
    Map spec = put_spec(root, false);
    put_tree(spec.map("source"), "gitops");
    put_destination(spec, controller_);
    put_policy(spec, false);
    write("gitops/root.yaml", root, source_.at);
  }

 private:
  static std::vector<std::vector<Edge>> graph_of(const std::vector<Unit>& units,
                                                 const std::vector<Text>& roots) {
    const auto number = [&](const Unit& unit) {
      return static_cast<UnitIndex>(std::find(roots.begin(), roots.end(), unit.root) - roots.begin());
    };
    std::vector<std::vector<Edge>> graph(roots.size());
    for (const Unit& unit : units)
      for (const Edge& e : unit.after)
        if (const UnitIndex to = number(units[e.to]); !e.soft && to != number(unit))
          graph[number(unit)].push_back({to, e.at, true});
    return graph;
  }

  void add_root(const std::vector<Unit>& units, Text root) {
    std::vector<std::string> files;
    const std::string folder = fmt::format("gitops/{}", root);
    std::vector<Restart> restarts;
    for (const Unit& unit : units) {
      if (unit.root != root) continue;
      const Map made = unit.application != nullptr ? declared(unit) : derived(unit);
      std::string file = fmt::format("{}.yaml", unit.name);
      write(fmt::format("{}/{}", folder, file), made, unit.at);
      files.push_back(std::move(file));
      if (unit.chart != nullptr) add_digest(unit, folder, restarts);
    }
    add_listing(folder, files, restarts);
  }

  /// A chart whose pods restart when a secret that it reads changes.
  struct Restart {
    const Unit* unit;
    std::string file, digest;  // of the encrypted digest: its file and the name of the object
  };

  /// Everything that a chart reads, in one value that changes when any of it does. kustomize copies it into
  /// the chart's values where ksops has decrypted it, and drops the object; so the public files stay the same
  /// whatever the secrets are.
  void add_digest(const Unit& unit, const std::string& folder, std::vector<Restart>& restarts) {
    const model::Helm& helm = *unit.chart;
    if (helm.restart_annotations.empty() || !lab_.lab().secrets.is("sops")) return;
    std::vector<document::SecretPiece> pieces;
    for (const auto& ref : helm.secrets)
      if (const model::Secret* secret = lab_.find(*ref))
        for (const auto& key : secret->rest) {
          const auto more = secret_pieces(arena_, lab_, *secret, key);
          pieces.insert(pieces.end(), more.begin(), more.end());
        }
    if (std::ranges::all_of(pieces, [](const auto& piece) { return piece.handle.empty(); })) return;
    Restart restart{&unit, fmt::format("{}-{}.sops.yaml", digest_stem, unit.name),
                    fmt::format("{}{}", unit.name, digest_suffix)};
    Map root = arena_.map(helm.at);
    root.set("apiVersion", "v1").set("kind", "Secret");
    Map metadata = root.map("metadata");
    metadata.set("name", restart.digest).set("namespace", controller_);
    metadata.map("annotations").set(local_only, "true");
    root.map("stringData").set(digest_key, secret_leaf(arena_, pieces, "digest", unit.name));
    document::Sealing sealing = cluster_sealing(lab_, lab_.find(lab_.cluster_of(*helm.in)));
    sealing.encrypted_regex = kubernetes_values;
    bundle_.add_sealed(fmt::format("{}/{}", folder, restart.file), rule_name, {root}, std::move(sealing));
    restarts.push_back(std::move(restart));
  }

  void put_restart(const Restart& restart, Map listing) {
    const Unit& unit = *restart.unit;
    Map replacement = listing.list("replacements").map();
    put_digest_source(replacement, restart.digest);
    Map target = replacement.list("targets").map();
    target.map("select").set("kind", "Application").set("name", unit.name);
    const std::string source =
        unit.folder.empty() ? "source" : fmt::format("sources.[chart={}]", chart_name(*unit.chart->chart));
    document::List paths = target.list("fieldPaths");
    for (const auto& path : unit.chart->restart_annotations)
      paths.add(fmt::format("spec.{}.helm.valuesObject.{}.{}", source, *path, digest_annotation));
    target.map("options").set("create", true);
  }

  void add_listing(const std::string& folder, const std::vector<std::string>& files,
                   const std::vector<Restart>& restarts = {}) {
    Map listing = kustomization(arena_, {files.begin(), files.end()});
    if (!restarts.empty()) {
      std::vector<std::string_view> sealed;
      for (const Restart& restart : restarts) {
        sealed.push_back(arena_.keep(std::string_view(restart.file)));
        put_restart(restart, listing);
      }
      listing.list("generators").add(fmt::format("./{}", generator_file));
      write(fmt::format("{}/{}", folder, generator_file), generator(arena_, std::move(sealed)), source_.at);
    }
    write(folder + "/kustomization.yaml", listing, source_.at);
  }

  void write(std::string path, const Map& root, Origin at) {
    inherit(*root.node(), at);
    bundle_.add(std::move(path), rule_name, {root});
  }

  Map application(Text name, std::int32_t wave_number, Origin at) {
    Map root = arena_.map(at);
    root.set("apiVersion", "argoproj.io/v1alpha1").set("kind", "Application");
    Map metadata = root.map("metadata");
    metadata.set("name", name, at).set("namespace", controller_);
    metadata.map("annotations").set(wave, fmt::format("{}", wave_number));
    return root;
  }

  /// A namespace is never removed with its Application, nor are roots: what they hold is data.
  Map put_spec(Map root, bool cascades) {
    if (cascades)
      root.map("metadata").list("finalizers").add("resources-finalizer.argocd.argoproj.io/foreground");
    Map spec = root.map("spec");
    spec.set("project", "default");
    return spec;
  }

  /// An Application of a manifest, put among the others; its own wave stands.
  Map declared(const Unit& unit) {
    Map root = manifest_object(arena_, lab_, *unit.application);
    Map metadata = root.map("metadata");
    metadata.set("namespace", controller_);
    if (root.node()->find_path({"metadata", "annotations", wave}) == nullptr)
      metadata.map("annotations").set(wave, fmt::format("{}", unit.wave));
    return root;
  }

  Map derived(const Unit& unit) {
    Map root = application(unit.name, unit.wave, unit.at);
    Map spec = put_spec(root, !unit.is_namespace);
    if (unit.chart == nullptr) {
      put_tree(spec.map("source"), unit.folder);
    } else if (unit.folder.empty()) {
      put_chart(spec.map("source"), unit);
    } else {
      document::List sources = spec.list("sources");
      put_tree(sources.map(), unit.folder);
      put_chart(sources.map(), unit);
    }
    put_destination(spec, unit.ns);
    put_policy(spec, unit.custom || unit.chart != nullptr);
    return root;
  }

  void put_tree(Map source, document::Text folder) {
    source.set("repoURL", *source_.repo, source_.repo.at);
    source.set("targetRevision", *source_.branch, source_.branch.at);
    if (tree_ == ".")
      source.set("path", folder, source_.path.at);
    else
      source.set("path", fmt::format("{}/{}", tree_, folder.view), source_.path.at);
  }

  void put_chart(Map source, const Unit& unit) {
    const model::Helm& helm = *unit.chart;
    std::string_view chart = *helm.chart;
    if (chart.starts_with(oci)) {
      chart.remove_prefix(oci.size());
      const std::size_t slash = chart.rfind('/');
      source.set("repoURL", chart.substr(0, slash), helm.chart.at);
      chart.remove_prefix(slash + 1);
    } else if (helm.repo) {
      source.set("repoURL", *helm.repo, helm.repo.at);
    }
    source.set("chart", chart, helm.chart.at).set("targetRevision", *helm.version, helm.version.at);
    Map settings = source.map("helm", helm.at);
    settings.set("releaseName", helm.release ? *helm.release : unit.name,
                 helm.release ? helm.release.at : helm.at);
    if (!*helm.crds) settings.set("skipCrds", true, helm.crds.at);
    if (*helm.values != nullptr && (*helm.values)->size > 0)
      settings.set("valuesObject", arena_.clone(**helm.values), helm.values.at);
  }

  static void put_destination(Map spec, Text ns) {
    Map destination = spec.map("destination");
    destination.set("server", this_cluster);
    destination.set_nonempty("namespace", ns);
  }

  /// Retries are bounded: an unbounded one keeps applying the revision it began with.
  static void put_policy(Map spec, bool custom_kinds) {
    Map policy = spec.map("syncPolicy");
    policy.map("automated").set("prune", true).set("selfHeal", true);
    document::List options = policy.list("syncOptions");
    options.add("CreateNamespace=false").add("ServerSideApply=true");
    if (custom_kinds) options.add("SkipDryRunOnMissingResource=true");
    Map retry = policy.map("retry").set("limit", 10);
    retry.map("backoff").set("duration", "10s").set("factor", 2).set("maxDuration", "5m");
  }

  const model::Lab& lab_;
  document::Arena& arena_;
  Bundle& bundle_;
  const model::Gitops::Argocd& source_;
  Text controller_;
  Text tree_;
};

}  // namespace

void lower_argocd(const model::Lab& lab, document::Arena& arena, Bundle& bundle,
                  const std::vector<Unit>& units) {
  if (!units.empty()) Applications(lab, arena, bundle).add(units);
}

}  // namespace lab::lower::gitops
