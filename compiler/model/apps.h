// Workloads, charts and manifests: what stdlib/core/apps.lab declares, field by field in its order.
#pragma once
#include "compiler/model/cluster.h"
#include "compiler/model/identity.h"
#include "compiler/model/ingress.h"
#include "compiler/model/kinds.h"
#include "compiler/model/prop.h"
#include "compiler/model/settings.h"

namespace lab::model {

/// A port of a workload: `port http = 8989`, `port bt = tcp+udp/50413`.
struct AppPort : Named {
  static constexpr std::string_view schema = "app-port";
  Prop<PortSpec> number;
  Opt<std::int64_t> service;
  Prop<Text> protocol;
  template <class V>
  static void fields(V&& v) {
    v("number", &AppPort::number);
    v("service", &AppPort::service);
    v("protocol", &AppPort::protocol);
  }
};

/// The value of a variable: a port is its number, `none` leaves the variable out, and `field("status.podIP")`
/// is what Kubernetes knows of the pod.
struct EnvValue {
  static constexpr std::string_view schema = "env-value";
  Text tag;
  Origin at = 0;
  struct Field {
    Origin at = 0;
    Prop<Text> path;
    template <class V>
    static void fields(V&& v) {
      v("path", &Field::path);
    }
  };
  struct Resource {
    Origin at = 0;
    Prop<Text> name;
    template <class V>
    static void fields(V&& v) {
      v("name", &Resource::name);
    }
  };
  Opt<Field> field;
  Opt<Resource> resource;
  /// Every scalar as text; a port is its number.
  Opt<MaybeSecret> value;
  /// Words: none.
  static constexpr bool has_none = true;
  [[nodiscard]] bool is(std::string_view t) const { return tag == t; }
  template <class V>
  static void alternatives(V&& v) {
    v("field", &EnvValue::field);
    v("resource", &EnvValue::resource);
    v.scalar(&EnvValue::value);
  }
};

/// A variable of the environment: `env TZ = lab.timezone`.
struct EnvVar : Named {
  static constexpr std::string_view schema = "env-var";
  EnvValue value;
  template <class V>
  static void fields(V&& v) {
    v("value", &EnvVar::value);
  }
};

/// A file that a workload sees; a Secret when anything in it is secret.
struct AppFile : Named {
  static constexpr std::string_view schema = "app-file";
  Prop<MaybeSecret> text;
  Prop<Text> mode;
  template <class V>
  static void fields(V&& v) {
    v("text", &AppFile::text);
    v("mode", &AppFile::mode);
  }
};

/// What is mounted at a path.
struct MountSource {
  static constexpr std::string_view schema = "mount-source";
  Text tag;
  Origin at = 0;
  struct Claim {
    Origin at = 0;
    Prop<Size> size;
    Opt<Text> name;
    Opt<Ref<StorageClass>> class_;
    Prop<Text> access;
    Prop<Text> backup;
    template <class V>
    static void fields(V&& v) {
      v("size", &Claim::size);
      v("name", &Claim::name);
      v("class", &Claim::class_);
      v("access", &Claim::access);
      v("backup", &Claim::backup);
    }
  };
  struct Scratch {
    Origin at = 0;
    Prop<Text> medium;
    Opt<Size> size;
    template <class V>
    static void fields(V&& v) {
      v("medium", &Scratch::medium);
      v("size", &Scratch::size);
    }
  };
  struct Shared {
    Origin at = 0;
    Prop<Text> name;
    template <class V>
    static void fields(V&& v) {
      v("name", &Shared::name);
    }
  };
  struct HostPath {
    Origin at = 0;
    Prop<Text> path;
    template <class V>
    static void fields(V&& v) {
      v("path", &HostPath::path);
    }
  };
  Opt<Claim> claim;
  Opt<Scratch> scratch;
  Opt<Shared> shared;
  Opt<HostPath> host_path;
  AnyRef ref;
  [[nodiscard]] bool is(std::string_view t) const { return tag == t; }
  template <class V>
  static void alternatives(V&& v) {
    v("claim", &MountSource::claim);
    v("scratch", &MountSource::scratch);
    v("shared", &MountSource::shared);
    v("host-path", &MountSource::host_path);
    v.reference(&MountSource::ref);
  }
};

/// What a workload sees at a path: `mount "/config" = claim(5GiB)`.
struct Mount : Named {
  static constexpr std::string_view schema = "mount";
  MountSource from;
  Prop<bool> read_only;
  Opt<Text> sub_path;
  template <class V>
  static void fields(V&& v) {
    v("from", &Mount::from);
    v("read-only", &Mount::read_only);
    v("sub-path", &Mount::sub_path);
  }
};

/// How it is seen that a workload works.
struct Health {
  static constexpr std::string_view schema = "health";
  Text tag;
  Origin at = 0;
  struct Http {
    Origin at = 0;
    Prop<Text> path;
    Opt<AnyRef> port;
    Prop<Duration> every;
    template <class V>
    static void fields(V&& v) {
      v("path", &Http::path);
      v("port", &Http::port);
      v("every", &Http::every);
    }
  };
  struct Tcp {
    Origin at = 0;
    Opt<AnyRef> port;
    Prop<Duration> every;
    template <class V>
    static void fields(V&& v) {
      v("port", &Tcp::port);
      v("every", &Tcp::every);
    }
  };
  struct Exec {
    Origin at = 0;
    List<Prop<Text>> command;
    Prop<Duration> every;
    template <class V>
    static void fields(V&& v) {
      v("command", &Exec::command);
      v("every", &Exec::every);
    }
  };
  Opt<Http> http;
  Opt<Tcp> tcp;
  Opt<Exec> exec;
  /// Words: none.
  static constexpr bool has_none = true;
  [[nodiscard]] bool is(std::string_view t) const { return tag == t; }
  template <class V>
  static void alternatives(V&& v) {
    v("http", &Health::http);
    v("tcp", &Health::tcp);
    v("exec", &Health::exec);
  }
};

/// What a container asks for and may use.
struct Resources {
  static constexpr std::string_view schema = "resources";
  Origin at = 0;
  Prop<Bounds<Cores>> cpu;
  Prop<Bounds<Size>> memory;
  template <class V>
  static void fields(V&& v) {
    v("cpu", &Resources::cpu);
    v("memory", &Resources::memory);
  }
};

/// As whom the containers run.
struct RunAs {
  static constexpr std::string_view schema = "run-as";
  Text tag;
  Origin at = 0;
  Opt<User> user;
  /// Words: image-default, root.
  [[nodiscard]] bool is(std::string_view t) const { return tag == t; }
  template <class V>
  static void alternatives(V&& v) {
    v("user", &RunAs::user);
  }
};

/// A container beside the main one, or before it. It sees the workload's mounts and files at their paths,
/// unless it has mounts of its own.
struct Container : Named {
  static constexpr std::string_view schema = "container";
  Prop<Text> image;
  List<Prop<Text>> command;
  List<Prop<Text>> args;
  Opt<RunAs> run;
  List<EnvVar> env;
  List<Prop<Ref<Secret>>> env_from;
  List<Mount> mount;
  Resources resources;
  List<Prop<Text>> capabilities;
  Prop<bool> privileged;
  Opt<Health> health;
  template <class V>
  static void fields(V&& v) {
    v("image", &Container::image);
    v("command", &Container::command);
    v("args", &Container::args);
    v("run", &Container::run);
    v("env", &Container::env);
    v("env-from", &Container::env_from);
    v("mount", &Container::mount);
    v("resources", &Container::resources);
    v("capabilities", &Container::capabilities);
    v("privileged", &Container::privileged);
    v("health", &Container::health);
  }
};

/// Numbers of replicas between which a measure decides.
struct Autoscale {
  static constexpr std::string_view schema = "autoscale";
  Origin at = 0;
  Prop<std::int64_t> min;
  Prop<std::int64_t> max;
  Prop<Percent> cpu;
  template <class V>
  static void fields(V&& v) {
    v("min", &Autoscale::min);
    v("max", &Autoscale::max);
    v("cpu", &Autoscale::cpu);
  }
};

/// How many replicas.
struct Replicas {
  static constexpr std::string_view schema = "replicas";
  Text tag;
  Origin at = 0;
  Opt<std::int64_t> number;
  Opt<Autoscale> autoscale;
  [[nodiscard]] bool is(std::string_view t) const { return tag == t; }
  template <class V>
  static void alternatives(V&& v) {
    v.scalar(&Replicas::number);
    v("autoscale", &Replicas::autoscale);
  }
};

/// Use of the Kubernetes API.
struct ApiAccess {
  static constexpr std::string_view schema = "api-access";
  Origin at = 0;
  List<Prop<Text>> get;
  List<Prop<Text>> write;
  Prop<bool> own_namespace;
  template <class V>
  static void fields(V&& v) {
    v("get", &ApiAccess::get);
    v("write", &ApiAccess::write);
    v("own-namespace", &ApiAccess::own_namespace);
  }
};

/// A tile on a start page.
struct Dashboard {
  static constexpr std::string_view schema = "dashboard";
  Origin at = 0;
  Prop<Text> group;
  Opt<Text> icon;
  Opt<Text> description;
  Prop<Data> widget;
  template <class V>
  static void fields(V&& v) {
    v("group", &Dashboard::group);
    v("icon", &Dashboard::icon);
    v("description", &Dashboard::description);
    v("widget", &Dashboard::widget);
  }
};

/// How replicas are kept on different machines.
struct Spread {
  static constexpr std::string_view schema = "spread";
  Origin at = 0;
  Prop<Text> over;
  Prop<bool> strict;
  template <class V>
  static void fields(V&& v) {
    v("over", &Spread::over);
    v("strict", &Spread::strict);
  }
};

/// What apps, jobs and cron jobs share.
struct Workload : Named {
  Opt<Ref<Namespace>> in;
  Opt<Ref<Server>> on;
  Prop<Text> image;
  List<Prop<Text>> command;
  List<Prop<Text>> args;
  RunAs run;
  List<AppPort> port;
  List<EnvVar> env;
  List<Prop<Ref<Secret>>> env_from;
  List<AppFile> file;
  List<Mount> mount;
  Resources resources;
  Prop<bool> privileged;
  Prop<bool> host_network;
  Prop<bool> writable_root;
  Prop<bool> escalation;
  List<Prop<Text>> capabilities;
  Prop<Text> gpu;
  List<Endpoint> calls;
  List<Container> sidecar;
  List<Container> init;
  Opt<ApiAccess> api;
  List<Prop<AnyRef>> nodes;
  Map<Text> node_labels;
  List<Taint> tolerate;
  Opt<Text> priority;
  Prop<Duration> grace;
  Map<Text> labels;
  Map<Text> annotations;
  Prop<Data> raw;
  template <class V>
  static void fields(V&& v) {
    v("in", &Workload::in);
    v("on", &Workload::on);
    v("image", &Workload::image);
    v("command", &Workload::command);
    v("args", &Workload::args);
    v("run", &Workload::run);
    v("port", &Workload::port);
    v("env", &Workload::env);
    v("env-from", &Workload::env_from);
    v("file", &Workload::file);
    v("mount", &Workload::mount);
    v("resources", &Workload::resources);
    v("privileged", &Workload::privileged);
    v("host-network", &Workload::host_network);
    v("writable-root", &Workload::writable_root);
    v("escalation", &Workload::escalation);
    v("capabilities", &Workload::capabilities);
    v("gpu", &Workload::gpu);
    v("calls", &Workload::calls);
    v("sidecar", &Workload::sidecar);
    v("init", &Workload::init);
    v("api", &Workload::api);
    v("nodes", &Workload::nodes);
    v("node-labels", &Workload::node_labels);
    v("tolerate", &Workload::tolerate);
    v("priority", &Workload::priority);
    v("grace", &Workload::grace);
    v("labels", &Workload::labels);
    v("annotations", &Workload::annotations);
    v("raw", &Workload::raw);
  }
};

/// What runs all the time: in a namespace of a cluster, or on a server.
struct App : Workload {
  static constexpr std::string_view kind = "app";
  Prop<Text> kind_;
  Replicas replicas;
  Health health;
  Prop<Duration> startup;
  List<Door> expose;
  Opt<OidcClient> oidc;
  Opt<AnyRef> metrics;
  Prop<Text> metrics_path;
  Opt<Text> update;
  Opt<Spread> spread;
  Opt<std::int64_t> unavailable;
  Opt<Dashboard> dashboard;
  Opt<SecretDelivery> secrets;
  Opt<Text> host;
  Opt<Text> url;
  Opt<Ip> address;
  Prop<Text> service;
  Opt<Text> internal_url;
  template <class V>
  static void fields(V&& v) {
    Workload::fields(v);
    v("kind", &App::kind_);
    v("replicas", &App::replicas);
    v("health", &App::health);
    v("startup", &App::startup);
    v("expose", &App::expose);
    v("oidc", &App::oidc);
    v("metrics", &App::metrics);
    v("metrics-path", &App::metrics_path);
    v("update", &App::update);
    v("spread", &App::spread);
    v("unavailable", &App::unavailable);
    v("dashboard", &App::dashboard);
    v("secrets", &App::secrets);
    v("host", &App::host);
    v("url", &App::url);
    v("address", &App::address);
    v("service", &App::service);
    v("internal-url", &App::internal_url);
  }
};

/// What runs once.
struct Job : Workload {
  static constexpr std::string_view kind = "job";
  Prop<std::int64_t> retries;
  Prop<Duration> deadline;
  template <class V>
  static void fields(V&& v) {
    Workload::fields(v);
    v("retries", &Job::retries);
    v("deadline", &Job::deadline);
  }
};

/// What runs by the clock.
struct Cron : Workload {
  static constexpr std::string_view kind = "cron";
  Prop<Text> schedule;
  Prop<Text> overlap;
  Prop<std::int64_t> retries;
  Prop<Duration> deadline;
  Prop<std::int64_t> keep;
  template <class V>
  static void fields(V&& v) {
    Workload::fields(v);
    v("schedule", &Cron::schedule);
    v("overlap", &Cron::overlap);
    v("retries", &Cron::retries);
    v("deadline", &Cron::deadline);
    v("keep", &Cron::keep);
  }
};

/// A workload of a chart: what the lab must know to call and protect it.
struct HelmWorkload : Named {
  static constexpr std::string_view schema = "helm-workload";
  Map<Text> selector;
  List<AppPort> port;
  Opt<Text> service;
  List<Endpoint> calls;
  Prop<bool> api;
  List<Prop<std::int64_t>> webhook;
  Opt<std::int64_t> metrics;
  Prop<bool> scrapes;
  Opt<Ref<Vpn>> routes;
  Prop<std::int64_t> replicas;
  Prop<bool> host_network;
  template <class V>
  static void fields(V&& v) {
    v("selector", &HelmWorkload::selector);
    v("port", &HelmWorkload::port);
    v("service", &HelmWorkload::service);
    v("calls", &HelmWorkload::calls);
    v("api", &HelmWorkload::api);
    v("webhook", &HelmWorkload::webhook);
    v("metrics", &HelmWorkload::metrics);
    v("scrapes", &HelmWorkload::scrapes);
    v("routes", &HelmWorkload::routes);
    v("replicas", &HelmWorkload::replicas);
    v("host-network", &HelmWorkload::host_network);
  }
};

/// A chart: `helm NAME in NS { chart = "oci://…", version = 1.2.3, values { … } }`.
struct Helm : Named {
  static constexpr std::string_view kind = "helm";
  Prop<Ref<Namespace>> in;
  Prop<Text> chart;
  Opt<Text> repo;
  Prop<Text> version;
  Opt<Text> release;
  Prop<Data> values;
  Prop<bool> unchecked;
  List<Prop<Ref<Secret>>> secrets;
  List<Prop<Text>> restart_annotations;
  Prop<bool> crds;
  Prop<Text> pod_security;
  List<HelmWorkload> workload;
  List<Door> expose;
  Opt<OidcClient> oidc;
  Opt<Dashboard> dashboard;
  Opt<Text> host;
  Opt<Text> url;
  template <class V>
  static void fields(V&& v) {
    v("in", &Helm::in);
    v("chart", &Helm::chart);
    v("repo", &Helm::repo);
    v("version", &Helm::version);
    v("release", &Helm::release);
    v("values", &Helm::values);
    v("unchecked", &Helm::unchecked);
    v("secrets", &Helm::secrets);
    v("restart-annotations", &Helm::restart_annotations);
    v("crds", &Helm::crds);
    v("pod-security", &Helm::pod_security);
    v("workload", &Helm::workload);
    v("expose", &Helm::expose);
    v("oidc", &Helm::oidc);
    v("dashboard", &Helm::dashboard);
    v("host", &Helm::host);
    v("url", &Helm::url);
  }
};

/// Any Kubernetes object: `manifest NAME in NS { apiVersion = "…", kind = "…", spec { … } }` or
/// `manifest NAME = text("x.yaml")`.
struct Manifest : Named {
  static constexpr std::string_view kind = "manifest";
  Opt<Text> text;
  Opt<Ref<Namespace>> in;
  Opt<Ref<Cluster>> of;
  Map<Data> rest;
  template <class V>
  static void fields(V&& v) {
    v("text", &Manifest::text);
    v("in", &Manifest::in);
    v("of", &Manifest::of);
    v("rest", &Manifest::rest);
  }
};

}  // namespace lab::model
