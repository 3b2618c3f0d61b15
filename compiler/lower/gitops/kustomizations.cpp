// A kustomization for each folder of kubernetes/: it lists every manifest that stands there, so that each
// file belongs to exactly one. Encrypted files are read by ksops, which decrypts them where the controller
// runs.
#include <algorithm>
#include <map>

#include "compiler/lower/gitops/gitops.h"
#include "compiler/lower/secret_leaf.h"

namespace lab::lower::gitops {

namespace {

constexpr std::string_view sealed_ending = ".sops.yaml";

struct Folder {
  std::vector<std::string_view> plain, sealed;
  const document::Node* digest = nullptr;
  std::vector<const document::Node*> objects;
};

/// Copies the digest of a workload's secrets into its pods' annotations, so that they restart on a change.
void put_replacement(const Folder& folder, document::Map root) {
  const document::Node* named = folder.digest->find_path({"metadata", "name"});
  const std::string_view workload = named->text().substr(0, named->text().size() - digest_suffix.size());
  for (const document::Node* object : folder.objects) {
    const document::Node* name = object->find_path({"metadata", "name"});
    const bool cron = object->find_path({"spec", "jobTemplate"}) != nullptr;
    if (name == nullptr || name->text() != workload ||
        (!cron && object->find_path({"spec", "template", "spec"}) == nullptr))
      continue;
    document::Map replacement = root.list("replacements").map();
    put_digest_source(replacement, std::string(named->text()));
    document::Map target = replacement.list("targets").map();
    target.map("select").set("kind", object->find("kind")->text()).set("name", workload);
    target.list("fieldPaths")
        .add(std::string(cron ? "spec.jobTemplate." : "") + "spec.template.metadata.annotations." +
             std::string(digest_annotation));
    target.map("options").set("create", true);
  }
}

}  // namespace

void put_digest_source(document::Map replacement, std::string name) {
  document::Map source = replacement.map("source");
  source.set("kind", "Secret").set("name", std::move(name));
  source.set("fieldPath", "stringData." + std::string(digest_key));
}

document::Map generator(document::Arena& arena, std::vector<std::string_view> files) {
  std::sort(files.begin(), files.end());
  document::Map root = arena.map();
  root.set("apiVersion", "viaduct.ai/v1").set("kind", "ksops");
  document::Map metadata = root.map("metadata");
  metadata.set("name", "secrets");
  metadata.map("annotations").set("config.kubernetes.io/function", "exec:\n  path: ksops\n");
  document::List list = root.list("files");
  for (const std::string_view file : files) list.add(std::string("./") + std::string(file));
  return root;
}

document::Map kustomization(document::Arena& arena, std::vector<std::string_view> files) {
  std::sort(files.begin(), files.end());
  document::Map root = arena.map();
  root.set("apiVersion", "kustomize.config.k8s.io/v1beta1").set("kind", "Kustomization");
  if (files.empty()) return root;
  document::List resources = root.list("resources");
  for (const std::string_view file : files) resources.add(arena.keep(file));
  return root;
}

void add_kustomizations(document::Arena& arena, Bundle& bundle) {
  std::map<std::string, Folder, std::less<>> folders;
  auto it = folders.end();  // the files of a folder mostly follow each other
  for (const document::Artifact& artifact : bundle.artifacts) {
    const std::string_view path = artifact.path;
    if (!path.starts_with("kubernetes/") || !path.ends_with(".yaml")) continue;
    const std::size_t slash = path.rfind('/');
    const std::string_view name = path.substr(slash + 1);
    const std::string_view folder = path.substr(0, slash);
    if (it == folders.end() || it->first != folder) it = folders.find(folder);
    if (it == folders.end()) it = folders.emplace(std::string(folder), Folder{}).first;
    (name.ends_with(sealed_ending) ? it->second.sealed : it->second.plain).push_back(arena.keep(name));
    if (name.ends_with(sealed_ending) && name.substr(0, name.size() - sealed_ending.size()) == digest_stem)
      it->second.digest = artifact.documents.front();
    it->second.objects.insert(it->second.objects.end(), artifact.documents.begin(), artifact.documents.end());
  }
  for (auto& [path, folder] : folders) {
    document::Map root = kustomization(arena, std::move(folder.plain));
    if (!folder.sealed.empty()) {
      root.list("generators").add(std::string("./") + std::string(generator_file));
      bundle.add(path + "/" + std::string(generator_file), "kubernetes.kustomization",
                 {generator(arena, std::move(folder.sealed))});
      if (folder.digest != nullptr) put_replacement(folder, root);
    }
    bundle.add(path + "/kustomization.yaml", "kubernetes.kustomization", {root});
  }
}

}  // namespace lab::lower::gitops
