// Lowering to Kubernetes and Argo CD, from labs in Lab to files.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>

#include "compiler/emit/render.h"
#include "compiler/lower/lower.h"
#include "compiler/session/session.h"

using namespace lab;

namespace {

constexpr std::string_view preamble = R"(
lab home {
  domain    = "example.net"
  timezone  = "Europe/Brussels"
  operators = ["age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs3290gq"]
  gitops    = argocd { repo = "https://git.example.net/home.git", path = "out/kubernetes" }
}
network lan { cidr = 192.168.1.0/24, gateway = .1, range lb = .200-.220 }
host box on lan { address = .10, cores = 4, memory = 16GiB }
nas store on lan { address = .5, export data { path = "/tank/data" } }
cluster home {
  distribution  = k3s { version = "v1.35.1+k3s1" }
  control-plane = [box]
  cni           = cilium { version = 1.19.1, announce = l2(lan.lb) }
}
namespace media
)";

/// A lab lowered; `text` stands below the preamble.
struct Lowered {
  source::MemoryFileSystem files;
  std::unique_ptr<session::Snapshot> snapshot;
  lower::Bundle bundle;
  emit::Rendered rendered;

  explicit Lowered(const std::string& text) {
    files.files["lab/lab.lab"] = std::string(preamble) + text;
    session::Request request;
    request.folder = "lab";
    snapshot = session::compile(files, request);
    for (const auto& d : snapshot->sink.all()) UNSCOPED_INFO(d.message);
    REQUIRE(snapshot->complete);
    lower::Options options;
    options.locate = [this](document::Origin origin) { return snapshot->span(origin); };
    options.flows = [this]() -> const flows::World& { return snapshot->oracle->world(); };
    bundle = lower::lower(snapshot->lab, snapshot->sink, options);
    rendered = emit::render(bundle);
  }
  std::string operator[](std::string_view path) const {
    const emit::File* file = rendered.find(path);
    return file == nullptr ? "(no such file)" : std::string(rendered.text(*file));
  }
  [[nodiscard]] bool reports(diagnostics::Code code) const {
    const auto& all = snapshot->sink.all();
    return std::any_of(all.begin(), all.end(), [&](const auto& d) { return d.code == code; });
  }
  /// Of an Application.
  [[nodiscard]] int wave(const std::string& application) const {
    for (const emit::File& file : rendered.files) {
      const std::string_view path = file.path;
      if (!path.starts_with("gitops/") || !path.ends_with("/" + application + ".yaml")) continue;
      const std::string_view text = rendered.text(file);
      const std::string_view key = "sync-wave: \"";
      return std::stoi(std::string(text.substr(text.find(key) + key.size(), 4)));
    }
    FAIL("no Application " << application);
    return 0;
  }
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const std::string web = R"(app web in media { image = "docker.io/library/nginx:1.29.3", port http = 8080 })";

}  // namespace

TEST_CASE("a plain app is as strict as Kubernetes allows") {
  const Lowered lab(web);
  CHECK(lab["kubernetes/media/web/deployment.yaml"] == R"(apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: media
  labels:
    app.kubernetes.io/name: web
    app.kubernetes.io/instance: web
    app.kubernetes.io/part-of: home
    app.kubernetes.io/managed-by: lab
spec:
  replicas: 1
  selector:
    matchLabels:
      app.kubernetes.io/name: web
  template:
    metadata:
      labels:
        app.kubernetes.io/name: web
        app.kubernetes.io/instance: web
        app.kubernetes.io/part-of: home
        app.kubernetes.io/managed-by: lab
    spec:
      automountServiceAccountToken: false
      enableServiceLinks: false
      securityContext:
        runAsNonRoot: true
        runAsUser: 65534
        runAsGroup: 65534
        fsGroup: 65534
        fsGroupChangePolicy: OnRootMismatch
        seccompProfile:
          type: RuntimeDefault
      containers:
        - name: web
          image: docker.io/library/nginx:1.29.3
          ports:
            - name: http
              containerPort: 8080
          resources:
            requests:
              cpu: 10m
              memory: 64Mi
            limits:
              memory: 256Mi
          volumeMounts:
            - name: tmp
              mountPath: /tmp
          livenessProbe:
            tcpSocket:
              port: http
          readinessProbe:
            tcpSocket:
              port: http
          startupProbe:
            tcpSocket:
              port: http
            failureThreshold: 30
          securityContext:
            allowPrivilegeEscalation: false
            capabilities:
              drop:
                - ALL
            readOnlyRootFilesystem: true
      volumes:
        - name: tmp
          emptyDir: {}
)");
  CHECK(contains(lab["kubernetes/media/namespace.yaml"], "enforce: restricted"));
}

TEST_CASE("a relaxation raises the level of its namespace alone") {
  const auto level = [](const std::string& body) {
    const Lowered lab("app x in media { image = \"docker.io/library/nginx:1.29.3\", " + body +
                      " }\nnamespace other\n" +
                      "app y in other { image = \"docker.io/library/nginx:1.29.3\" }");
    CHECK(contains(lab["kubernetes/other/namespace.yaml"], "enforce: restricted"));
    const std::string ns = lab["kubernetes/media/namespace.yaml"];
    return ns.substr(ns.find("enforce: ") + 9,
                     ns.find('\n', ns.find("enforce: ")) - ns.find("enforce: ") - 9);
  };
  CHECK(level("run = root because \"test\"") == "baseline");
  CHECK(level("run = image-default because \"test\"") == "baseline");
  CHECK(level("escalation = true because \"test\"") == "baseline");
  CHECK(level("writable-root = true because \"test\"") == "restricted");
  CHECK(level("capabilities = [NET_BIND_SERVICE] because \"test\"") == "restricted");
  CHECK(level("capabilities = [CHOWN] because \"test\"") == "baseline");
  CHECK(level("capabilities = [NET_ADMIN] because \"test\"") == "privileged");
  CHECK(level("host-network = true because \"test\"") == "privileged");
  CHECK(level("privileged = true because \"test\"") == "privileged");
  CHECK(level("raw { deployment { spec { template { spec { hostPID = true } } } } }") == "privileged");
}

TEST_CASE("pods restart when a public file changes, and only then") {
  const auto deployment = [](const std::string& text) {
    return Lowered("app x in media { image = \"docker.io/library/nginx:1.29.3\", file \"/etc/x.conf\" = \"" +
                   text + "\" }")["kubernetes/media/x/deployment.yaml"];
  };
  CHECK(contains(deployment("a"), "checksum/config: "));
  CHECK(deployment("a") == deployment("a"));
  CHECK(deployment("a") != deployment("b"));
}

TEST_CASE("raw joins lists by their merge keys") {
  const Lowered lab(R"(app x in media {
  image = "docker.io/library/nginx:1.29.3"
  env A = "1"
  raw { deployment { spec { minReadySeconds = 5, template { spec { containers = [
    { name = "x", env = [{ name = "A", value = "2" }, { name = "B", value = "3" }] },
    { name = "side", image = "docker.io/library/busybox:1.37.0" }
  ] } } } } }
})");
  const std::string text = lab["kubernetes/media/x/deployment.yaml"];
  CHECK(contains(text, "minReadySeconds: 5"));
  CHECK(contains(text,
                 "- name: A\n              value: \"2\"\n            - name: B\n              value: \"3\""));
  CHECK(contains(text, "image: docker.io/library/nginx:1.29.3"));
  CHECK(contains(text, "- name: side\n          image: docker.io/library/busybox:1.37.0"));
}

TEST_CASE("an exclusive claim is released before it is taken again") {
  const Lowered lab(R"(
storage-class nfs { export = store.data, default = true }
app x in media { image = "docker.io/library/nginx:1.29.3", mount "/config" = claim(1GiB) }
app y in media { image = "docker.io/library/nginx:1.29.3", mount "/config" = claim { size = 1GiB, access = many } }
)");
  CHECK(contains(lab["kubernetes/media/x/deployment.yaml"], "type: Recreate"));
  CHECK_FALSE(contains(lab["kubernetes/media/y/deployment.yaml"], "Recreate"));
  CHECK(contains(lab["kubernetes/media/x/claim-config.yaml"], "storageClassName: nfs"));
  CHECK(contains(lab["kubernetes/media/x/claim-config.yaml"], "name: x-config"));
}

TEST_CASE("secrets are named by the language's rule") {
  const Lowered lab(R"(
secret plain = hex(16)
secret set { user = "admin", password = password(32) }
app x in media {
  image = "docker.io/library/nginx:1.29.3"
  env PLAIN = secret.plain
  env PASSWORD = secret.set.password
  env-from = [secret.set]
}
)");
  const std::string text = lab["kubernetes/media/x/deployment.yaml"];
  CHECK(contains(text,
                 "name: PLAIN\n              valueFrom:\n                secretKeyRef:\n                  "
                 "name: x\n                  key: PLAIN"));
  CHECK(contains(text, "secretKeyRef:\n                  name: set\n                  key: password"));
  CHECK(contains(text, "envFrom:\n            - secretRef:\n                name: set"));
}

TEST_CASE("budgets and spread come with the second replica") {
  const Lowered one(web);
  CHECK(one["kubernetes/media/web/pod-disruption-budget.yaml"] == "(no such file)");
  const Lowered two(R"(app web in media { image = "docker.io/library/nginx:1.29.3", replicas = 2 })");
  CHECK(contains(two["kubernetes/media/web/pod-disruption-budget.yaml"], "maxUnavailable: 1"));
  CHECK(contains(two["kubernetes/media/web/deployment.yaml"], "topologyKey: kubernetes.io/hostname"));
}

TEST_CASE("an address of its own is asked for by annotation, udp and tcp ports by their own names") {
  const Lowered lab(R"(app bt in media {
  image = "docker.io/library/nginx:1.29.3"
  port bt = tcp+udp/50413
  expose at lan.lb[.203]
})");
  const std::string service = lab["kubernetes/media/bt/load-balancer.yaml"];
  CHECK(contains(service, "lbipam.cilium.io/ips: 192.168.1.203"));
  CHECK(contains(service, "name: bt\n      port: 50413\n      targetPort: bt"));
  CHECK(contains(service, "name: bt-udp\n      port: 50413\n      targetPort: bt-udp\n      protocol: UDP"));
}

TEST_CASE("waves follow from references, and calls give way in circles") {
  const Lowered lab(R"(
secret token = given
issuer le { email = "a@example.net", dns01 = cloudflare { token = secret.token } }
gateway inner in kube-system { address = lan.lb[.201], domain = "int.example.net", tls = le }
app web in media {
  image = "docker.io/library/nginx:1.29.3", port http = 8080, calls = [other.http]
  expose via inner { auth = none because "test" }
}
app other in media { image = "docker.io/library/nginx:1.29.3", port http = 8080, calls = [web.http] }
app last in media { image = "docker.io/library/nginx:1.29.3", calls = [web.http] }
)");
  CHECK(lab.wave("media-namespace") < lab.wave("web"));
  CHECK(lab.wave("cilium") < lab.wave("load-balancer"));
  CHECK(lab.wave("issuers") < lab.wave("inner"));
  CHECK(lab.wave("load-balancer") < lab.wave("inner"));
  CHECK(lab.wave("inner") < lab.wave("web"));
  CHECK(lab.wave("web") < lab.wave("last"));
  CHECK(lab.wave("other") < lab.wave("last"));
  CHECK_FALSE(lab.snapshot->sink.has_errors());
}

TEST_CASE("a circle of hard references is an error") {
  const Lowered lab(R"(
namespace longhorn
storage-class fast { provisioner = "longhorn", default = true }
helm longhorn in longhorn {
  chart = "longhorn", repo = "https://charts.longhorn.io", version = 1.10.0, unchecked = true because "test"
  values { persistence { enabled = true } }
}
)");
  CHECK(lab.reports(diagnostics::Code::order_cycle));
}

TEST_CASE("each manifest is listed by the one kustomization of its folder, and each line has an origin") {
  const Lowered lab(web + R"(
manifest settings in media { apiVersion = "v1", kind = "ConfigMap", data { a = "b" } }
volume data in media { export = store.data, size = 1TiB, access = many }
)");
  std::map<std::string, std::set<std::string>> files;
  for (const emit::File& file : lab.rendered.files) {
    const std::string path(file.path);
    if (!path.starts_with("kubernetes/")) continue;
    const std::size_t slash = path.rfind('/');
    files[path.substr(0, slash)].insert(path.substr(slash + 1));
    if (path.ends_with("/kustomization.yaml")) continue;
    for (const auto& line : lab.rendered.origins(file)) CHECK(line.origin != 0);
  }
  CHECK(files.count("kubernetes/media/media-volumes") == 1);
  for (const auto& [folder, names] : files) {
    const std::string text = lab[folder + "/kustomization.yaml"];
    for (const std::string& name : names)
      if (name != "kustomization.yaml") CHECK(contains(text, "- " + name + "\n"));
  }
}
