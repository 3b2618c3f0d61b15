#include "compiler/checks/checks.h"

#include <catch2/catch.hpp>
#include <chrono>

#include "compiler/checks/fixes.h"
#include "compiler/checks/hints.h"

using namespace lab;
using checks::Code;
using model::Origin;

namespace {

model::Ip ip(std::string_view text) {
  const auto parsed = types::Ip::parse(text);
  REQUIRE(parsed);
  return *parsed;
}

/// A lab made by hand. Every value gets an origin of its own and a source text: origin n stands at n*100 of
/// one file.
struct Made {
  model::Lab lab;
  std::vector<std::string> texts{""};
  diagnostics::Sink sink;

  Origin origin(std::string text = "") {
    texts.push_back(std::move(text));
    return static_cast<Origin>(texts.size() - 1);
  }
  model::Prop<model::Cidr> cidr(std::string_view text) {
    return {*types::Cidr::parse(text), origin(std::string(text))};
  }
  model::Opt<model::Ip> at(std::string_view text) { return {true, ip(text), origin(std::string(text))}; }
  model::Prop<model::Ip> is(std::string_view text) { return {ip(text), origin(std::string(text))}; }

  model::Ref<model::Network> network(std::string_view name, std::string_view prefix) {
    model::Network& n = lab.networks.emplace_back();
    n.name = name;
    n.at = origin();
    n.cidr = cidr(prefix);
    return {static_cast<std::uint32_t>(lab.networks.size() - 1)};
  }
  model::Vm& vm(std::string_view name, std::int64_t id, model::Ref<model::Network> network,
                std::string_view address) {
    model::Vm& out = lab.vms.emplace_back();
    out.name = name;
    out.at = origin();
    out.id = {id, origin(std::to_string(id))};
    model::VmNic& nic = out.nic.emplace_back();
    nic.at = origin();
    nic.label = network;
    nic.address.ip = at(address);
    return out;
  }
  model::IpRange range(std::string_view text) { return *types::IpRange::parse(text); }

  std::vector<Code> check() {
    sink.clear();
    checks::Context context({[](Origin o) {
                               return source::Span{source::FileId{0}, o * 100, o * 100 + 10};
                             },
                             [this](source::Span s) { return std::string_view(texts[s.begin / 100]); },
                             [](source::FileId) { return true; }},
                            sink);
    checks::run(lab, context);
    std::vector<Code> out;
    for (const auto& d : sink.all()) out.push_back(d.code);
    return out;
  }
};

using Codes = std::vector<Code>;

}  // namespace

TEST_CASE("a lab without mistakes has none") {
  Made m;
  const auto k8s = m.network("k8s", "192.168.40.0/24");
  m.vm("a", 100, k8s, "192.168.40.51");
  m.vm("b", 101, k8s, "192.168.40.52");
  CHECK(m.check().empty());
}

TEST_CASE("an address is claimed once, and the next free one is offered") {
  Made m;
  const auto k8s = m.network("k8s", "192.168.40.0/24");
  m.vm("a", 100, k8s, "192.168.40.51");
  m.vm("b", 101, k8s, "192.168.40.51");
  CHECK(m.check() == Codes{Code::address_taken});
  const auto& d = m.sink.all().front();
  CHECK(d.message == "vm `a` and vm `b` both claim 192.168.40.51");
  REQUIRE(d.labels.size() == 1);
  REQUIRE(d.fixes.size() == 1);
  REQUIRE(d.fixes[0].edits.size() == 1);
  CHECK(d.fixes[0].edits[0].text == "192.168.40.52");
}

TEST_CASE("a gateway is a router's or device's, never a VM's") {
  Made m;
  const auto k8s = m.network("k8s", "192.168.40.0/24");
  m.lab.networks[0].gateway = m.at("192.168.40.1");
  model::Router& router = m.lab.routers.emplace_back();
  router.name = "pfsense";
  router.address = m.at("192.168.40.1");
  CHECK(m.check().empty());
  m.vm("a", 100, k8s, "192.168.40.1");
  CHECK(m.check() == Codes{Code::address_taken});
  CHECK(m.sink.all().front().message == "the gateway of network `k8s` and vm `a` both claim 192.168.40.1");
}

TEST_CASE("a pool may overlap anything but a claimed address") {
  Made m;
  const auto k8s = m.network("k8s", "192.168.40.0/24");
  m.vm("a", 100, k8s, "192.168.40.51");
  m.lab.networks[0].dhcp = {true, m.range("192.168.40.60-192.168.40.254"), m.origin(".60-.254")};
  model::Cluster& c = m.lab.clusters.emplace_back();
  c.name = "home";
  c.cni.cilium.set = true;
  auto& l2 = c.cni.cilium.value.announce.l2;
  l2.set = true;
  l2.value.ranges.push_back({m.range("192.168.40.60-192.168.40.80"), m.origin("k8s.lb")});
  CHECK(m.check().empty());
  m.vm("b", 101, k8s, "192.168.40.63");
  CHECK(m.check() == Codes{Code::address_in_pool});
  REQUIRE(m.sink.all().front().fixes.size() == 1);
  CHECK(m.sink.all().front().fixes[0].edits[0].text == "192.168.40.52");
}

TEST_CASE("prefixes: canonical, apart, large enough") {
  Made m;
  m.network("a", "10.42.128.0/17");
  m.network("b", "10.10.10.5/24");
  CHECK(m.check() == Codes{Code::prefix_not_canonical});
  CHECK(m.sink.all().front().fixes[0].edits[0].text == "10.10.10.0/24");
  model::Cluster& c = m.lab.clusters.emplace_back();
  c.name = "home";
  c.pod_cidr = m.cidr("10.42.0.0/16");
  c.service_cidr = m.cidr("10.43.0.0/29");
  CHECK(m.check() == Codes{Code::prefix_not_canonical, Code::prefixes_overlap, Code::prefix_too_small});
}

TEST_CASE("an address is written as it was") {
  const auto prefix = *types::Cidr::parse("192.168.40.0/24");
  CHECK(checks::with_address(".63", ip("192.168.40.81"), &prefix) == ".81");
  CHECK(checks::with_address("net.lb[.63]", ip("192.168.40.81"), &prefix) == "net.lb[.81]");
  CHECK(checks::with_address("192.168.40.63", ip("192.168.40.81"), &prefix) == "192.168.40.81");
  CHECK(checks::with_address(".52 + i", ip("192.168.40.81"), &prefix).empty());
  CHECK(checks::with_address(".63", ip("192.168.50.81"), &prefix).empty());
}

TEST_CASE("every rule reads a lab whose values were refused") {
  Made m;
  m.lab.networks.emplace_back();
  m.lab.hosts.emplace_back();
  m.lab.vms.emplace_back().nic.emplace_back();
  m.lab.clusters.emplace_back();
  m.lab.gateways.emplace_back();
  m.lab.vpns.emplace_back();
  m.lab.apps.emplace_back();
  m.lab.tunnels.emplace_back();
  m.lab.records.emplace_back();
  CHECK(m.check().empty());
}

TEST_CASE("what nothing reads gets a hint") {
  diagnostics::Sink sink;
  checks::Context context(
      {[](Origin) { return source::Span{}; }, [](source::Span) { return std::string_view{}; },
       [](source::FileId) { return true; }},
      sink);
  const source::Span at{source::FileId{0}, 4, 8};
  const std::vector<checks::Unused> unused = {
      {checks::Unused::What::template_, "host", "pve", at, {source::FileId{0}, 0, 20}},
      {checks::Unused::What::let, "", "int", at, {}}};
  checks::hints(unused, context);
  REQUIRE(sink.all().size() == 2);
  CHECK(sink.all()[0].message == "no host is like the template `pve`");
  CHECK(sink.all()[0].fixes.size() == 1);
  CHECK(sink.all()[1].fixes.empty());
  CHECK_FALSE(sink.has_errors());
}

TEST_CASE("five thousand addresses take milliseconds") {
  Made m;
  const auto lan = m.network("lan", "10.0.0.0/16");
  for (int i = 0; i < 5000; ++i)
    m.vm("v", 100 + i, lan, types::Ip::from_v4(0x0a000100U + static_cast<std::uint32_t>(i)).format());
  m.lab.networks[0].dhcp = {true, m.range("10.0.200.0-10.0.255.254"), m.origin()};
  const auto start = std::chrono::steady_clock::now();
  CHECK(m.check().empty());
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::milliseconds(500));
}
