#include "runtime/simulator/proxmox/schema.h"
#include "runtime/simulator/tls.h"
#include "tests/unit/simulator_support.h"

using namespace lab;
using namespace lab::test;
using simulator::Json;

namespace {

std::string fault(const char* method, const char* path, const char* what) {
  return fmt::format(R"({{"faults": [{{"method": "{}", "path": "{}", {}}}]}})", method, path, what);
}

std::size_t count(const std::vector<std::string>& log, std::string_view text) {
  return static_cast<std::size_t>(std::count(log.begin(), log.end(), text));
}

std::string base64(std::string_view text) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += 3) {
    unsigned bits = 0;
    for (std::size_t i = 0; i < 3; ++i)
      bits = bits << 8 | (at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u);
    for (std::size_t i = 0; i < 4; ++i)
      out += at + i <= text.size() ? alphabet[bits >> (18 - 6 * i) & 63] : '=';
  }
  return out;
}

/// A cluster of one node on the machine cp1, up to a Deployment that is ready.
void add_cluster(Place& place) {
  add_machine(place);
  const auto os = simulator::make_authority("os"), kubernetes = simulator::make_authority("kubernetes");
  const auto admin = simulator::make_client("admin", "os:admin", os);
  place.vault.texts["talosconfig"] =
      fmt::format("context: c\ncontexts:\n  c:\n    ca: {}\n    crt: {}\n    key: {}\n",
                  base64(os.certificate), base64(admin.certificate), base64(admin.key));
  place.files["cp1.yaml"] =
      "version: v1alpha1\nmachine:\n  type: controlplane\n  install:\n    image: "
      "factory/x:v1.12.4\ncluster:\n  network:\n    cni:\n      name: flannel\n";
  place.vault.texts["cp1.secrets"] = fmt::format(
      "machine:\n  token: aaaaaa.bbbbbbbbbbbbbbbb\n  ca:\n    crt: {}\n    key: {}\ncluster:\n  ca:\n    "
      "crt: {}\n    key: {}\n",
      base64(os.certificate), base64(os.key), base64(kubernetes.certificate), base64(kubernetes.key));
  place.files["app.yaml"] =
      "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: media\n---\napiVersion: apps/v1\nkind: "
      "Deployment\nmetadata:\n  name: plex\n  namespace: media\nspec:\n  replicas: 1\n";
  const json talosconfig = {{"$sops", "talosconfig"}}, cluster = {{"cluster", "home"}};
  place.step("config", "talos.config/1", {{"cluster", "home"}, {"node", "cp1"}},
             {{"node", "192.0.2.51"},
              {"hostname", "cp1"},
              {"config", {{"$artifact", "cp1.yaml"}}},
              {"secrets", {{"$sops", "cp1.secrets"}}},
              {"talosconfig", talosconfig},
              {"install", true}},
             {"power/cp1"});
  place.step("bootstrap", "talos.bootstrap/1", cluster,
             {{"node", "192.0.2.51"}, {"talosconfig", talosconfig}}, {"config"});
  place.step("up", "talos.health/1", cluster,
             {{"control_plane", {"192.0.2.51"}},
              {"workers", json::array()},
              {"talosconfig", talosconfig},
              {"kubernetes", true}},
             {"bootstrap"});
  place
      .step("kubeconfig", "talos.kubeconfig/1", cluster,
            {{"node", "192.0.2.51"}, {"talosconfig", talosconfig}, {"endpoint", "https://192.0.2.51:6443"}},
            {"up"})
      .outputs = {"kubeconfig"};
  place.step("apply", "kubernetes.apply/1", {{"cluster", "home"}, {"inventory", "app"}},
             {{"kubeconfig", {{"$output", "kubeconfig.kubeconfig"}}},
              {"documents", {{{"$artifact", "app.yaml"}}}},
              {"stage", "apps"},
              {"mode", "apply"}},
             {"kubeconfig"});
  place.step("ready", "kubernetes.wait/1", {{"cluster", "home"}, {"name", "plex"}},
             {{"kubeconfig", {{"$output", "kubeconfig.kubeconfig"}}},
              {"for",
               {{{"apiVersion", "apps/v1"},
                 {"kind", "Deployment"},
                 {"namespace", "media"},
                 {"name", "plex"},
                 {"condition", "ready"}}}}},
             {"apply"});
}

json record_step() {
  return {{"api", {{"endpoint", "https://cf.example/client/v4"}, {"token", {{"$secret", "token"}}}}},
          {"zone", "example.net"},
          {"record",
           {{"type", "A"},
            {"name", "www.example.net"},
            {"content", "192.0.2.1"},
            {"ttl", 300},
            {"proxied", false},
            {"comment", "lab-id: www"}}}};
}

void add_record(Place& place) {
  place.plan.secrets.push_back({"token", plan::Secret::From::env, "", "", "TOKEN"});
  place.vault.texts["token"] = "t";
  place.step("www", "cloudflare.record/1",
             {{"zone", "example.net"}, {"type", "A"}, {"name", "www.example.net"}}, record_step());
}

}  // namespace

TEST_CASE("A machine comes up, and a second run writes nothing") {
  Place place;
  add_machine(place);
  CHECK(place.run() == 0);
  INFO(place.watcher.text());
  const Json vm = place.world->picture()["proxmox"]["192.0.2.10:8006"]["pve1"]["vms"]["204"];
  CHECK(vm["status"] == "running");
  CHECK(vm["config"]["scsi0"] == "fast:vm-204-disk-1,ssd=1,size=80G");
  const auto writes = place.world->writes();
  CHECK(writes == 4);
  CHECK(place.run() == 0);
  CHECK(place.world->writes() == writes);
}

TEST_CASE("Whatever happens on the wire, the same world comes of it, and nothing is made twice") {
  Place calm;
  add_machine(calm);
  REQUIRE(calm.run() == 0);
  const Json wanted = calm.world->picture();
  const std::string faults[] = {
      fault("POST", "/nodes/pve1/qemu", R"("do": "reset-before")"),
      fault("POST", "/nodes/pve1/qemu", R"("do": "reset-after")"),
      fault("POST", "/nodes/pve1/qemu", R"("do": "half")"),
      fault("POST", "/nodes/pve1/qemu",
            R"("do": "status", "status": 500, "reason": "can't lock file '/var/lock/x' - got timeout")"),
      fault("POST", "/nodes/pve1/qemu", R"("do": "status", "status": 596, "reason": "Connection refused")"),
      fault("POST", "/nodes/pve1/qemu", R"("do": "task-vanishes")"),
      fault("POST", "/nodes/pve1/qemu",
            R"("do": "task-fails", "exitstatus": "can't lock file - got timeout")"),
      fault("POST", "*/download-url", R"("do": "reset-after")"),
      fault("POST", "*/download-url", R"("do": "task-vanishes")"),
      fault("POST", "*/status/start", R"("do": "reset-after")"),
      fault("PUT", "*/resize", R"("do": "reset-after")"),
      fault("GET", "*", R"("do": "status", "status": 429, "retry_after": 3, "nth": 2, "times": 2)"),
      fault("GET", "*", R"("do": "half", "nth": 3, "times": 2)"),
      fault("GET", "*/tasks/*", R"("do": "reset-before", "times": 3)"),
      fault("GET", "*/config", R"("do": "slow", "delay_ms": 20000)"),
  };
  for (const std::string& each : faults) {
    Place place;
    place.faults = each;
    add_machine(place);
    INFO(each);
    CHECK(place.run() == 0);
    INFO(place.watcher.text());
    CHECK(place.world->picture() == wanted);
    const auto log = place.world->log();
    const bool failed_once = each.find("task-fails") != std::string::npos;  // the worker took its VM back
    CHECK(count(log, "POST /nodes/pve1/qemu") == (failed_once ? 2 : 1));
    CHECK(count(log, "POST /nodes/pve1/storage/local/download-url") == 1);
  }
}

TEST_CASE("Random faults of any seed end in the same world") {
  Place calm;
  add_machine(calm);
  REQUIRE(calm.run() == 0);
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Place place;
    place.seed = seed;
    place.faults =
        R"({"random": {"per_mille": 150, "do": ["reset-before", "reset-after", "half", "status", "slow"], "most": 12}})";
    add_machine(place);
    INFO("seed " << seed);
    CHECK(place.run() == 0);
    INFO(place.watcher.text());
    CHECK(place.world->picture() == calm.world->picture());
  }
}

TEST_CASE("A VM that is not ours stops the run, and is not touched") {
  Place place;
  add_machine(place);
  REQUIRE(place.run() == 0);
  place.plan.steps[1].key["marker"] = "somebody-else";
  place.plan.steps[1].desired["params"]["description"] = "lab-id: somebody-else";
  const auto writes = place.world->writes();
  const Json before = place.world->picture();
  CHECK(place.run() == 5);
  INFO(place.watcher.text());
  CHECK(place.world->writes() == writes);
  CHECK(place.world->picture() == before);
}

TEST_CASE("A killed worker leaves a locked VM, which is said and not touched") {
  Place place;
  place.faults = fault("POST", "/nodes/pve1/qemu", R"("do": "task-killed")");
  add_machine(place);
  CHECK(place.run() == 1);
  CHECK(place.watcher.text().find("qm unlock 204") != std::string::npos);
  CHECK(count(place.world->log(), "POST /nodes/pve1/qemu") == 1);
}

TEST_CASE("A changed machine is changed where it stands, and grows") {
  Place place;
  add_machine(place);
  REQUIRE(place.run() == 0);
  place.plan.steps[1].desired["params"]["cores"] = 4;
  place.plan.steps[1].desired["params"]["tags"] = "lab;talos;more";
  place.plan.steps[1].desired["resize"][0]["size"] = "100G";
  CHECK(place.run() == 0);
  INFO(place.watcher.text());
  const Json vm = place.world->picture()["proxmox"]["192.0.2.10:8006"]["pve1"]["vms"]["204"];
  CHECK(vm["config"]["cores"] == 4);
  CHECK(vm["config"]["scsi0"] == "fast:vm-204-disk-1,ssd=1,size=100G");
  CHECK(count(place.world->log(), "POST /nodes/pve1/qemu") == 1);
}

TEST_CASE("Machines are destroyed, and only they") {
  Place place;
  add_machine(place);
  add_machine(place, "cp2", 205);
  REQUIRE(place.run() == 0);
  CHECK(place.run(engine::Mode::destroy) == 0);
  INFO(place.watcher.text());
  const Json node = place.world->picture()["proxmox"]["192.0.2.10:8006"]["pve1"];
  CHECK_FALSE(node.contains("vms"));
}

TEST_CASE("A cluster comes up from nothing, and a second run writes nothing") {
  Place place;
  add_cluster(place);
  CHECK(place.run() == 0);
  INFO(place.watcher.text());
  const Json picture = place.world->picture();
  CHECK(picture["talos"]["cp1"]["phase"] == "running");
  CHECK(picture["talos"]["cp1"]["etcd"] == "running");
  CHECK(picture["kubernetes"]["home"]["objects"].contains("apps/v1|Deployment|media|plex"));
  CHECK(picture["kubernetes"]["home"]["objects"].contains("v1|ConfigMap|kube-system|labrun-app"));
  const auto log = place.world->log();
  CHECK(count(log, "ApplyConfiguration cp1") == 1);
  CHECK(count(log, "Bootstrap cp1") == 1);
  CHECK(place.run() == 0);
  CHECK(place.world->writes() == log.size());
}

TEST_CASE("Faults on the way to a cluster leave one etcd and one configuration") {
  const std::string faults[] = {
      fault("POST", "/machine.MachineService/ApplyConfiguration", R"("do": "reset-after")"),
      fault("POST", "/machine.MachineService/ApplyConfiguration", R"("do": "reset-before")"),
      fault("POST", "/machine.MachineService/Bootstrap", R"("do": "reset-after")"),
      fault("POST", "/machine.MachineService/Bootstrap", R"("do": "half")"),
      fault("POST", "/machine.MachineService/Bootstrap", R"("do": "status", "status": 503)"),
      fault("POST", "/cosi.resource.State/Get", R"("do": "reset-before", "nth": 4, "times": 2)"),
      fault("PATCH", "/apis/apps/v1/*", R"("do": "reset-after", "nth": 2)"),
      fault("PATCH", "/apis/apps/v1/*", R"("do": "status", "status": 500, "reason": "Internal")"),
      fault("GET", "/api/v1/*", R"("do": "half")"),
  };
  for (const std::string& each : faults) {
    Place place;
    place.faults = each;
    add_cluster(place);
    INFO(each);
    CHECK(place.run() == 0);
    INFO(place.watcher.text());
    CHECK(count(place.world->log(), "ApplyConfiguration cp1") == 1);
    CHECK(count(place.world->log(), "Bootstrap cp1") == 1);
    const auto writes = place.world->writes();
    CHECK(place.run() == 0);
    CHECK(place.world->writes() == writes);
  }
}

TEST_CASE("A node whose configuration is changed in the plan takes it without a new installation") {
  Place place;
  add_cluster(place);
  REQUIRE(place.run() == 0);
  place.files["cp1.yaml"] += "  clusterName: home\n";
  CHECK(place.run() == 0);
  INFO(place.watcher.text());
  CHECK(count(place.world->log(), "ApplyConfiguration cp1") == 2);
  CHECK(count(place.world->log(), "Bootstrap cp1") == 1);
}

TEST_CASE("A node of another cluster is foreign") {
  Place place;
  add_cluster(place);
  REQUIRE(place.run() == 0);
  const auto os = simulator::make_authority("another");
  const auto admin = simulator::make_client("admin", "os:admin", os);
  place.vault.texts["talosconfig"] =
      fmt::format("context: c\ncontexts:\n  c:\n    ca: {}\n    crt: {}\n    key: {}\n",
                  base64(os.certificate), base64(admin.certificate), base64(admin.key));
  const auto writes = place.world->writes();
  CHECK(place.run() == 5);
  INFO(place.watcher.text());
  CHECK(place.world->writes() == writes);
}

TEST_CASE("A world is kept from one process to the next, and only for who has the secrets") {
  Place place;
  add_cluster(place);
  const auto key = crypto::SecretBytes::copy_text("of the plan");
  const std::string file = place.folder / "world";
  REQUIRE(place.begin().keep_in(file, key).ok());
  REQUIRE(place.run() == 0);
  const Json wanted = place.world->picture();
  place.world.reset();
  CHECK(place.begin().keep_in(file, key).ok());
  const auto writes = place.world->writes();
  CHECK(place.run() == 0);
  INFO(place.watcher.text());
  CHECK(place.world->writes() == writes);
  CHECK(place.world->picture() == wanted);
  place.world.reset();
  CHECK_FALSE(place.begin().keep_in(file, crypto::SecretBytes::copy_text("another")).ok());
}

TEST_CASE("A chart brings the pod network, and GitOps brings up what the emitted tree holds") {
  Place place;
  add_cluster(place);
  place.plan.steps.resize(place.plan.steps.size() - 2);  // up to the kubeconfig
  place.files["cp1.yaml"].replace(place.files["cp1.yaml"].find("flannel"), 7, "none");
  for (plan::Step& each : place.plan.steps)
    if (each.id == "up") each.desired["kubernetes"] = false;
  const auto job = [](const char* name, const char* chart) {
    return fmt::format(
        "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: {0}\n  namespace: kube-system\nspec:\n  "
        "template:\n"
        "    spec:\n      hostNetwork: true\n      containers:\n      - name: install\n"
        "        command: [helm, upgrade, --install, {0}, {1}, --version, \"1.2.3\", --namespace, "
        "kube-system]\n",
        name, chart);
  };
  const auto application = [](const char* name, const char* path) {
    return fmt::format(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: {}\n  namespace: "
        "kube-system\nspec:\n"
        "  source:\n    repoURL: https://git.example/lab.git\n    path: {}\n  destination:\n    namespace: "
        "media\n",
        name, path);
  };
  place.files["network.yaml"] = job("cilium", "cilium");
  place.files["gitops.yaml"] = job("argocd", "oci://example/argo-cd");
  place.files["gitops/root.yaml"] = application("root", "out/gitops");
  place.files["gitops/kustomization.yaml"] = "resources:\n  - plex.yaml\n";
  place.files["gitops/plex.yaml"] = application("plex", "out/kubernetes/media");
  place.files["kubernetes/media/kustomization.yaml"] = "resources:\n  - plex.yaml\n  - service.yaml\n";
  place.files["kubernetes/media/plex.yaml"] =
      "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: plex\n  namespace: media\nspec:\n  "
      "replicas: 2\n";
  place.files["kubernetes/media/service.yaml"] =
      "apiVersion: v1\nkind: Service\nmetadata:\n  name: plex\n  annotations:\n    lbipam.cilium.io/ips: "
      "192.0.2.62\n"
      "spec:\n  type: LoadBalancer\n  ports:\n  - port: 32400\n";
  const json kubeconfig = {{"$output", "kubeconfig.kubeconfig"}};
  const auto apply = [&](const char* id, const char* file, const char* after) {
    place.step(id, "kubernetes.apply/1", {{"cluster", "home"}, {"inventory", id}},
               {{"kubeconfig", kubeconfig},
                {"documents", {{{"$artifact", file}}}},
                {"stage", id},
                {"mode", "if-absent"}},
               {after});
  };
  const auto wait = [&](const char* id, const char* version, const char* kind, const char* name,
                        const char* condition, const char* after) {
    const json object = {{"apiVersion", version},
                         {"kind", kind},
                         {"namespace", "kube-system"},
                         {"name", name},
                         {"condition", condition}};
    place.step(id, "kubernetes.wait/1", {{"cluster", "home"}, {"name", id}},
               {{"kubeconfig", kubeconfig}, {"for", json::array({object})}}, {after});
  };
  apply("network", "network.yaml", "kubeconfig");
  wait("network-there", "batch/v1", "Job", "cilium", "complete", "network");
  apply("gitops", "gitops.yaml", "network-there");
  wait("gitops-there", "batch/v1", "Job", "argocd", "complete", "gitops");
  apply("root", "gitops/root.yaml", "gitops-there");
  wait("healthy", "argoproj.io/v1alpha1", "Application", "root", "healthy", "root");
  CHECK(place.run() == 0);
  INFO(place.watcher.text());
  const Json objects = place.world->picture()["kubernetes"]["home"]["objects"];
  CHECK(objects["apps/v1|Deployment|media|plex"]["status"]["availableReplicas"] == 2);
  std::string summary;
  for (const std::string& line : place.world->summary()) summary += line + "\n";
  INFO(summary);
  CHECK(summary.find("1 of 1 nodes ready") != std::string::npos);
  CHECK(summary.find("2 of 2 healthy") != std::string::npos);
  CHECK(summary.find("192.0.2.62 port 32400") != std::string::npos);
  const auto writes = place.world->writes();
  CHECK(place.run() == 0);
  CHECK(place.world->writes() == writes);
}

TEST_CASE("A record is made once, changed, and not made beside somebody's") {
  Place place;
  add_record(place);
  place.faults = fault("POST", "*/dns_records", R"("do": "reset-after")");
  CHECK(place.run() == 0);
  INFO(place.watcher.text());
  CHECK(count(place.world->log(), "POST record www.example.net") == 1);
  place.plan.steps[0].desired["record"]["content"] = "192.0.2.2";
  CHECK(place.run() == 0);
  CHECK(count(place.world->log(), "PATCH record www.example.net") == 1);
  place.plan.steps[0].desired["record"]["comment"] = "lab-id: other";
  const auto writes = place.world->writes();
  CHECK(place.run() == 5);
  CHECK(place.world->writes() == writes);
}

TEST_CASE("A tunnel is ours when the journal or our intent says so") {
  Place place;
  place.plan.secrets.push_back({"token", plan::Secret::From::env, "", "", "TOKEN"});
  place.vault.texts["token"] = "t";
  place.faults = fault("POST", "*/cfd_tunnel", R"("do": "reset-after")");
  place
      .step("tunnel", "cloudflare.tunnel/1", {{"zone", "example.net"}, {"name", "door"}},
            {{"api", record_step()["api"]},
             {"zone", "example.net"},
             {"name", "door"},
             {"config_src", "cloudflare"},
             {"config", {{"ingress", {{{"service", "http_status:404"}}}}}}})
      .outputs = {"cname", "id", "token"};
  json cname = record_step();
  cname["record"] = {
      {"type", "CNAME"}, {"name", "door.example.net"}, {"content", {{"$output", "tunnel.cname"}}}, {"ttl", 1},
      {"proxied", true}, {"comment", "lab-id: door"}};
  place.step("name", "cloudflare.record/1",
             {{"zone", "example.net"}, {"type", "CNAME"}, {"name", "door.example.net"}}, cname, {"tunnel"});
  CHECK(place.run() == 0);
  INFO(place.watcher.text());
  CHECK(count(place.world->log(), "POST tunnel door") == 1);
  CHECK(place.world->picture()["cloudflare"]["records"].contains("CNAME door.example.net tunnel door"));
  const auto writes = place.world->writes();
  CHECK(place.run() == 0);
  CHECK(place.world->writes() == writes);
}

TEST_CASE("A name in the house is added once, and sessions are given back") {
  Place place;
  place.plan.secrets.push_back({"password", plan::Secret::From::env, "", "", "P"});
  place.vault.texts["password"] = "p";
  for (int i = 0; i < 20; ++i)
    place.step(fmt::format("n{}", i), "dns.record/1",
               {{"server", "pihole"}, {"type", "A"}, {"name", fmt::format("n{}.example.net", i)}},
               {{"provider", "pihole"},
                {"api",
                 {{"endpoint", "https://192.0.2.45"},
                  {"password", {{"$secret", "password"}}},
                  {"verify_tls", false}}},
                {"entry", {{"list", "dns/hosts"}, {"value", fmt::format("192.0.2.61 n{}.example.net", i)}}}});
  CHECK(place.run() == 0);
  INFO(place.watcher.text());
  CHECK(place.world->writes() == 20);
  CHECK(place.run() == 0);
  CHECK(place.world->writes() == 20);
}

TEST_CASE("Programs and requests without a probe run once") {
  Place place;
  place.step("exec", "exec/1", {{"name", "e"}}, {{"argv", {"make", "it"}}});
  place.step(
      "http", "http.request/1", {{"name", "h"}},
      {{"method", "PUT"}, {"url", "https://web.example/x?y=1"}, {"body", "b"}, {"expect_status", {204}}});
  place.step("probed", "http.request/1", {{"name", "p"}},
             {{"method", "POST"},
              {"url", "https://web.example/y"},
              {"expect_status", {201}},
              {"probe",
               {{"method", "GET"},
                {"url", "https://web.example/y"},
                {"expect_status", {200}},
                {"body_has", "there"}}}});
  CHECK(place.run() == 0);
  INFO(place.watcher.text());
  CHECK(place.world->writes() == 3);
  CHECK(place.run() == 0);
  CHECK(place.world->writes() == 3);
}

TEST_CASE("Fault files are read strictly") {
  std::string problem;
  for (const char* wrong :
       {"[]", "x", R"({"faults": [{"do": "explode"}]})", R"({"faults": [{"method": "GET"}]})",
        R"({"fault": []})", R"({"faults": [{"do": "half", "nt": 1}]})",
        R"({"random": {"do": ["explode"]}})"}) {
    problem.clear();
    CHECK_FALSE(simulator::Faults::read(wrong, problem));
    CHECK_FALSE(problem.empty());
  }
  CHECK(simulator::matches("/nodes/*/qemu", "/nodes/pve1/qemu"));
  CHECK(simulator::matches("*", ""));
  CHECK_FALSE(simulator::matches("/nodes/*/qemu", "/nodes/pve1/qemu/204"));
}

TEST_CASE("Parameters of Proxmox are held to a schema") {
  simulator::proxmox::Schema schema;
  CHECK(schema.check("POST", "/nodes/a/qemu", {{"vmid", "204"}, {"scsi3", "x"}, {"onboot", "1"}}).empty());
  CHECK(schema.check("POST", "/nodes/a/qemu", {{"vmid", "x"}}).contains("vmid"));
  CHECK(schema.check("POST", "/nodes/a/qemu", {{"name", "a"}}).contains("vmid"));
  CHECK(schema.check("POST", "/nodes/a/qemu", {{"vmid", "1"}, {"colour", "red"}}).contains("colour"));
  CHECK(schema.check("POST", "/nodes/a/qemu", {{"vmid", "1"}, {"onboot", "true"}}).contains("onboot"));
  CHECK(schema.check("GET", "/no/such", {}).contains(""));
  REQUIRE(schema.read(
      R"([{"path": "/x/{id}", "info": {"PUT": {"parameters": {"properties": {"id": {"type": "string"}, "n": {"type": "integer", "minimum": 2}, "e": {"type": "string", "enum": ["a"], "optional": 1}}}}}}])"));
  CHECK(schema.check("PUT", "/x/1", {{"n", "2"}, {"e", "a"}}).empty());
  CHECK(schema.check("PUT", "/x/1", {{"n", "1"}}).contains("n"));
  CHECK(schema.check("PUT", "/x/1", {{"n", "2"}, {"e", "b"}}).contains("e"));
  CHECK_FALSE(simulator::proxmox::Schema().read("{}"));
}
