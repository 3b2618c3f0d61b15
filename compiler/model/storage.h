// Storage and backups: what stdlib/core/storage.lab declares, field by field in its order.
#pragma once
#include "compiler/model/endpoints.h"
#include "compiler/model/kinds.h"
#include "compiler/model/prop.h"

namespace lab::model {

/// A way to make volumes on demand.
struct StorageClass : Named {
  static constexpr std::string_view kind = "storage-class";
  Opt<AnyRef> export_;
  Prop<Text> provisioner;
  Prop<bool> per_claim;
  Prop<bool> retain;
  List<Prop<Text>> options;
  Prop<Text> mode;
  Prop<Text> binding;
  Prop<bool> default_;
  Prop<bool> expand;
  Prop<std::int64_t> replicas;
  Map<Text> parameters;
  template <class V>
  static void fields(V&& v) {
    v("export", &StorageClass::export_);
    v("provisioner", &StorageClass::provisioner);
    v("per-claim", &StorageClass::per_claim);
    v("retain", &StorageClass::retain);
    v("options", &StorageClass::options);
    v("mode", &StorageClass::mode);
    v("binding", &StorageClass::binding);
    v("default", &StorageClass::default_);
    v("expand", &StorageClass::expand);
    v("replicas", &StorageClass::replicas);
    v("parameters", &StorageClass::parameters);
  }
};

/// A volume that exists or is made once, by name.
struct Volume : Named {
  static constexpr std::string_view kind = "volume";
  Prop<Ref<Namespace>> in;
  Opt<AnyRef> export_;
  Opt<Ref<StorageClass>> class_;
  Prop<Size> size;
  Prop<Text> access;
  Prop<bool> read_only;
  List<Prop<Text>> options;
  Prop<Text> backup;
  template <class V>
  static void fields(V&& v) {
    v("in", &Volume::in);
    v("export", &Volume::export_);
    v("class", &Volume::class_);
    v("size", &Volume::size);
    v("access", &Volume::access);
    v("read-only", &Volume::read_only);
    v("options", &Volume::options);
    v("backup", &Volume::backup);
  }
};

/// A bucket of an object store.
struct Bucket : Named {
  static constexpr std::string_view kind = "bucket";
  Prop<AnyRef> on;
  Prop<MaybeSecret> key;
  Prop<MaybeSecret> secret;
  Opt<Text> endpoint;
  Prop<Text> region;
  Opt<Text> bucket;
  template <class V>
  static void fields(V&& v) {
    v("on", &Bucket::on);
    v("key", &Bucket::key);
    v("secret", &Bucket::secret);
    v("endpoint", &Bucket::endpoint);
    v("region", &Bucket::region);
    v("bucket", &Bucket::bucket);
  }
};

/// What makes a backup.
struct BackupEngine {
  static constexpr std::string_view schema = "backup-engine";
  Text tag;
  Origin at = 0;
  struct Velero {
    Origin at = 0;
    Prop<Text> version;
    template <class V>
    static void fields(V&& v) {
      v("version", &Velero::version);
    }
  };
  struct Volsync {
    Origin at = 0;
    Prop<Text> version;
    template <class V>
    static void fields(V&& v) {
      v("version", &Volsync::version);
    }
  };
  Opt<Velero> velero;
  Opt<Volsync> volsync;
  /// Words: zfs, snapshot, etcd-snapshot.
  [[nodiscard]] bool is(std::string_view t) const { return tag == t; }
  template <class V>
  static void alternatives(V&& v) {
    v("velero", &BackupEngine::velero);
    v("volsync", &BackupEngine::volsync);
  }
};

/// Copies of things in another place: `backup NAME of THINGS to PLACE { schedule = "0 3 * * *", keep = 14d
/// }`.
struct Backup : Named {
  static constexpr std::string_view kind = "backup";
  List<Prop<AnyRef>> of;
  Prop<AnyRef> to;
  Opt<Text> schedule;
  Prop<Duration> keep;
  Opt<BackupEngine> with;
  Prop<Text> when;
  template <class V>
  static void fields(V&& v) {
    v("of", &Backup::of);
    v("to", &Backup::to);
    v("schedule", &Backup::schedule);
    v("keep", &Backup::keep);
    v("with", &Backup::with);
    v("when", &Backup::when);
  }
};

}  // namespace lab::model
