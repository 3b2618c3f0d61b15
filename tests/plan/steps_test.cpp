// What becomes of machines and names: the steps, and what a person is asked for.
#include "tests/plan/plans.h"

using namespace lab;
using plan::Json;
using tests::Steps;
using tests::steps_of;

namespace {

const std::string house = R"(
lab home {
  domain    = "home.example.net"
  operators = ["age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs3290gq"]
  gitops    = none
}
secret pve-token = env("PVE_TOKEN")
secret cf-token  = env("CF_TOKEN")
network lan { vlan = 30, cidr = 192.0.2.0/24, gateway = .1, dns = [9.9.9.9], dhcp = .200-.250 }
router edge on [lan] {}
host pve1 on lan {
  address = .10
  cores   = 32
  memory  = 128GiB
  proxmox { token = secret.pve-token }
  storage fast   { kind = lvmthin }
  storage images { kind = dir, content = [iso], shared = true }
  bridge vmbr1   { trunk = [lan] }
  gpu rtx { pci = "0000:09:00.0", vendor = "nvidia", ids = ["10de:2204"], group = 14 }
  template debian { named = "debian-12", id = 9000 }
}
)";

Steps with(const std::string& more) {
  return steps_of(tests::Files{{"home.lab", house + more}});
}

bool comes_after(const Json& step, const std::string& id) {
  const Json& after = step["after"];
  return std::find(after.begin(), after.end(), Json(id)) != after.end();
}

using Catch::Matchers::Contains;

}  // namespace

TEST_CASE("a VM boots from a file that its node fetches once") {
  const Steps steps = with(R"(
let boots = vm { cores = 1, memory = 1GiB, boot-image = "https://example.net/a.iso", disk os { storage = fast, size = 1536MiB } }
vm one on pve1 like boots { nic lan = .31 }
vm two on pve1 like boots { nic lan = .32 }
)");
  CHECK(steps.size() == 5);
  const Json& image = steps.at("image/shared/images/a.iso");
  CHECK(image["desired"]["url"] == "https://example.net/a.iso");
  CHECK(image["desired"]["content"] == "iso");
  CHECK(image["needs"] == Json::array({"pve:pve1:images"}));
  const Json& one = steps.at("vm/one");
  CHECK(comes_after(one, "image/shared/images/a.iso"));
  const Json& params = one["desired"]["params"];
  CHECK(params["scsi0"] == "fast:1.5,discard=on,iothread=1");
  CHECK(params["ide2"] == "images:iso/a.iso,media=cdrom");
  CHECK(params["boot"] == "order=scsi0;ide2");
  CHECK_THAT(params["net0"].get<std::string>(), Contains(",bridge=vmbr1,tag=30"));
  CHECK(params["description"] == "lab-id: home/vm/one");
  CHECK(comes_after(steps.at("power/one"), "vm/one"));
}

TEST_CASE("a disk made of an image grows to its size") {
  const Steps steps = with(R"(
vm one on pve1 { nic lan = .31, cores = 1, memory = 1GiB, boot-image = "local:import/a.qcow2", disk os { storage = fast, size = 20GiB } }
)");
  const Json& desired = steps.at("vm/one")["desired"];
  CHECK_THAT(desired["params"]["scsi0"].get<std::string>(),
             Contains("fast:0,import-from=local:import/a.qcow2"));
  CHECK(desired["resize"] == Json::array({{{"disk", "scsi0"}, {"size", "20G"}}}));
}

TEST_CASE("what Proxmox has no field for passes, protection too") {
  const Steps steps = with(R"(
vm one on pve1 { nic lan = .31, cores = 1, memory = 1GiB, protect = true, start { order = 3, up = 30s }, raw { vga = "none" } }
)");
  const Json& step = steps.at("vm/one");
  CHECK(step["protect"] == true);
  CHECK(step["desired"]["params"]["protection"] == 1);
  CHECK(step["desired"]["params"]["startup"] == "order=3,up=30");
  CHECK(step["desired"]["params"]["vga"] == "none");
}

TEST_CASE("what labrun cannot make is asked for, in time") {
  const Steps steps = with(R"(
vm leased on pve1 { nic lan = reserved(.30), cores = 1, memory = 1GiB }
vm gamer  on pve1 { nic lan = .31, cores = 4, memory = 8GiB, gpu rtx { primary = true } }
vm copy   on pve1 { nic lan = .32, cores = 1, memory = 1GiB, clone = debian, id = 900 }
vm wiki   on pve1 { nic lan = .33, cores = 1, memory = 1GiB, cloud-init { packages = ["git", "nginx"], run = ["systemctl enable nginx"] } }
zone inside { domain = "in.home.example.net", provider = router { router = edge } }
record pve in inside = pve1
)");
  CHECK(comes_after(steps.at("power/leased"), "approve/lease/leased/lan"));
  CHECK_THAT(steps.at("approve/lease/leased/lan")["approve"].get<std::string>(),
             Contains("always give 192.0.2.30 to "));
  CHECK(comes_after(steps.at("vm/gamer"), "approve/gpu/pve1/rtx"));
  CHECK(steps.at("vm/gamer")["desired"]["params"]["hostpci0"] == "mapping=rtx,pcie=1,x-vga=1");
  CHECK_THAT(steps.at("approve/gpu/pve1/rtx")["approve"].get<std::string>(),
             Contains("--map node=pve1,path=0000:09:00.0,id=10de:2204,iommugroup=14"));
  CHECK(steps.at("power/copy")["approve"] ==
        "Clone the template debian of pve1 to the VM copy with id 900, and start it.");
  CHECK(steps.at("approve/first-start/wiki")["approve"] ==
        "On wiki: install git nginx.\n  systemctl enable nginx");
  CHECK(comes_after(steps.at("approve/first-start/wiki"), "power/wiki"));
  CHECK_THAT(steps.at("approve/zone/inside")["approve"].get<std::string>(),
             Contains("pve.in.home.example.net A 192.0.2.10"));
}

TEST_CASE("a record at Cloudflare carries its marker; several addresses are several records") {
  const Steps steps = with(R"(
zone public { domain = "home.example.net", provider = cloudflare { token = secret.cf-token } }
record both in public = [203.0.113.1, 203.0.113.2]
record www in public { target = "example.org", proxied = true }
)");
  CHECK(steps.contains("record/public/A/both.home.example.net/203.0.113.1"));
  const Json& second = steps.at("record/public/A/both.home.example.net/203.0.113.2");
  CHECK(second["key"]["content"] == "203.0.113.2");
  CHECK(second["desired"]["record"]["ttl"] == 300);
  const Json& www = steps.at("record/public/CNAME/www.home.example.net")["desired"]["record"];
  CHECK(www["content"] == "example.org");
  CHECK(www["ttl"] == 1);
  CHECK(www["proxied"] == true);
  CHECK(www["comment"] == "lab-id: home/record/public/CNAME/www.home.example.net");
}

TEST_CASE("the example: Cilium before pods, its key before Argo CD, names beside") {
  const Steps steps = steps_of(tests::lab_files("examples/talos-media"));
  const auto before = [&](const std::string& first, const std::string& then) {
    std::vector<std::string> left = {then};
    for (std::size_t i = 0; i < left.size(); ++i) {
      if (left[i] == first) return true;
      for (const Json& id : steps.at(left[i])["after"])
        if (std::find(left.begin(), left.end(), id.get<std::string>()) == left.end()) left.push_back(id);
    }
    return false;
  };
  const std::string k = "kubernetes/homelab/", t = "talos/homelab/";
  for (const char* node : {"talos-cp02", "talos-wk01", "talos-wk02", "talos-wk03"}) {
    CHECK(before("power/" + std::string(node), t + "config/" + node));
    CHECK(before(t + "config/" + node, t + "up"));
  }
  CHECK(before(t + "bootstrap", t + "up"));
  CHECK(before(t + "kubeconfig", k + "namespaces"));
  CHECK(before(k + "installed/gateway-api", k + "install/cilium"));
  CHECK(before(k + "installed/prometheus-operator-crds", k + "install/cilium"));
  CHECK(before(k + "installed/cilium", t + "ready"));
  CHECK(before(t + "ready", k + "install/argocd"));
  CHECK(before(k + "key", k + "install/argocd"));
  CHECK(before(k + "installed/argocd", k + "hand-over"));
  CHECK(before(k + "hand-over", k + "healthy"));
  CHECK(steps.at("record/public/CNAME/plex.example.net")["desired"]["record"]["content"] ==
        Json({{"$output", "tunnel/public-door.cname"}}));
  CHECK(steps.at("record/inside/A/*.int.example.net")["desired"]["entry"]["value"] ==
        "address=/int.example.net/192.168.40.61");
  // The wildcard answers for the doors behind the gateway.
  CHECK_FALSE(steps.contains("record/inside/A/grafana.int.example.net"));
}
