// Storage classes, and volumes that are there already: a PersistentVolume bound to its claim by name.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "compiler/lower/kubernetes/names.h"
#include "compiler/lower/kubernetes/rules.h"

namespace lab::lower::kubernetes {

namespace {

constexpr std::string_view rule_name = "kubernetes.storage";
constexpr std::string_view nfs_driver = "nfs.csi.k8s.io";
constexpr types::Size nominal_size{std::int64_t{1} << 40, false};  // of an export mounted without a volume

struct Provisioner {
  std::string_view word;
  std::string_view driver;
};
constexpr std::array provisioners = {
    Provisioner{"nfs", nfs_driver},
    Provisioner{"longhorn", "driver.longhorn.io"},
    Provisioner{"local-path", "rancher.io/local-path"},
    Provisioner{"proxmox", "csi.proxmox.sinextra.dev"},
    Provisioner{"ceph-rbd", "rook-ceph.rbd.csi.ceph.com"},
};

std::string_view driver_of(std::string_view word) {
  for (const Provisioner& p : provisioners)
    if (p.word == word) return p.driver;
  return word;
}

struct Export {
  const model::Nas* nas = nullptr;
  const model::NasExport* of = nullptr;
  std::string server;
  Origin server_at = 0;
};

Export export_of(const Context& context, const model::AnyRef& ref) {
  Export out{context.lab.owner<model::Nas>(ref), context.lab.export_of(ref), {}, 0};
  if (out.nas == nullptr) return out;
  const model::Opt<types::Ip> address = context.lab.ip_of(context.lab.any_of(*out.nas));
  if (address) out.server = address->format();
  out.server_at = address.at;
  return out;
}

/// The options said, and the protocol version of the NAS unless they name one.
void put_mount_options(const std::vector<model::Prop<Text>>& options, const Export* from, Map to) {
  const bool has_version = std::any_of(options.begin(), options.end(), [](const auto& option) {
    return option->starts_with("nfsvers=") || option->starts_with("vers=");
  });
  const bool version = from != nullptr && from->nas != nullptr && !has_version;
  if (options.empty() && !version) return;
  List list = to.list("mountOptions");
  if (version) {
    const model::Prop<Text>& spelled = from->nas->nfs.version;
    const std::string_view number = spelled->starts_with('v') ? spelled->substr(1) : *spelled;
    list.add(fmt::format("nfsvers={}", number), spelled.at);
  }
  for (const auto& option : options) list.add(*option, option.at);
}

void put_nfs_parameters(const model::StorageClass& storage, const Export& from, Map parameters) {
  parameters.set("server", from.server, from.server_at);
  parameters.set("share", *from.of->path, from.of->path.at);
  if (*storage.per_claim)
    parameters.set("subDir", "${pvc.metadata.namespace}/${pvc.metadata.name}", storage.per_claim.at);
  parameters.set("mountPermissions", *storage.mode, storage.mode.at);
  parameters.set("onDelete", *storage.retain ? "retain" : "delete", storage.retain.at);
}

void lower_class(Context& context, const model::StorageClass& storage) {
  const Text name = context.object(storage.name);
  Object out = object(context, "storage.k8s.io/v1", "StorageClass", name, {});
  if (*storage.default_)
    out.metadata.map("annotations")
        .set("storageclass.kubernetes.io/is-default-class", "true", storage.default_.at);
  out.root.set("provisioner", driver_of(*storage.provisioner), storage.provisioner.at);
  const Export from = storage.export_ ? export_of(context, *storage.export_) : Export{};
  Map parameters = context.arena.map();
  if (from.of != nullptr) put_nfs_parameters(storage, from, parameters);
  if (*storage.provisioner == "longhorn")
    parameters.set("numberOfReplicas", fmt::format("{}", *storage.replicas), storage.replicas.at);
  for (const auto& p : storage.parameters) parameters.set(p.name, p.value, p.at);
  if (!parameters.empty()) out.root.set("parameters", parameters);
  put_mount_options(storage.options, from.nas != nullptr ? &from : nullptr, out.root);
  out.root.set("reclaimPolicy", *storage.retain ? "Retain" : "Delete", storage.retain.at);
  out.root.set("volumeBindingMode",
               *storage.binding == "first-consumer" ? "WaitForFirstConsumer" : "Immediate",
               storage.binding.at);
  if (*storage.expand) out.root.set("allowVolumeExpansion", true, storage.expand.at);
  const bool nfs = driver_of(*storage.provisioner) == nfs_driver;
  Folder(context, nfs ? context.nfs_namespace : Text("kube-system"), "storage-classes", storage.at)
      .add("storage-class-" + std::string(name), rule_name, out.root);
}

/// What a claim and its volume have in common.
struct Static {
  Text name;  // of the claim
  Text ns;
  types::Size size;
  Origin size_at = 0;
  std::string_view access;
  Origin access_at = 0;
  const std::vector<model::Prop<Text>>* options = nullptr;
  bool read_only = false;
  Origin at = 0;
};

Folder folder_of(Context& context, Text ns, Origin at) {
  const std::string unit = fmt::format("{}-volumes", ns);
  return Folder(context, ns, context.arena.keep(std::string_view(unit)), at);
}

void put_claim(Context& context, const Static& v, const std::string* volume, Text storage_class,
               Folder& folder) {
  Object claim = object(context, "v1", "PersistentVolumeClaim", v.name, v.ns);
  Map spec = claim.spec();
  spec.list("accessModes").add(v.access, v.access_at);
  if (volume != nullptr)
    spec.set("storageClassName", "").set("volumeName", *volume);
  else
    spec.set_nonempty("storageClassName", storage_class);
  spec.map("resources").map("requests").set("storage", v.size.to_kubernetes(), v.size_at);
  folder.add("claim-" + std::string(v.name), rule_name, claim.root);
}

void put_static(Context& context, const Static& v, const Export& from) {
  const std::string name = fmt::format("{}-{}", v.ns, v.name);
  Folder folder = folder_of(context, v.ns, v.at);
  Object volume = object(context, "v1", "PersistentVolume", name, {});
  Map spec = volume.spec();
  spec.map("capacity").set("storage", v.size.to_kubernetes(), v.size_at);
  spec.list("accessModes").add(v.access, v.access_at);
  spec.set("persistentVolumeReclaimPolicy", "Retain");
  spec.set("storageClassName", "");
  Map claim = spec.map("claimRef").set("name", v.name);
  claim.set("namespace", v.ns);
  put_mount_options(*v.options, &from, spec);
  Map csi = spec.map("csi").set("driver", nfs_driver);
  csi.set("volumeHandle", name);
  if (v.read_only) csi.set("readOnly", true);
  Map attributes = csi.map("volumeAttributes");
  attributes.set("server", from.server, from.server_at).set("share", *from.of->path, from.of->path.at);
  folder.add("volume-" + std::string(v.name), rule_name, volume.root);
  put_claim(context, v, &name, {}, folder);
}

void lower_volume(Context& context, const model::Volume& volume) {
  Static v{context.object(volume.name),
           context.name_of(*volume.in),
           *volume.size,
           volume.size.at,
           {},
           volume.access.at,
           &volume.options,
           *volume.read_only,
           volume.at};
  const bool many = *volume.access == "many";
  v.access = !many ? "ReadWriteOnce" : *volume.read_only ? "ReadOnlyMany" : "ReadWriteMany";
  if (volume.export_) {
    const Export from = export_of(context, *volume.export_);
    if (from.of != nullptr) put_static(context, v, from);
    return;
  }
  const model::StorageClass* storage = volume.class_ ? context.lab.find(*volume.class_) : nullptr;
  Folder folder = folder_of(context, v.ns, v.at);
  put_claim(context, v, nullptr, storage != nullptr ? context.object(storage->name) : context.default_class,
            folder);
}

/// Exports that workloads mount without a `volume`: one a namespace and export.
class Direct {
 public:
  explicit Direct(Context& context) : context_(context) {}
  template <class T>
  void visit(const std::vector<T>& store) {
    for (const T& w : store) {
      if (!w.in) continue;
      for (const model::Mount& mount : w.mount) visit(mount, *w.in);
      for (const auto* containers : {&w.init, &w.sidecar})
        for (const model::Container& c : *containers)
          for (const model::Mount& mount : c.mount) visit(mount, *w.in);
    }
  }

 private:
  void visit(const model::Mount& mount, Ref<model::Namespace> ns) {
    const model::AnyRef& ref = mount.from.ref;
    if (ref.kind != model::NasExport::schema) return;
    if (std::find(seen_.begin(), seen_.end(), std::pair{ns.index, ref}) != seen_.end()) return;
    seen_.emplace_back(ns.index, ref);
    const Export from = export_of(context_, ref);
    if (from.of == nullptr) return;
    const std::string name = export_claim(from.nas->name, ref.block);
    static const std::vector<model::Prop<Text>> no_options;
    put_static(context_,
               {context_.arena.keep(std::string_view(name)), context_.name_of(ns), nominal_size, from.of->at,
                "ReadWriteMany", from.of->at, &no_options, *from.of->read_only, from.of->at},
               from);
  }
  Context& context_;
  std::vector<std::pair<std::uint32_t, model::AnyRef>> seen_;
};

}  // namespace

void lower_storage_classes(Context& context) {
  for (const model::StorageClass& storage : context.lab.storage_classes) lower_class(context, storage);
}

void lower_volumes(Context& context) {
  for (const model::Volume& volume : context.lab.volumes) lower_volume(context, volume);
  Direct direct(context);
  direct.visit(context.lab.apps);
  direct.visit(context.lab.jobs);
  direct.visit(context.lab.crons);
}

}  // namespace lab::lower::kubernetes
