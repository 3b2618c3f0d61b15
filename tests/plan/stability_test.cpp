// What a VM more, a VM less or a new name leaves as it was: ids, hardware addresses and steps of all others.
#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "tests/plan/plans.h"

using namespace lab;
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
network lan { vlan = 30, cidr = 192.0.2.0/24, gateway = .1, dns = [9.9.9.9] }
host pve1 on lan {
  address = .10, cores = 64, memory = 4096GiB
  proxmox { token = secret.pve-token }
  storage fast { kind = lvmthin }
  bridge vmbr0 { trunk = [lan] }
}
)";

std::string vm(const std::string& name, int host) {
  return "vm " + name + " on pve1 { nic lan = ." + std::to_string(host) +
         ", cores = 1, memory = 1GiB, disk os { storage = fast, size = 10GiB } }\n";
}

Steps steps_with(const std::vector<std::pair<std::string, int>>& vms) {
  std::string text = house;
  for (const auto& [name, host] : vms) text += vm(name, host);
  return steps_of(tests::Files{{"home.lab", text}});
}

/// Those of `before` that are there and equal in `after`.
void check_kept(const Steps& before, const Steps& after, std::string_view but) {
  for (const auto& [id, step] : before) {
    if (!but.empty() && id.ends_with(std::string("/") + std::string(but))) continue;
    INFO(id);
    const auto now = after.find(id);
    REQUIRE(now != after.end());
    CHECK(now->second == step);
  }
}

}  // namespace

TEST_CASE("a VM more, less or renamed changes nothing of the others") {
  const Steps before = steps_with({{"a", 21}, {"b", 22}, {"c", 23}});
  CHECK(before.size() == 6);
  const Steps more = steps_with({{"a", 21}, {"m", 30}, {"b", 22}, {"c", 23}});
  CHECK(more.size() == 8);
  check_kept(before, more, "");
  const Steps less = steps_with({{"a", 21}, {"c", 23}});
  check_kept(less, before, "");
  const Steps renamed = steps_with({{"a", 21}, {"z", 22}, {"c", 23}});
  check_kept(before, renamed, "b");
  CHECK(renamed.contains("vm/z"));
  CHECK_FALSE(renamed.contains("vm/b"));
  CHECK(steps_with({{"c", 23}, {"b", 22}, {"a", 21}}) == before);
}

TEST_CASE("whatever VMs there are, each keeps its id and its address") {
  std::mt19937 random(20261121);
  std::vector<std::pair<std::string, int>> pool;
  for (int i = 0; i < 200; ++i) pool.emplace_back("vm" + std::to_string(i * 7919 % 1000), 20 + i);
  const Steps all = steps_with(pool);
  for (int round = 0; round < 8; ++round) {
    std::ranges::shuffle(pool, random);
    const std::size_t some = 1 + random() % pool.size();
    check_kept(steps_with({pool.begin(), pool.begin() + static_cast<std::ptrdiff_t>(some)}), all, "");
  }
}

TEST_CASE("a worker more leaves the other nodes of the example as they were") {
  tests::Files lab = tests::lab_files("examples/talos-media");
  const Steps before = steps_of(lab);
  lab["machines.lab"] += "vm talos-wk00 on pve-asus like worker { nic net = .55 }\n";
  std::string& cluster = lab["cluster.lab"];
  const std::string workers = "workers       = [";
  REQUIRE(cluster.find(workers) != std::string::npos);
  cluster.insert(cluster.find(workers) + workers.size(), "talos-wk00, ");
  const Steps after = steps_of(lab);
  CHECK(after.contains("talos/homelab/config/talos-wk00"));
  std::size_t compared = 0;
  for (const auto& [id, step] : before) {
    // What speaks of all nodes must change.
    if (id == "talos/homelab/up" || id == "talos/homelab/ready") continue;
    INFO(id);
    REQUIRE(after.contains(id));
    CHECK(after.at(id) == step);
    ++compared;
  }
  CHECK(compared + 2 == before.size());
}

TEST_CASE("a plan is one that labrun takes, and the same the second time") {
  std::string text = house;
  for (int i = 0; i < 20; ++i) text += vm("vm" + std::to_string(i), 20 + i);
  std::string first;
  for (int round = 0; round < 2; ++round) {
    const auto snapshot = tests::compile({{"home.lab", text}});
    session::Built built;
    REQUIRE(session::build(*snapshot, built));
    const emit::File* file = built.rendered.find(lower::plan::path);
    REQUIRE(file != nullptr);
    const std::string bytes(built.rendered.text(*file));
    const plan::Parsed parsed = plan::parse(bytes);
    INFO(plan::render(parsed.problems, "plan.json"));
    CHECK(parsed.ok());
    if (round == 0) first = bytes;
    CHECK(bytes == first);
  }
}
