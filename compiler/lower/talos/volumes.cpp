// Registry mirrors, encryption of Talos' own partitions, and volumes of users.
#include "compiler/lower/talos/node.h"

namespace lab::lower::talos {

namespace {

using document::Map;

/// One key: derived from the node's id, or sealed in its TPM.
void add_encryption(Map volume, std::string_view how, document::Origin at) {
  if (how == "none") return;
  Map encryption = volume.map("encryption", at);
  encryption.set("provider", "luks2", at);
  Map key = encryption.list("keys").map(at);
  key.set("slot", 0, at).map(how == "tpm" ? "tpm" : "nodeID", at);
}

/// A user volume needs a size; the whole of what is there is its least size up to no greatest.
constexpr std::string_view least_size = "1GiB";

}  // namespace

void add_registries(const Node& n, Documents& documents) {
  for (const model::RegistryMirror& mirror : n.cluster.registry) {
    Map document = new_document(n, "RegistryMirrorConfig", mirror.at);
    document.set("name", mirror.name, mirror.at);
    for (const auto& endpoint : mirror.endpoints) {
      document.list("endpoints").map(endpoint.at).set("url", *endpoint, endpoint.at);
    }
    if (*mirror.only) document.set("skipFallback", true, mirror.only.at);
    documents.push_back(document);
  }
}

void add_volumes(const Node& n, Documents& documents) {
  if (const auto& how = n.cluster.disk_encryption; *how != "none") {
    for (const std::string_view name : {"STATE", "EPHEMERAL"}) {
      Map document = new_document(n, "VolumeConfig", how.at);
      document.set("name", name, how.at);
      add_encryption(document, *how, how.at);
      documents.push_back(document);
    }
  }
  for (const model::NodeVolume* volume : n.facts.volumes) {
    Map document = new_document(n, "UserVolumeConfig", volume->at);
    document.set("name", volume->name, volume->at);
    Map provisioning = document.map("provisioning", volume->at);
    provisioning.map("diskSelector").set("match", *volume->match, volume->match.at);
    if (volume->min_size) {
      provisioning.set("minSize", volume->min_size->format(), volume->min_size.at);
    } else if (!volume->max_size) {
      provisioning.set("minSize", least_size, volume->at);
    }
    if (volume->max_size) provisioning.set("maxSize", volume->max_size->format(), volume->max_size.at);
    if (*volume->grow) provisioning.set("grow", true, volume->grow.at);
    document.map("filesystem").set("type", *volume->filesystem, volume->filesystem.at);
    add_encryption(document, *volume->encryption, volume->encryption.at);
    documents.push_back(document);
  }
}

}  // namespace lab::lower::talos
