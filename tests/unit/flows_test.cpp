// Flows, the policies that follow from them, and the engine that answers questions about reachability.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "compiler/flows/reach.h"
#include "compiler/flows/survival.h"
#include "compiler/session/reach.h"
#include "compiler/session/session.h"

using namespace lab;
using flows::PortSet;

namespace {

constexpr std::string_view preamble = R"(
lab home {
  domain    = "example.net"
  operators = ["age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs3290gq"]
  gitops    = argocd { repo = "https://git.example.net/home.git", path = "out/kubernetes" }
}
network lan { cidr = 192.168.1.0/24, gateway = .1, range lb = .200-.220 }
network guests { cidr = 192.168.9.0/24, gateway = .1 }
router edge on [lan, guests] {}
host box on lan { address = .10, cores = 4, memory = 16GiB }
device printer on lan { address = .30, port ipp = 631 }
cluster home {
  distribution  = k3s { version = "v1.35.1+k3s1" }
  control-plane = [box]
  schedule-on-control-plane = true
  cni           = cilium { version = 1.19.1, gateway-api = true, announce = l2(lan.lb) }
}
namespace media
namespace tools
let shared = app { image = "ghcr.io/example/app:1.0.0@sha256:02b4d538d351d6e35882a021c08e8600fe95d28860fb1dd724b597166e7221ca" }
app front in media like shared { port http = 8080, calls = [back.http, internet("api.example.org", tcp/443), printer.ipp] }
app back in tools like shared { port http = 9090, port admin = 9091 }
)";

struct Compiled {
  source::MemoryFileSystem files;
  std::unique_ptr<session::Snapshot> snapshot;

  explicit Compiled(const std::string& text) {
    files.files["lab/lab.lab"] = std::string(preamble) + text;
    session::Request request;
    request.folder = "lab";
    snapshot = session::compile(files, request);
  }
  const flows::World& world() {
    for (const auto& d : snapshot->sink.all()) UNSCOPED_INFO(d.message);
    REQUIRE(snapshot->oracle != nullptr);
    return snapshot->oracle->world();
  }
  [[nodiscard]] flows::Identity id(std::string_view name) {
    for (flows::Identity& i : world().identities())
      if (i.name == name) return i;
    FAIL("no identity " << name);
    return {};
  }
  /// What the policies let pass, as text.
  std::string open(std::string_view from, std::string_view to) {
    std::string out;
    for (const std::string& p : world().verdict(id(from), id(to)).ports.format())
      out += (out.empty() ? "" : " ") + p;
    return out;
  }
  session::Told ask(const std::string& from, const std::string& to, const std::string& port = {}) {
    (void)world();
    const auto told = session::reach(*snapshot, from, to, port, false);
    for (const auto& d : snapshot->sink.all()) UNSCOPED_INFO(d.message);
    REQUIRE(told);
    return *told;
  }
  [[nodiscard]] bool reports(diagnostics::Code code) const {
    const auto& all = snapshot->sink.all();
    return std::any_of(all.begin(), all.end(), [&](const auto& d) { return d.code == code; });
  }
};

types::PortSpec port(std::string_view text) {
  return *types::PortSpec::parse(text);
}

}  // namespace

TEST_CASE("sets of ports join, subtract and intersect by protocol") {
  PortSet set = PortSet::of(port("tcp/80"));
  set.add(PortSet::of(port("tcp+udp/81-90")));
  CHECK(set.format() == std::vector<std::string>{"tcp/80-90", "udp/81-90"});
  set.remove(PortSet::of(port("tcp/85")));
  CHECK(set.format() == std::vector<std::string>{"tcp/80-84", "tcp/86-90", "udp/81-90"});
  CHECK_FALSE(set.contains(types::Protocol::tcp, 85));
  CHECK(set.contains(types::Protocol::udp, 85));
  set.keep(PortSet::of(port("tcp/86")));
  CHECK(set.format() == std::vector<std::string>{"tcp/86"});
  CHECK(PortSet::all().format() == std::vector<std::string>{"all"});
  CHECK(PortSet::all().contains(set));
  CHECK_FALSE(set.overlaps(PortSet::of(port("udp/86"))));
}

TEST_CASE("a range of addresses is the fewest prefixes that hold it") {
  const auto prefixes = flows::prefixes_of(*types::IpRange::parse("192.168.1.200-192.168.1.220"));
  std::string text;
  for (const auto& p : prefixes) text += p.format() + " ";
  CHECK(text == "192.168.1.200/29 192.168.1.208/29 192.168.1.216/30 192.168.1.220/32 ");
  CHECK(flows::prefixes_of(*types::IpRange::parse("0.0.0.0-255.255.255.255")).size() == 1);
}

TEST_CASE("a call opens its port between its ends, and nothing else is open") {
  Compiled c("");
  CHECK(c.open("media/front", "tools/back") == "tcp/9090");
  CHECK(c.open("tools/back", "media/front").empty());
  CHECK(c.open("media/stranger", "tools/back").empty());
  CHECK(c.open("media/front", "api.example.org") == "tcp/443");
  CHECK(c.open("media/front", "198.51.100.1").empty());
  CHECK(c.open("media/front", "192.168.1.30") == "tcp/631");
  CHECK(c.open("media/front", "kube-system/kube-dns") == "tcp/53 udp/53");
  CHECK(c.open("host", "tools/back") == "all");
  CHECK(c.open("remote-node", "tools/back").empty());
  CHECK(c.open("outside-of-the-lab/stranger", "world") == "all");
}

TEST_CASE("a namespace without a default is left alone") {
  Compiled c(
      "namespace play { default-deny = false because \"a sandbox\" }\napp toy in play like shared { port "
      "http = 80, calls = [back.admin] }");
  CHECK(c.open("play/toy", "media/stranger").empty());
  CHECK(c.open("play/toy", "world") == "all");
  CHECK(c.open("play/toy", "tools/back") == "tcp/9091");
}

TEST_CASE("rules about namespaces and pods become policies") {
  Compiled c("allow print from namespace.tools to printer\ndeny house from cluster.home.pods to edge\n");
  CHECK(c.open("tools/back", "192.168.1.30") == "tcp/631");
  CHECK(c.open("tools/stranger", "192.168.1.30") == "tcp/631");
  CHECK(c.open("media/stranger", "192.168.1.30").empty());
  CHECK(c.open("outside-of-the-lab/stranger", "192.168.1.1").empty());
  CHECK(c.open("outside-of-the-lab/stranger", "world") == "all");
}

TEST_CASE("what a deny forbids cannot be called") {
  Compiled c("deny gossip from front to back\n");
  CHECK(c.reports(diagnostics::Code::call_denied));
  Compiled other("deny gossip from front to back.admin\n");
  CHECK_FALSE(other.reports(diagnostics::Code::call_denied));
}

TEST_CASE("who reads where another is and does not call it is told") {
  Compiled c("app nosy in media like shared { env BACK = back.internal-url }\n");
  REQUIRE(c.reports(diagnostics::Code::call_missing));
  Compiled calling("app nosy in media like shared { env BACK = back.internal-url, calls = [back.http] }\n");
  CHECK_FALSE(calling.reports(diagnostics::Code::call_missing));
}

TEST_CASE("questions are answered with the path, or with what stops it") {
  Compiled c(
      "app shop in media like shared { port http = 80, expose at lan.lb[.201] { clients = [guests] } }\n");
  CHECK(c.ask("front", "back").yes);
  CHECK(c.ask("front", "back").text.find("front calls back") != std::string::npos);
  CHECK_FALSE(c.ask("front", "back.admin").yes);
  CHECK_FALSE(c.ask("back", "front").yes);
  CHECK(c.ask("lan", "shop").yes);
  CHECK(c.ask("guests", "shop", "tcp/80").yes);
  CHECK_FALSE(c.ask("guests", "shop", "tcp/81").yes);
  CHECK_FALSE(c.ask("guests", "printer").yes);
  CHECK(c.ask("guests", "printer").text.find("router edge refuses") != std::string::npos);
  CHECK_FALSE(c.ask("internet", "shop").yes);
  CHECK_FALSE(c.ask("internet", "home").yes);
  CHECK(c.ask("guests", "internet").yes);
}

TEST_CASE("a router lets in what it forwards") {
  Compiled c(
      "app shop in media like shared { port http = 80, expose at lan.lb[.201] {} }\n"
      "router gate on [lan] { forward shop { to = shop.http } }\n");
  CHECK(c.ask("internet", "shop").yes);
  (void)c.world();
  const auto told = session::exposed(*c.snapshot, {}, false);
  REQUIRE(told);
  CHECK(told->text.find("app shop") != std::string::npos);
}

TEST_CASE("assertions are decided") {
  Compiled holds(
      "assert reachable(front, back) else \"x\"\nassert exposed(internet) == [] else \"x\"\nassert "
      "survives(home, loss(host.box)) else \"x\"\n");
  CHECK(holds.reports(diagnostics::Code::claim_refuted));  // its only machine
  Compiled fine("assert reachable(front, back) else \"x\"\nassert unreachable(back, front) else \"x\"\n");
  CHECK_FALSE(fine.reports(diagnostics::Code::claim_refuted));
  CHECK_FALSE(fine.reports(diagnostics::Code::assertion_unknown));
  Compiled unknown("assert survives(front, loss(host.box)) else \"x\"\n");
  CHECK(unknown.reports(diagnostics::Code::assertion_unknown));
}

TEST_CASE("what is open in the example is what it declares, and nothing else") {
  const auto files = source::real_file_system();
  session::Request request;
  request.folder = LAB_ROOT "/examples/talos-media";
  const auto snapshot = session::compile(*files, request);
  REQUIRE(snapshot->oracle != nullptr);
  const flows::World& world = snapshot->oracle->world();
  REQUIRE(world.enforced);
  const std::vector<flows::Identity> ids = world.identities();
  std::size_t open = 0;
  for (const flows::Identity& from : ids)
    for (const flows::Identity& to : ids) {
      const bool ruled = (from.kind != flows::Peer::Kind::pods || world.is_guarded(from.ns)) &&
                         (to.kind != flows::Peer::Kind::pods || world.is_guarded(to.ns));
      const bool pod = from.kind == flows::Peer::Kind::pods || to.kind == flows::Peer::Kind::pods;
      if (!ruled || !pod || from.name == "host") continue;  // its kubelet reaches its pods
      PortSet declared;
      for (const flows::Flow& f : world.flows)
        if (!f.deny() && flows::matches(f.from, from) && flows::matches(f.to, to))
          declared.add(PortSet::of(f.ports));
      const PortSet ports = world.verdict(from, to).ports;
      open += ports.empty() ? 0 : 1;
      if (!(ports == declared)) FAIL_CHECK(from.name << " -> " << to.name);
    }
  CHECK(open > 100);
}

TEST_CASE("a policy without one of its rules loses a flow that was declared") {
  Compiled c("");
  const flows::World& world = c.world();
  const std::vector<flows::Identity> ids = world.identities();
  auto& policies = const_cast<std::vector<flows::Policy>&>(world.policies);
  for (flows::Policy& policy : policies)
    for (auto& part : policy.parts)
      for (std::size_t i = 0; i < part.rules.size(); ++i) {
        const flows::Rule rule = part.rules[i];
        part.rules.erase(part.rules.begin() + static_cast<std::ptrdiff_t>(i));
        bool lost = false;
        for (const flows::Flow* f : rule.flows)
          for (const flows::Identity& from : ids)
            for (const flows::Identity& to : ids)
              if (flows::matches(f->from, from) && flows::matches(f->to, to))
                lost |= !world.verdict(from, to).ports.contains(PortSet::of(f->ports));
        CHECK(lost);
        part.rules.insert(part.rules.begin() + static_cast<std::ptrdiff_t>(i), rule);
      }
}
