// A kustomization for each folder of kubernetes/: it lists every manifest that stands there, so that each
// file belongs to exactly one. Encrypted files are read by the plugin that decrypts them.
#include <algorithm>
#include <map>

#include "compiler/lower/gitops/gitops.h"

namespace lab::lower::gitops {

document::Map kustomization(document::Arena& arena, std::vector<std::string_view> files) {
  std::sort(files.begin(), files.end());
  document::Map root = arena.map();
  root.set("apiVersion", "kustomize.config.k8s.io/v1beta1").set("kind", "Kustomization");
  document::List resources = root.list("resources");
  for (const std::string_view file : files) resources.add(arena.keep(file));
  return root;
}

void add_kustomizations(document::Arena& arena, Bundle& bundle) {
  std::map<std::string, std::vector<std::string_view>, std::less<>> folders;
  for (const document::Artifact& artifact : bundle.artifacts) {
    const std::string_view path = artifact.path;
    if (!path.starts_with("kubernetes/") || !path.ends_with(".yaml") || path.ends_with(".sops.yaml"))
      continue;
    const std::size_t slash = path.rfind('/');
    const std::string_view folder = path.substr(0, slash);
    auto it = folders.find(folder);
    if (it == folders.end()) it = folders.emplace(std::string(folder), std::vector<std::string_view>{}).first;
    it->second.push_back(path.substr(slash + 1));
  }
  for (auto& [folder, files] : folders)
    bundle.add(folder + "/kustomization.yaml", "kubernetes.kustomization",
               {kustomization(arena, std::move(files))});
}

}  // namespace lab::lower::gitops
