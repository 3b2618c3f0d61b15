// What a cluster needs before GitOps takes over: namespaces, definitions, the pod network, the key that
// decrypts, the GitOps controller; then its root Application.
//
// Charts are installed by a Job inside the cluster, on a node's own network, so that neither the machine that
// runs the plan nor the cluster needs a tool or a pod network for it. Later the GitOps controller finds the
// same release and takes it over; a Job that is there is never made again.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "compiler/lower/charts.h"
#include "compiler/lower/manifest_object.h"
#include "compiler/lower/plan/draft.h"
#include "compiler/lower/plan/json.h"
#include "compiler/lower/secret_leaf.h"

namespace lab::lower::plan {

namespace {

constexpr std::string_view rule_name = "plan.bootstrap";
constexpr std::string_view home = "kube-system";
constexpr std::string_view account = "lab-bootstrap";
/// Has helm, kubectl with kustomize, and git.
constexpr std::string_view tools_image = "docker.io/alpine/k8s:1.34.1";
/// Where every node of Talos reaches the API without a pod network (KubePrism).
constexpr std::string_view api_host = "localhost";
constexpr std::string_view api_port = "7445";

class Cluster {
 public:
  Cluster(Draft& draft, const model::Cluster& cluster)
      : draft_(draft),
        lab_(draft.lab),
        arena_(draft.arena),
        cluster_(cluster),
        ref_(lab_.ref_of(cluster)),
        group_(id_text(fmt::format("cluster/{}", cluster.name))) {}

  void run() {
    if (!draft_.has_step(id_kubeconfig())) return;
    add_namespaces();
    std::vector<std::string> definitions;
    for (const model::Helm& helm : lab_.helms)
      if (is_here(*helm.in) && is_definitions_chart(*helm.chart)) definitions.push_back(install(helm, {}));
    for (const model::Manifest& manifest : lab_.manifests)
      if (const auto id = install(manifest)) definitions.push_back(*id);
    std::vector<std::string> network;
    for (const model::Helm& helm : lab_.helms)
      if (is_here(*helm.in) && is_network_chart(*helm.chart)) network.push_back(install(helm, definitions));
    add_ready(network);
    add_gitops(definitions);
  }

 private:
  std::string id(std::string_view what) const { return kubernetes_step(cluster_.name, what); }
  std::string id_kubeconfig() const { return talos_step(cluster_.name, "kubeconfig"); }

  bool is_here(model::Ref<model::Namespace> ns) const { return ns.valid() && lab_.cluster_of(ns) == ref_; }

  Step& step(std::string_view what, std::string_view kind, std::string title, Origin at) {
    Step& out = draft_.step(id(what), kind, group_, std::move(title), at);
    out.of = lab_.any_of(cluster_);
    out.key.set("cluster", cluster_.name, cluster_.at);
    out.desired.set("kubeconfig", draft_.output(id_kubeconfig(), "kubeconfig"));
    out.after.push_back(id_kubeconfig());
    return out;
  }

  Step& apply(std::string_view what, std::string title, std::string_view stage, std::string_view mode,
              Origin at) {
    Step& out = step(what, "kubernetes.apply/1", std::move(title), at);
    out.key.set("inventory", arena_.keep(what));
    out.desired.list("documents");
    out.desired.set("stage", stage).set("mode", mode);
    out.on_change = {{"documents", "update"}};
    return out;
  }

  /// An object that must be in a state.
  Map wait_for(Step& step, std::string_view version, std::string_view kind, std::string_view ns,
               std::string_view name, std::string_view condition) {
    Map object = step.desired.list("for").map(step.at);
    object.set("apiVersion", version).set("kind", kind);
    object.set_nonempty("namespace", arena_.keep(ns));
    object.set("name", arena_.keep(name)).set("condition", condition);
    return object;
  }

  void add_namespaces() {
    std::vector<std::string> files;
    for (const model::Namespace& ns : lab_.namespaces) {
      if (!is_here(lab_.ref_of(ns))) continue;
      std::string path = fmt::format("kubernetes/{}/namespace.yaml", model::object_name(ns.name));
      const auto is_it = [&](const document::Artifact& artifact) { return artifact.path == path; };
      if (std::ranges::any_of(draft_.bundle.artifacts, is_it)) files.push_back(std::move(path));
    }
    if (files.empty()) return;
    std::ranges::sort(files);
    Step& out = apply("namespaces", fmt::format("namespaces of {}", cluster_.name), "namespaces", "if-absent",
                      cluster_.at);
    for (const std::string& file : files) out.desired.list("documents").add(draft_.artifact(file));
    namespaces_ = out.id;
  }

  /// The account that Jobs of this file run as, once a cluster.
  const std::string& access() {
    if (!access_.empty()) return access_;
    Map who = arena_.map(cluster_.at);
    who.set("apiVersion", "v1").set("kind", "ServiceAccount");
    who.map("metadata").set("name", account).set("namespace", home);
    Map binding = arena_.map(cluster_.at);
    binding.set("apiVersion", "rbac.authorization.k8s.io/v1").set("kind", "ClusterRoleBinding");
    binding.map("metadata").set("name", account);
    binding.map("roleRef").set("apiGroup", "rbac.authorization.k8s.io").set("kind", "ClusterRole");
    binding.map("roleRef").set("name", "cluster-admin");
    Map subject = binding.list("subjects").map();
    subject.set("kind", "ServiceAccount").set("name", account).set("namespace", home);
    const std::string path = fmt::format("bootstrap/{}/access.yaml", cluster_.name);
    draft_.bundle.add(path, rule_name, {who, binding});
    Step& out = apply("access", fmt::format("account of installers in {}", cluster_.name), "access",
                      "if-absent", cluster_.at);
    out.desired.list("documents").add(draft_.artifact(path));
    return access_ = out.id;
  }

  /// A Job that runs one command with the tools; `values` stands in a file beside it.
  std::string install(const std::string& name, const std::vector<std::string>& command,
                      const std::string& values, const std::vector<std::string>& after, Origin at) {
    const std::string job_name = fmt::format("install-{}", name);
    const std::string path = fmt::format("bootstrap/{}/{}.yaml", cluster_.name, name);
    const Map job = installer(job_name, command, !values.empty(), at);
    if (values.empty()) {
      draft_.bundle.add(path, rule_name, {job});
    } else {
      Map config = arena_.map(at);
      config.set("apiVersion", "v1").set("kind", "ConfigMap");
      config.map("metadata").set("name", job_name).set("namespace", home);
      config.map("data").set("values.json", values);
      draft_.bundle.add(path, rule_name, {config, job});
    }
    Step& out = apply(fmt::format("install/{}", name), fmt::format("{} for {}", name, cluster_.name),
                      "bootstrap", "if-absent", at);
    out.desired.list("documents").add(draft_.artifact(path));
    out.after.push_back(access());
    if (!namespaces_.empty()) out.after.push_back(namespaces_);
    out.after.insert(out.after.end(), after.begin(), after.end());
    Step& wait = step(fmt::format("installed/{}", name), "kubernetes.wait/1",
                      fmt::format("{} is installed in {}", name, cluster_.name), at);
    wait.key.set("name", job_name);
    wait_for(wait, "batch/v1", "Job", home, job_name, "complete");
    wait.after.push_back(out.id);
    return wait.id;
  }

  Map installer(const std::string& name, const std::vector<std::string>& command, bool values, Origin at) {
    Map job = arena_.map(at);
    job.set("apiVersion", "batch/v1").set("kind", "Job");
    job.map("metadata").set("name", name).set("namespace", home);
    Map spec = job.map("spec").set("backoffLimit", 20);
    Map pod = spec.map("template").map("spec");
    pod.set("serviceAccountName", account).set("restartPolicy", "OnFailure");
    pod.set("hostNetwork", true)
        .set("dnsPolicy", "Default")
        .set("priorityClassName", "system-cluster-critical");
    pod.list("tolerations").map().set("operator", "Exists");
    pod.map("securityContext").set("runAsNonRoot", true).set("runAsUser", 65534).set("runAsGroup", 65534);
    pod.map("securityContext").map("seccompProfile").set("type", "RuntimeDefault");
    Map container = pod.list("containers").map();
    container.set("name", "install").set("image", tools_image);
    document::List words = container.list("command");
    for (const std::string& word : command) words.add(word);
    document::List env = container.list("env");
    env.map().set("name", "HOME").set("value", "/tmp");
    env.map().set("name", "KUBERNETES_SERVICE_HOST").set("value", api_host);
    env.map().set("name", "KUBERNETES_SERVICE_PORT").set("value", api_port);
    Map resources = container.map("resources");
    resources.map("requests").set("cpu", "10m").set("memory", "64Mi");
    resources.map("limits").set("memory", "512Mi");
    Map security = container.map("securityContext");
    security.set("allowPrivilegeEscalation", false).set("readOnlyRootFilesystem", true);
    security.map("capabilities").list("drop").add("ALL");
    document::List mounts = container.list("volumeMounts");
    mounts.map().set("name", "tmp").set("mountPath", "/tmp");
    document::List volumes = pod.list("volumes");
    volumes.map().set("name", "tmp").map("emptyDir");
    if (values) {
      mounts.map().set("name", "values").set("mountPath", "/values").set("readOnly", true);
      volumes.map().set("name", "values").map("configMap").set("name", name);
    }
    return job;
  }

  std::string install(const model::Helm& helm, const std::vector<std::string>& after) {
    const std::string name = model::object_name(helm.name);
    std::vector<std::string> command = {"helm", "upgrade", "--install",
                                        helm.release ? std::string(*helm.release) : name,
                                        std::string(*helm.chart)};
    const auto option = [&](std::string_view flag, std::string_view value) {
      command.emplace_back(flag);
      command.emplace_back(value);
    };
    if (helm.repo && !helm.chart->starts_with("oci://")) option("--repo", *helm.repo);
    option("--version", *helm.version);
    option("--namespace", model::object_name(lab_.get(*helm.in).name));
    if (!*helm.crds) command.emplace_back("--skip-crds");
    command.emplace_back("--wait");
    option("--timeout", "15m");
    std::string values;
    if (*helm.values != nullptr && (*helm.values)->size > 0) {
      option("--values", "/values/values.json");
      values = to_json(**helm.values).dump(2) + "\n";
    }
    return install(name, command, values, after, helm.at);
  }

  /// An Application that puts a folder of somebody's repository into no namespace brings definitions.
  std::optional<std::string> install(const model::Manifest& manifest) {
    if (!is_application(manifest) || !manifest.in || !is_here(*manifest.in)) return std::nullopt;
    const Node* object = manifest_object(arena_, lab_, manifest).node();
    const auto field = [&](std::initializer_list<std::string_view> path) {
      const Node* found = object->find_path(path);
      return found != nullptr && found->kind == document::Kind::string ? found->text() : std::string_view{};
    };
    const std::string_view folder = field({"spec", "source", "path"});
    if (folder.empty() || !field({"spec", "destination", "namespace"}).empty()) return std::nullopt;
    const std::string url = fmt::format("{}//{}?ref={}", field({"spec", "source", "repoURL"}), folder,
                                        field({"spec", "source", "targetRevision"}));
    return install(model::object_name(manifest.name),
                   {"kubectl", "apply", "--server-side", "--field-manager=lab-bootstrap", "--kustomize", url},
                   {}, {}, manifest.at);
  }

  void add_ready(const std::vector<std::string>& network) {
    Step& ready = add_health(draft_, cluster_, "ready", "nodes are ready", true);
    ready.after.push_back(talos_step(cluster_.name, "up"));
    ready.after.insert(ready.after.end(), network.begin(), network.end());
    ready_ = ready.id;
  }

  void add_gitops(const std::vector<std::string>& definitions) {
    if (!lab_.lab().gitops.argocd) return;
    for (const model::Helm& helm : lab_.helms) {
      if (!is_here(*helm.in) || !is_argocd_chart(*helm.chart)) continue;
      std::vector<std::string> after = definitions;
      after.push_back(ready_);
      if (lab_.lab().secrets.sops) after.push_back(add_key(helm, *lab_.lab().secrets.sops));
      const std::string controller = install(helm, after);
      hand_over(helm, controller);
    }
  }

  /// The cluster's identity, with which the controller decrypts what is encrypted for it.
  std::string add_key(const model::Helm& helm, const model::SecretDelivery::Sops& delivery) {
    const document::SecretPiece identity{
        {}, arena_.keep(std::string_view(fmt::format("{}/identity", cluster_identity(cluster_)))), '\0'};
    Map secret = arena_.map(delivery.at);
    secret.set("apiVersion", "v1").set("kind", "Secret");
    Map metadata = secret.map("metadata").set("name", *delivery.key, delivery.key.at);
    metadata.set("namespace", model::object_name(lab_.get(*helm.in).name), helm.in.at);
    secret.set("type", "Opaque");
    secret.map("data").set("keys.txt", secret_leaf(arena_, {identity}, "base64"));
    document::Sealing sealing = operator_sealing(lab_);
    sealing.encrypted_regex = "^(data|stringData)$";
    const std::string path = fmt::format("bootstrap/{}/key.sops.yaml", cluster_.name);
    draft_.bundle.add_sealed(path, rule_name, {secret}, std::move(sealing));
    Step& out = apply("key", fmt::format("key of {} for its secrets", cluster_.name), "secrets", "apply",
                      delivery.at);
    out.desired.list("documents").add(draft_.sealed(path));
    if (!namespaces_.empty()) out.after.push_back(namespaces_);
    return out.id;
  }

  void hand_over(const model::Helm& helm, const std::string& controller) {
    const Origin at = lab_.lab().gitops.at;
    Step& root =
        apply("hand-over", fmt::format("{} belongs to Argo CD", cluster_.name), "gitops", "if-absent", at);
    root.desired.list("documents").add(draft_.artifact("gitops/root.yaml"));
    root.after.push_back(controller);
    Step& healthy =
        step("healthy", "kubernetes.wait/1", fmt::format("everything in {} is healthy", cluster_.name), at);
    healthy.key.set("name", "root");
    wait_for(healthy, "argoproj.io/v1alpha1", "Application", model::object_name(lab_.get(*helm.in).name),
             "root", "healthy");
    healthy.after.push_back(root.id);
  }

  Draft& draft_;
  const model::Lab& lab_;
  document::Arena& arena_;
  const model::Cluster& cluster_;
  const model::Ref<model::Cluster> ref_;
  const std::string group_;
  std::string namespaces_, access_, ready_;
};

}  // namespace

void add_kubernetes(Draft& draft) {
  for (const model::Cluster& cluster : draft.lab.clusters) Cluster(draft, cluster).run();
}

}  // namespace lab::lower::plan
