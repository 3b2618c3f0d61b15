// Secrets, encrypted: one named after each workload that reads values of its own, one of each set of keys in
// every namespace that reads it (docs/language.md, "Secrets").
//
// What reads a set is found in the objects that were written so far: pods, issuers and whatever else names a
// Secret; charts say which ones they read. A workload's own Secret stands in its folder, a set in the folder
// of the one unit that reads it in a namespace, or in the namespace's own when several do.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "compiler/diagnostics/diagnostic.h"
#include "compiler/lower/kubernetes/rules.h"
#include "compiler/lower/secret_leaf.h"
#include "compiler/lower/secret_names.h"

namespace lab::lower::kubernetes {

namespace {

using Pieces = std::vector<document::SecretPiece>;

constexpr std::string_view rule_name = "kubernetes.secret";

bool same(const Pieces& a, const Pieces& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.text == y.text && x.handle == y.handle && x.quote == y.quote;
  });
}

/// Where a reader stands: its namespace and its unit, empty for what has none.
struct Place {
  Text ns, unit;
  bool operator<(const Place& o) const { return std::tie(ns, unit) < std::tie(o.ns, o.unit); }
};

class Secrets {
 public:
  explicit Secrets(Context& context) : context_(context) {
    for (const model::Secret& secret : context.lab.secrets)
      if (!secret.rest.empty()) sets_.emplace(context.object(secret.name), &secret);
  }

  void run() {
    for (const model::App& app : context_.lab.apps) own(app);
    for (const model::Job& job : context_.lab.jobs) own(job);
    for (const model::Cron& cron : context_.lab.crons) own(cron);
    find_readers();
    for (const auto& [name, places] : readers_)
      for (const auto& [ns, units] : places) put_set(name, ns, units);
  }

 private:
  struct Key {
    Text name;
    Pieces pieces;
    Origin at;
  };

  void take(std::vector<Key>& keys, const model::SecretText& text, Text owner, Text key, Origin at) const {
    if (secret_key(context_.lab, text, owner, key).name != owner) return;
    Pieces pieces = secret_pieces(context_.arena, context_.lab, text);
    const auto before = std::find_if(keys.begin(), keys.end(), [&](const Key& k) { return k.name == key; });
    if (before == keys.end()) {
      keys.push_back({key, std::move(pieces), at});
    } else if (!same(before->pieces, pieces)) {
      using namespace diagnostics;
      Diagnostic d = make(Code::name_taken, context_.span(at), "the second",
                          "two secrets of `{}` would stand under one key, `{}`", owner, key);
      d.at(context_.span(before->at), "the first");
      context_.sink.report(std::move(d));
    }
  }

  /// The Secret named after a workload.
  void own(const model::Workload& w) {
    if (!w.in) return;
    const Text name = context_.object(w.name);
    std::vector<Key> keys;
    const auto variables = [&](const std::vector<model::EnvVar>& all) {
      for (const model::EnvVar& v : all)
        if (v.value.value && v.value.value->secret != nullptr)
          take(keys, *v.value.value->secret, name, v.name, v.at);
    };
    variables(w.env);
    for (const auto* containers : {&w.init, &w.sidecar})
      for (const model::Container& c : *containers) variables(c.env);
    for (const model::AppFile& file : w.file)
      if (file.text->secret != nullptr)
        take(keys, *file.text->secret, name, context_.arena.keep(std::string_view(file_key(w, file))),
             file.at);
    put_digest(w, name, keys);
    if (keys.empty()) return;
    const Text ns = context_.name_of(*w.in);
    Object out = object(context_, "v1", "Secret", name, ns);
    put_labels(out, name, name);
    out.root.set("type", "Opaque");
    Map data = out.root.map("stringData");
    for (const Key& key : keys) data.set(key.name, secret_leaf(context_.arena, key.pieces), key.at);
    write(ns, name, "secret", out, *w.in, w.at);
  }

  /// Everything that the pods of a workload read, in one value that changes when any of it does. kustomize
  /// copies it into the pods' annotations and drops the object (kustomizations.cpp); so the public files stay
  /// the same whatever the secrets are.
  void put_digest(const model::Workload& w, Text name, const std::vector<Key>& keys) {
    Pieces pieces;
    const auto add = [&](const Pieces& more) { pieces.insert(pieces.end(), more.begin(), more.end()); };
    const auto add_set = [&](Ref<model::Secret> ref) {
      const model::Secret* secret = context_.lab.find(ref);
      if (secret == nullptr) return;
      for (const auto& key : secret->rest) add(secret_pieces(context_.arena, context_.lab, *secret, key));
    };
    for (const Key& key : keys) add(key.pieces);
    const auto container = [&](const auto& env, const auto& sets, const auto& mounts) {
      for (const model::EnvVar& v : env)
        if (v.value.value && v.value.value->secret != nullptr)
          add(secret_pieces(context_.arena, context_.lab, *v.value.value->secret));
      for (const auto& set : sets) add_set(*set);
      for (const model::Mount& mount : mounts)
        if (const model::Secret* secret = context_.lab.as<model::Secret>(mount.from.ref))
          add_set(context_.lab.ref_of(*secret));
    };
    container(w.env, w.env_from, w.mount);
    for (const auto* containers : {&w.init, &w.sidecar})
      for (const model::Container& c : *containers) container(c.env, c.env_from, c.mount);
    for (const model::AppFile& file : w.file)
      if (file.text->secret != nullptr) add(secret_pieces(context_.arena, context_.lab, *file.text->secret));
    if (std::none_of(pieces.begin(), pieces.end(), [](const auto& piece) { return !piece.handle.empty(); }))
      return;
    const Text ns = context_.name_of(*w.in);
    Object out = object(context_, "v1", "Secret", fmt::format("{}{}", name, digest_suffix), ns);
    out.metadata.map("annotations").set(local_only, "true");
    out.root.map("stringData").set(digest_key, secret_leaf(context_.arena, pieces, "digest", name));
    write(ns, name, digest_stem, out, *w.in, w.at);
  }

  void put_labels(Object& out, Text name, Text instance) const {
    Map labels = out.metadata.map("labels");
    labels.set("app.kubernetes.io/name", name);
    labels.set("app.kubernetes.io/instance", instance);
    labels.set("app.kubernetes.io/part-of", context_.part_of);
    labels.set("app.kubernetes.io/managed-by", "lab");
  }

  const model::Cluster* cluster_of(Ref<model::Namespace> ns) const {
    return context_.lab.find(ns.valid() ? context_.lab.cluster_of(ns) : context_.lab.only_cluster());
  }

  void write(Text ns, Text unit, std::string_view stem, Object& out, Ref<model::Namespace> of, Origin at) {
    out.root.origin(at);
    std::string path = unit.empty() ? fmt::format("kubernetes/{}/{}.sops.yaml", ns, stem)
                                    : fmt::format("kubernetes/{}/{}/{}.sops.yaml", ns, unit, stem);
    document::Sealing sealing = cluster_sealing(context_.lab, cluster_of(of));
    sealing.encrypted_regex = kubernetes_values;
    context_.bundle.add_sealed(std::move(path), rule_name, {out.root}, std::move(sealing));
  }

  // ---- sets

  void read(Text name, Text ns, Text unit) {
    if (!sets_.contains(name)) return;
    auto& units = readers_[name][ns];
    if (std::find(units.begin(), units.end(), unit) == units.end()) units.push_back(unit);
  }

  /// Every Secret that an object names, by the fields that Kubernetes, cert-manager and Gateway API have for
  /// it.
  void find_names(const Node& node, std::string_view above, Text ns, Text unit) {
    static constexpr std::array<std::string_view, 9> holders = {
        "secretKeyRef",      "secretRef",         "secret",
        "apiTokenSecretRef", "apiKeySecretRef",   "tokenSecretRef",
        "imagePullSecrets",  "passwordSecretRef", "certificateRefs"};
    if (node.kind == Kind::map && std::find(holders.begin(), holders.end(), above) != holders.end())
      for (const std::string_view field : {"name", "secretName"})
        if (const Node* name = node.find(field); name != nullptr && name->kind == Kind::string)
          read(name->text(), ns, unit);
    for (const Node* child = node.child(); child != nullptr; child = child->next)
      if (child->is_collection())
        find_names(*child, node.kind == Kind::list ? above : child->key(), ns, unit);
  }

  void find_readers() {
    constexpr std::string_view top = "kubernetes/";
    for (const document::Artifact& artifact : context_.bundle.artifacts) {
      std::string_view path = artifact.path;
      if (!path.starts_with(top) || artifact.format == document::Format::sops) continue;
      path.remove_prefix(top.size());
      const std::string_view folder_ns = path.substr(0, path.find('/'));
      std::string_view unit = path.substr(folder_ns.size() + 1);
      unit = unit.find('/') == std::string_view::npos ? std::string_view{} : unit.substr(0, unit.find('/'));
      for (const Node* object : artifact.documents) {
        const Node* ns = object->find_path({"metadata", "namespace"});
        // What has no namespace reads Secrets where its controller runs.
        const Text reads = ns != nullptr ? ns->text() : context_.certificate_namespace;
        const bool here = context_.arena.keep(folder_ns) == reads;
        find_names(*object, {}, reads, here ? context_.arena.keep(unit) : Text{});
      }
    }
    for (const model::Helm& helm : context_.lab.helms)
      for (const auto& secret : helm.secrets)
        if (const model::Secret* found = context_.lab.find(*secret))
          read(context_.object(found->name), context_.name_of(*helm.in), context_.object(helm.name));
  }

  void put_set(Text name, Text ns, const std::vector<Text>& units) {
    const model::Secret& secret = *sets_.at(name);
    const Text unit = units.size() == 1 ? units.front() : Text{};
    Object out = object(context_, "v1", "Secret", name, ns);
    put_labels(out, name, name);
    for (const auto& label : secret.labels) out.metadata.map("labels").set(label.name, label.value, label.at);
    out.root.set("type", "Opaque");
    Map data = out.root.map("stringData");
    for (const auto& key : secret.rest)
      data.set(key.name,
               secret_leaf(context_.arena, secret_pieces(context_.arena, context_.lab, secret, key)), key.at);
    Ref<model::Namespace> of;
    for (std::size_t i = 0; i < context_.namespaces.size(); ++i)
      if (context_.namespaces[i].name == ns) of = {static_cast<std::uint32_t>(i)};
    write(ns, unit, fmt::format("secret-{}", name), out, of, secret.at);
  }

  Context& context_;
  std::map<Text, const model::Secret*> sets_;
  std::map<Text, std::map<Text, std::vector<Text>>> readers_;  // of a set: namespaces, and who reads it there
};

}  // namespace

void lower_secrets(Context& context) {
  if (!context.lab.lab().secrets.is("sops")) return;
  Secrets(context).run();
}

}  // namespace lab::lower::kubernetes
