#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "runtime/drivers/common/encode.h"
#include "runtime/drivers/common/failures.h"
#include "runtime/drivers/common/yaml.h"
#include "runtime/drivers/kubernetes/objects.h"
#include "runtime/drivers/kubernetes/readiness.h"
#include "runtime/drivers/proxmox/parameters.h"
#include "runtime/drivers/table.h"
#include "runtime/drivers/talos/machine_config.h"
#include "runtime/drivers/talos/messages.h"
#include "runtime/plan/kinds.h"
#include "runtime/simulator/talos/archive.h"

using namespace lab;
using namespace lab::drivers;
using engine::FailureClass;
using nlohmann::json;

TEST_CASE("Every kind of step has a driver, and no driver is without a kind") {
  std::vector<std::string> kinds, drivers;
  for (const plan::KindInfo& each : plan::kinds()) kinds.emplace_back(each.kind);
  for (const engine::DriverEntry& each : drivers::table()) {
    drivers.emplace_back(each.kind);
    CHECK(each.make() != nullptr);
  }
  CHECK(kinds == drivers);
}

TEST_CASE("Protobuf messages come back as they were, and malformed ones are refused") {
  using namespace talos;
  // Known bytes, of the encoding guide: field 1 = 150; field 2 = "testing".
  CHECK(Writer().number(1, 150).text() == "\x08\x96\x01");
  CHECK(Writer().bytes(2, "testing").text() == "\x12\x07testing");
  CHECK(Writer().number(1, 0).bytes(2, "").text().empty());
  const auto fields = read_fields(Writer().number(1, ~0ull).bytes(2, "x").message(3, Writer()).text());
  REQUIRE(fields);
  REQUIRE(fields->size() == 3);
  CHECK((*fields)[0].value == ~0ull);
  CHECK((*fields)[2].bytes.empty());
  for (const std::string_view broken :
       {"\x08", "\x12\x05te", "\x0f\x01", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"}) {
    INFO(broken.size());
    CHECK_FALSE(read_fields(broken));
  }

  const MachineStatus status{
      Stage::booting, true, {{"nodeReady", "node is not ready"}, {"services", "etcd"}}};
  const MachineStatus back = read_machine_status(encode(status));
  CHECK(back.stage == Stage::booting);
  CHECK(back.ready);
  CHECK(back.unmet == status.unmet);
  const auto services = read_services(encode(
      std::vector<Service>{{"etcd", "Running", false, true, "fine"}, {"apid", "Running", true, false, ""}}));
  REQUIRE(services.size() == 2);
  CHECK(services[0].healthy);
  CHECK(services[0].last_message == "fine");
  CHECK(services[1].unknown);
  const auto members =
      read_members(encode(std::vector<EtcdMember>{{42, "cp1", "https://192.0.2.1:2380", true}}));
  REQUIRE(members.size() == 1);
  CHECK(members[0].id == 42);
  CHECK(members[0].learner);
  CHECK(read_apply(encode(ApplyRequest{"a: 1", ApplyMode::automatic})).data == "a: 1");
  CHECK(read_machine_config(read_resource(encode_resource(machine_config, encode_machine_config("x: y")))) ==
        "x: y");
  CHECK(read_resource_name(encode(machine_status)).id == "machine");
}

TEST_CASE("gRPC frames are taken apart, and refused when compressed or cut") {
  using namespace talos;
  const std::string two = frame("ab") + frame("");
  CHECK(two == std::string("\0\0\0\0\2ab\0\0\0\0\0", 12));
  const auto messages = unframe(two);
  REQUIRE(messages);
  CHECK(*messages == std::vector<std::string_view>{"ab", ""});
  CHECK_FALSE(unframe(two.substr(0, 6)));
  CHECK_FALSE(unframe(std::string("\1\0\0\0\0", 5)));
}

TEST_CASE("A machine configuration takes its secrets, document by document, and keeps its quoting") {
  const auto merged = talos::merge(
      "version: v1alpha1\nmachine:\n  sysctls:\n    net.core.somaxconn: \"65535\"\n  certSANs: [a]\n  wipe: "
      "false\n---\napiVersion: v1alpha1\nkind: HostnameConfig\nauto: \"off\"\n",
      "machine:\n  token: abc.def\n  certSANs: [b]\n  text: |\n    two\n    lines\n---\napiVersion: "
      "v1alpha1\nkind: HostnameConfig\nhostname: '0x10'\n---\napiVersion: v1alpha1\nkind: "
      "WireguardConfig\nname: wg0\nprivateKey: k\n");
  REQUIRE(merged);
  const auto documents = read_yaml(*merged);
  REQUIRE(documents);
  REQUIRE(documents->size() == 3);
  CHECK(
      (*documents)[0] ==
      json::parse(
          R"({"version":"v1alpha1","machine":{"sysctls":{"net.core.somaxconn":"65535"},"certSANs":["a","b"],"wipe":false,"token":"abc.def","text":"two\nlines\n"}})"));
  CHECK((*documents)[1] ==
        json::parse(R"({"apiVersion":"v1alpha1","kind":"HostnameConfig","auto":"off","hostname":"0x10"})"));
  CHECK((*documents)[2]["name"] == "wg0");
  CHECK(merged->find("\"65535\"") != std::string::npos);
  CHECK_FALSE(talos::merge("a: [", "b: 1"));
  CHECK_FALSE(talos::merge("a: 1", "- 1"));
}

TEST_CASE("Configurations are compared by meaning, and secrets are not shown") {
  const std::string have =
      "kind: HostnameConfig\nhostname: a\n---\nmachine: {token: old, type: worker}\nversion: v1alpha1\n";
  const std::string want =
      "version: v1alpha1\nmachine:\n  type: \"worker\"\n  token: new\n---\nhostname: b\nkind: "
      "HostnameConfig\n";
  CHECK(talos::compare(have, have)->empty());
  auto changes = talos::compare(have, want);
  REQUIRE(changes);
  REQUIRE(changes->size() == 2);
  talos::redact(
      *changes,
      "version: v1alpha1\nmachine: {type: worker}\n---\nkind: HostnameConfig\nhostname: b\nwas: a\n");
  CHECK((*changes)[0].path == "HostnameConfig.hostname");
  CHECK((*changes)[0].from == "a");
  CHECK((*changes)[0].to == "b");
  CHECK((*changes)[1].path == "v1alpha1.machine.token");
  CHECK((*changes)[1].from == "(changed)");
  CHECK((*changes)[1].to == "(changed)");
}

TEST_CASE("Plain scalars are read by the core schema") {
  CHECK(plain_scalar("yes") == "yes");
  CHECK(plain_scalar("true") == true);
  CHECK(plain_scalar("~") == nullptr);
  CHECK(plain_scalar("-12") == -12);
  CHECK(plain_scalar("0x1f") == 31);
  CHECK(plain_scalar("0o17") == 15);
  CHECK(plain_scalar("1.5") == 1.5);
  CHECK(plain_scalar("1.5.0") == "1.5.0");
  CHECK(plain_scalar("192.0.2.1") == "192.0.2.1");
  CHECK(plain_scalar("99999999999999999999") == "99999999999999999999");
}

TEST_CASE("Archives, base64 and forms") {
  const std::string archive = simulator::talos::tar_gz("kubeconfig", std::string(3000, 'x'));
  CHECK(untar(gunzip(archive), "kubeconfig") == std::string(3000, 'x'));
  CHECK(untar(gunzip(archive), "other").empty());
  CHECK(gunzip(archive.substr(0, archive.size() / 2)).empty());
  CHECK(base64_decode("TGFi\nIQ==") == "Lab!");
  CHECK(base64_decode("*").empty());
  CHECK(form_encode({{"a", true}, {"b", "x y&z"}, {"c", 5}}) == "a=1&b=x%20y%26z&c=5");
}

TEST_CASE("What a vendor says decides whether to try again") {
  struct Row {
    Vendor vendor;
    int status;
    const char* text;
    FailureClass cls;
  };
  const Row rows[] = {
      {Vendor::proxmox, 500, "can't lock file '/var/lock/x' - got timeout", FailureClass::retryable_server},
      {Vendor::proxmox, 500, "got no worker upid - start worker failed", FailureClass::retryable_server},
      {Vendor::proxmox, 502, "Bad Gateway", FailureClass::retryable_server},
      {Vendor::proxmox, 503, "Service Unavailable", FailureClass::retryable_server},
      {Vendor::proxmox, 504, "Gateway Time-out", FailureClass::retryable_server},
      {Vendor::proxmox, 596, "Connection refused", FailureClass::retryable_server},
      {Vendor::proxmox, 501, "Method 'POST /x' not implemented", FailureClass::permanent},
      {Vendor::proxmox, 500, "checksum mismatch (file change by other user?)", FailureClass::conflict},
      {Vendor::proxmox, 500, "unable to create VM 204 - VM 204 already exists on node 'a'",
       FailureClass::conflict},
      {Vendor::proxmox, 500, "only root can set 'args' config", FailureClass::permanent},
      {Vendor::proxmox, 400, "Parameter verification failed.", FailureClass::permanent},
      {Vendor::proxmox, 401, "No ticket", FailureClass::auth},
      {Vendor::kubernetes, 500, "failed to create typed patch object: .spec.x: field not declared in schema",
       FailureClass::permanent},
      {Vendor::kubernetes, 500, "etcdserver: leader changed", FailureClass::retryable_server},
      {Vendor::kubernetes, 404, "namespaces \"media\" not found", FailureClass::retryable_server},
      {Vendor::kubernetes, 409, "Apply failed with 1 conflict: conflict with \"helm\": .spec.replicas",
       FailureClass::foreign},
      {Vendor::kubernetes, 409, "the object has been modified", FailureClass::conflict},
      {Vendor::kubernetes, 422, "spec.x: Required value", FailureClass::permanent},
      {Vendor::kubernetes, 429, "too many requests", FailureClass::rate_limited},
      {Vendor::cloudflare, 400, " 81058 An identical record already exists.", FailureClass::conflict},
      {Vendor::cloudflare, 400, " 9021 Invalid TTL", FailureClass::permanent},
      {Vendor::any, 503, "", FailureClass::retryable_server},
      {Vendor::any, 404, "", FailureClass::permanent},
  };
  for (const Row& row : rows) {
    INFO(row.status << " " << row.text);
    CHECK(classify(row.vendor, row.status, row.text) == row.cls);
  }
  CHECK(classify_grpc(9, "time is not in sync yet") == FailureClass::retryable_server);
  CHECK(classify_grpc(3, "") == FailureClass::permanent);
  CHECK(classify_grpc(16, "") == FailureClass::auth);
  const auto failure = failure_of(Vendor::any, {429, "Too Many Requests", {{"retry-after", "7"}}, {}, {}, {}},
                                  "GET /", "slow down");
  CHECK(failure.retry_after == std::chrono::seconds(7));
}

TEST_CASE("A VM is compared as Proxmox keeps it") {
  using namespace drivers::proxmox;
  const json config = json::parse(
      R"({"name":"cp1","cores":4,"memory":"8192","scsi0":"fast:vm-204-disk-1,discard=on,size=60G,ssd=1",
    "efidisk0":"fast:vm-204-disk-0,efitype=4m,size=4M","ide2":"local:iso/talos.iso,media=cdrom,size=128M","net0":"virtio=BC:24:11:0A:0B:0C,bridge=vmbr0,tag=30",
    "tags":"homelab;kubernetes;talos","description":"lab-id: x\n","agent":"enabled=1","cpu":"x86-64-v2-AES","onboot":1,"smbios1":"uuid=1"})");
  const json same = json::parse(
      R"({"name":"cp1","cores":4,"memory":8192,"scsi0":"fast:60,ssd=1,discard=on","efidisk0":"fast:1,efitype=4m,pre-enrolled-keys=0",
    "ide2":"local:iso/talos.iso,media=cdrom","net0":"virtio=bc:24:11:0a:0b:0c,bridge=vmbr0,tag=30","tags":"talos;kubernetes;homelab","description":"lab-id: x",
    "agent":"1","cpu":"cputype=x86-64-v2-AES","onboot":1})");
  CHECK(differences(same, config).empty());
  json other = same;
  other["cores"] = 2;
  other["scsi0"] = "slow:60,ssd=1,discard=on";
  other["net0"] = "virtio=bc:24:11:0a:0b:0c,bridge=vmbr0,tag=31";
  other["balloon"] = 0;
  std::vector<std::string> fields;
  for (const auto& each : differences(other, config)) fields.push_back(each.field);
  CHECK(fields == std::vector<std::string>{"params.balloon", "params.cores", "params.net0", "params.scsi0"});
  CHECK(update_value("scsi0", "fast:60,ssd=0", config) == "fast:vm-204-disk-1,ssd=0");
  CHECK(update_value("cores", "2", config) == "2");
  CHECK(disk_size(config, "scsi0") == 60ull << 30);
  CHECK(parse_size("60") == 60ull << 30);
  CHECK(parse_size("1.5G") == 3ull << 29);
  CHECK(parse_size("4096M") == 4ull << 30);
  CHECK_FALSE(parse_size("60X"));
}

TEST_CASE("Objects are ready by the rules of kstatus") {
  using namespace drivers::kubernetes;
  const auto of = [](const char* text) { return readiness(json::parse(text)).readiness; };
  CHECK(of(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{}})") == Readiness::current);
  CHECK(
      of(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"}})") ==
      Readiness::terminating);
  CHECK(
      of(R"({"apiVersion":"x/v1","kind":"X","metadata":{"generation":2},"status":{"observedGeneration":1}})") ==
      Readiness::in_progress);
  CHECK(
      of(R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{},"spec":{"replicas":2},"status":{"updatedReplicas":2,"replicas":2,"availableReplicas":1}})") ==
      Readiness::in_progress);
  CHECK(
      of(R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{},"spec":{"replicas":1},"status":{"updatedReplicas":1,"replicas":1,"availableReplicas":1,"conditions":[{"type":"Available","status":"True"}]}})") ==
      Readiness::current);
  CHECK(
      of(R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{},"status":{"conditions":[{"type":"Progressing","status":"False","reason":"ProgressDeadlineExceeded"}]}})") ==
      Readiness::failed);
  CHECK(of(R"({"apiVersion":"apps/v1","kind":"DaemonSet","metadata":{}})") == Readiness::in_progress);
  CHECK(
      of(R"({"apiVersion":"batch/v1","kind":"Job","metadata":{},"status":{"conditions":[{"type":"Failed","status":"True"}]}})") ==
      Readiness::failed);
  CHECK(
      of(R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{},"status":{"conditions":[{"type":"Established","status":"True"}]}})") ==
      Readiness::current);
  CHECK(meets(json::parse(R"({"kind":"Application","status":{"health":{"status":"Healthy"}}})"), "healthy")
            .readiness == Readiness::current);
  CHECK(meets(json::parse(R"({"kind":"Application","status":{"health":{"status":"Degraded"}}})"), "healthy")
            .readiness == Readiness::in_progress);
  CHECK(meets(json::object(), "no such condition").readiness == Readiness::failed);
}

TEST_CASE("Fields of others are taken over only from those that yield") {
  using namespace drivers::kubernetes;
  const json status = json::parse(
      R"({"details":{"causes":[{"reason":"FieldManagerConflict","message":"conflict with \"kubectl-client-side-apply\" using v1","field":".data.a"}]}})");
  CHECK(managers_in_conflict(status) == std::vector<std::string>{"kubectl-client-side-apply"});
  CHECK(may_take_over({"kubectl-edit"}));
  CHECK_FALSE(may_take_over({"kubectl-edit", "helm"}));
  CHECK_FALSE(may_take_over({}));
  const json live = json::parse(
      R"({"metadata":{"name":"a","resourceVersion":"5","labels":{"x":"1"}},"spec":{"a":1},"status":{"s":1}})");
  json applied =
      json::parse(R"({"metadata":{"name":"a","resourceVersion":"6","labels":{"x":"1"}},"spec":{"a":1}})");
  CHECK(changes(live, applied).empty());
  applied["spec"]["a"] = 2;
  CHECK(changes(live, applied) == std::vector<std::string>{".spec.a"});
}
