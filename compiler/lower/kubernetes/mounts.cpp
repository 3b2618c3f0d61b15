// Volumes of a pod and where its containers see them.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/lower/kubernetes/pod.h"
#include "compiler/lower/secret_names.h"

namespace lab::lower::kubernetes {

namespace {

constexpr std::string_view public_files = "files";
constexpr std::string_view secret_files = "secret-files";
constexpr std::string_view temporary = "/tmp";

bool has_own_temporary(const model::Workload& w) {
  return std::any_of(w.mount.begin(), w.mount.end(),
                     [](const model::Mount& m) { return m.name == temporary; });
}
/// The root file system is read-only, and programs expect to write to /tmp.
bool needs_temporary(const model::Workload& w) {
  return !*w.writable_root && !has_own_temporary(w);
}

bool is_secret(const model::AppFile& file) {
  return file.text->secret != nullptr;
}

/// Name of the volume of a mount: of its path; of what is mounted where two mounts share it.
std::string volume_name(const Context& context, const model::Mount& mount) {
  if (mount.from.ref.valid()) {
    if (const model::Named* of = context.lab.named(mount.from.ref))
      return label_of(mount.from.ref.is_block() ? fmt::format("{}-{}", of->name, mount.from.ref.block)
                                                : std::string(of->name));
  }
  if (mount.from.shared) return label_of(*mount.from.shared->name);
  return label_of(mount.name);
}

void put_file_mounts(const Unit& unit, List mounts) {
  for (const model::AppFile& file : unit.workload.file) {
    Map mount = mounts.map(file.at);
    mount.set("name", is_secret(file) ? secret_files : public_files);
    mount.set("mountPath", file.name, file.at);
    mount.set("subPath", file_key(unit.workload, file), file.at);
    mount.set("readOnly", true);
  }
}

/// `mode` of files when it is not the default, which a read-only mount of a ConfigMap already has.
void put_mode(Map source, const model::AppFile& file) {
  if (*file.mode != "0444") source.set("defaultMode", plain(*file.mode), file.mode.at);
}

void put_file_volumes(Context& context, const Unit& unit, List volumes) {
  const auto& files = unit.workload.file;
  const auto open = std::find_if_not(files.begin(), files.end(), is_secret);
  if (open != files.end()) {
    Map source = volumes.map(open->at).set("name", public_files).map("configMap");
    source.set("name", unit.name);
    put_mode(source, *open);
  }
  const auto closed = std::find_if(files.begin(), files.end(), is_secret);
  if (closed == files.end()) return;
  Map volume = volumes.map(closed->at).set("name", secret_files);
  // Files that are one key of a set stand in the set's Secret, all others in the workload's own.
  List sources = volume.map("projected").list("sources");
  for (const model::AppFile& file : files) {
    if (!is_secret(file)) continue;
    const std::string path = file_key(unit.workload, file);
    const SecretKey key =
        secret_key(context.lab, *file.text->secret, unit.name, context.arena.keep(std::string_view(path)));
    Map secret = sources.map(file.at).map("secret");
    secret.set("name", context.object(key.name), file.text.at);
    secret.list("items").map().set("key", key.key, file.text.at).set("path", path, file.at);
  }
  put_mode(volume.map("projected"), *closed);
}

void put_source(Context& context, const Unit& unit, const model::Mount& mount, Map volume) {
  const model::MountSource& from = mount.from;
  const auto put_claim = [&](document::Text name, Origin at) {
    volume.map("persistentVolumeClaim", from.at).set("claimName", name, at);
  };
  if (from.claim) {
    put_claim(claim_name(unit.name, mount), from.at);
  } else if (from.shared) {
    put_claim(*from.shared->name, from.shared->name.at);
  } else if (from.host_path) {
    volume.map("hostPath", from.at).set("path", *from.host_path->path, from.host_path->path.at);
  } else if (const model::Volume* of = context.lab.as<model::Volume>(from.ref)) {
    put_claim(context.object(of->name), from.at);
  } else if (const model::Secret* secret = context.lab.as<model::Secret>(from.ref)) {
    volume.map("secret", from.at).set("secretName", context.object(secret->name), from.at);
  } else if (const model::Nas* nas = context.lab.owner<model::Nas>(from.ref)) {
    put_claim(export_claim(nas->name, from.ref.block), from.at);
  } else {
    Map scratch = volume.map("emptyDir", from.at);
    if (!from.scratch) return;
    if (*from.scratch->medium == "memory") scratch.set("medium", "Memory", from.scratch->medium.at);
    if (from.scratch->size)
      scratch.set("sizeLimit", from.scratch->size->to_kubernetes(), from.scratch->size.at);
  }
}

bool holds(const Node& list, std::string_view key, std::string_view text) {
  for (const Node* entry = list.child(); entry != nullptr; entry = entry->next)
    if (const Node* name = entry->find(key); name != nullptr && name->text() == text) return true;
  return false;
}

void put_volume(Context& context, const Unit& unit, const model::Mount& mount, List volumes) {
  const std::string name = volume_name(context, mount);
  if (holds(*volumes.node(), "name", name)) return;
  Map volume = volumes.map(mount.at);
  volume.set("name", name, mount.at);
  put_source(context, unit, mount, volume);
}

}  // namespace

void put_mounts(Context& context, const Unit& unit, const std::vector<model::Mount>* own, Map container) {
  const model::Workload& w = unit.workload;
  List mounts = context.arena.list();
  for (const model::Mount& mount : own != nullptr ? *own : w.mount) {
    Map out = mounts.map(mount.at);
    out.set("name", volume_name(context, mount), mount.at).set("mountPath", mount.name, mount.at);
    if (mount.sub_path) out.set("subPath", *mount.sub_path, mount.sub_path.at);
    if (*mount.read_only) out.set("readOnly", true, mount.read_only.at);
  }
  if (own == nullptr) put_file_mounts(unit, mounts);
  if (needs_temporary(w) && !holds(*mounts.node(), "mountPath", temporary))
    mounts.map().set("name", "tmp").set("mountPath", temporary);
  if (!mounts.empty()) container.set("volumeMounts", mounts);
}

void put_volumes(Context& context, const Unit& unit, Map spec) {
  const model::Workload& w = unit.workload;
  List volumes = context.arena.list();
  for (const model::Mount& mount : w.mount)
    if (!(unit.stateful() && mount.from.claim)) put_volume(context, unit, mount, volumes);
  for (const auto* containers : {&w.init, &w.sidecar})
    for (const model::Container& c : *containers)
      for (const model::Mount& mount : c.mount)
        if (!(unit.stateful() && mount.from.claim)) put_volume(context, unit, mount, volumes);
  put_file_volumes(context, unit, volumes);
  if (needs_temporary(w) && !holds(*volumes.node(), "name", "tmp"))
    volumes.map().set("name", "tmp").map("emptyDir");
  if (!volumes.empty()) spec.set("volumes", volumes);
}

}  // namespace lab::lower::kubernetes
