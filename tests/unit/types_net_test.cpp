#include <catch2/catch.hpp>
#include <type_traits>

#include "compiler/types/net.h"

using namespace lab::types;

namespace {

Ip ip(std::string_view text) {
  const auto parsed = Ip::parse(text);
  INFO(text);
  REQUIRE(parsed);
  return *parsed;
}
Cidr cidr(std::string_view text) {
  const auto parsed = Cidr::parse(text);
  INFO(text);
  REQUIRE(parsed);
  return *parsed;
}

static_assert(std::is_trivially_copyable_v<Ip> && std::is_trivially_copyable_v<Cidr> &&
              std::is_trivially_copyable_v<IpRange>);
static_assert(std::is_trivially_copyable_v<HostRange> && std::is_trivially_copyable_v<Mac> &&
              std::is_trivially_copyable_v<PortSpec>);

// A fixed sequence of unlike numbers (splitmix64).
struct Numbers {
  std::uint64_t state = 1;
  std::uint64_t operator()() {
    std::uint64_t z = (state += 0x9e3779b97f4a7c15ull);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
  }
};

}  // namespace

TEST_CASE("IPv4 addresses", "[types]") {
  CHECK(ip("192.168.40.51").low == 0xc0a82833);
  CHECK(ip("0.0.0.0").format() == "0.0.0.0");
  CHECK(ip("255.255.255.255").format() == "255.255.255.255");
  CHECK(ip("10.0.0.2") < ip("10.0.0.10"));
  CHECK(ip("255.255.255.255") < ip("::"));
  for (const char* bad : {"", "1.2.3", "1.2.3.4.5", "1.2.3.", ".1.2.3", "1..2.3", "1.2.3.256", "1.2.3.-4",
                          "1.2.3.4 ", "a.b.c.d", "1.2.3.9999"}) {
    INFO(bad);
    CHECK_FALSE(Ip::parse(bad));
  }
  CHECK(Ip::parse("192.168.01.1").problem().suggestion == "192.168.1.1");
  CHECK(Ip::parse("1.2.3.300").problem().reason == "`1.2.3.300` is not an address: 300 is above 255");
}

TEST_CASE("IPv6 addresses read RFC 4291 and print RFC 5952", "[types]") {
  const std::pair<const char*, const char*> same[] = {
      {"::", "::"},
      {"::1", "::1"},
      {"1::", "1::"},
      {"FD00::1", "fd00::1"},
      {"2001:0db8:0000:0000:0001:0000:0000:0001", "2001:db8::1:0:0:1"},
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
      {"2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
      {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
      {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
      {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
      {"0:0:1::", "0:0:1::"},
      {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
      {"::ffff:c000:201", "::ffff:192.0.2.1"},
      {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
      {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
  };
  for (const auto& [text, canonical] : same) {
    INFO(text);
    CHECK(ip(text).format() == canonical);
  }
  for (const char* bad : {":", ":::", "1:", ":1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3",
                          "12345::", "g::", "1:2:3:4:5:6:7:8::", "::1:", "fe80::1%eth0",
                          "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3", "::1.2.3.4:5", "1:2:3:4::5:6:7:8"}) {
    INFO(bad);
    CHECK_FALSE(Ip::parse(bad));
  }
}

TEST_CASE("every address survives printing and reading", "[types]") {
  Numbers next;
  for (int i = 0; i < 5000; ++i) {
    // Zero some groups, so that all shapes of `::` appear.
    Ip six{Family::v6, next(), next()};
    const std::uint64_t holes = next();
    for (unsigned g = 0; g < 4; ++g) {
      if ((holes >> g & 1) != 0) six.high &= ~(0xffffull << 16 * g);
      if ((holes >> (4 + g) & 1) != 0) six.low &= ~(0xffffull << 16 * g);
    }
    const Ip four = Ip::from_v4(static_cast<std::uint32_t>(next()));
    CHECK(ip(six.format()) == six);
    CHECK(ip(four.format()) == four);
  }
}

TEST_CASE("moving addresses", "[types]") {
  CHECK(plus(ip("192.168.40.255"), 1)->format() == "192.168.41.0");
  CHECK(plus(ip("192.168.41.0"), -1)->format() == "192.168.40.255");
  CHECK(plus(ip("fd00::ffff:ffff:ffff:ffff"), 1)->format() == "fd00:0:0:1::");
  CHECK(plus(ip("fd00:0:0:1::"), -1)->format() == "fd00::ffff:ffff:ffff:ffff");
  CHECK_FALSE(plus(ip("255.255.255.255"), 1));
  CHECK_FALSE(plus(ip("0.0.0.0"), -1));
  CHECK_FALSE(plus(ip("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), 1));
  CHECK(plus(ip("::"), 0)->format() == "::");
  CHECK_FALSE(plus(ip("::"), INT64_MIN));
  CHECK(plus(ip("0.0.0.0"), -1).problem().reason == "there is no address 0.0.0.0 - 1");
  CHECK(distance(ip("10.0.0.1"), ip("10.0.1.0")) == 255);
  CHECK(distance(ip("10.0.1.0"), ip("10.0.0.1")) == -255);
  CHECK_FALSE(distance(ip("10.0.0.1"), ip("::1")));
  CHECK_FALSE(distance(ip("::"), ip("ffff::")));
  Numbers next;
  for (int i = 0; i < 1000; ++i) {
    const Ip a = Ip::from_v4(static_cast<std::uint32_t>(next())),
             b = Ip::from_v4(static_cast<std::uint32_t>(next()));
    CHECK(*plus(a, *distance(a, b)) == b);
  }
}

TEST_CASE("prefixes", "[types]") {
  const Cidr lan = cidr("192.168.40.0/24");
  CHECK(lan.is_canonical());
  CHECK(lan.size() == 256);
  CHECK(lan.network().format() == "192.168.40.0");
  CHECK(lan.broadcast().format() == "192.168.40.255");
  CHECK(lan.first_usable().format() == "192.168.40.1");
  CHECK(lan.last_usable().format() == "192.168.40.254");
  CHECK_FALSE(lan.usable(lan.broadcast()));
  CHECK_FALSE(lan.usable(lan.network()));
  CHECK(lan.contains(ip("192.168.40.255")));
  CHECK_FALSE(lan.contains(ip("192.168.41.0")));
  CHECK_FALSE(lan.contains(ip("::ffff:192.168.40.1")));
  CHECK(lan.host(51)->format() == "192.168.40.51");
  CHECK_FALSE(lan.host(256));
  CHECK_FALSE(lan.host(-1));

  const Cidr loose = cidr("192.168.40.7/24");
  CHECK_FALSE(loose.is_canonical());
  CHECK(loose.canonical() == lan);
  CHECK(loose.format() == "192.168.40.7/24");
  CHECK(loose.host(0)->format() == "192.168.40.0");

  CHECK(cidr("10.0.0.0/8").contains(cidr("10.200.0.0/16")));
  CHECK_FALSE(cidr("10.200.0.0/16").contains(cidr("10.0.0.0/8")));
  CHECK(cidr("10.200.0.0/16").overlaps(cidr("10.0.0.0/8")));
  CHECK_FALSE(cidr("10.0.0.0/9").overlaps(cidr("10.128.0.0/9")));
  CHECK_FALSE(cidr("0.0.0.0/0").overlaps(cidr("::/0")));

  CHECK(cidr("10.0.0.4/31").first_usable().format() == "10.0.0.4");
  CHECK(cidr("10.0.0.4/31").last_usable().format() == "10.0.0.5");
  CHECK(cidr("10.0.0.4/32").last_usable().format() == "10.0.0.4");
  CHECK(cidr("0.0.0.0/0").size() == 1ull << 32);
  CHECK(cidr("0.0.0.0/0").contains(ip("255.1.2.3")));
  CHECK(cidr("fd00::/64").size() == UINT64_MAX);
  CHECK(cidr("fd00::/65").size() == 1ull << 63);
  CHECK(cidr("::/0").broadcast().format() == "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
  CHECK(cidr("fd00::/64").first_usable().format() == "fd00::1");
  CHECK(cidr("fd00::/64").last_usable().format() == "fd00::ffff:ffff:ffff:ffff");
  CHECK(cidr("fd00::4/127").first_usable().format() == "fd00::4");
  CHECK(cidr("fd00::4/128").size() == 1);

  CHECK(Cidr::parse("10.0.0.0").problem().suggestion == "10.0.0.0/24");
  CHECK(Cidr::parse("fd00::").problem().suggestion == "fd00::/64");
  CHECK(Cidr::parse("10.0.0.0/255.255.252.0").problem().suggestion == "10.0.0.0/22");
  CHECK(Cidr::parse("10.0.0.0/255.0.255.0").problem().suggestion.empty());
  CHECK(Cidr::parse("10.0.0.0/08").problem().suggestion == "10.0.0.0/8");
  for (const char* bad :
       {"10.0.0.0/33", "fd00::/129", "10.0.0.0/", "10.0.0/8", "/8", "10.0.0.0/-1", "10.0.0.0/8/8"}) {
    INFO(bad);
    CHECK_FALSE(Cidr::parse(bad));
  }
}

TEST_CASE("subnets", "[types]") {
  const Cidr big = cidr("10.1.0.0/16");
  CHECK(big.subnet_count(24) == 256);
  CHECK(big.subnet_count(15) == 0);
  CHECK(big.subnet_count(33) == 0);
  CHECK(big.subnet(24, 7)->format() == "10.1.7.0/24");
  CHECK(big.subnet(16, 0)->format() == "10.1.0.0/16");
  CHECK_FALSE(big.subnet(24, 256));
  CHECK_FALSE(big.subnet(24, -1));
  CHECK_FALSE(big.subnet(8, 0));
  CHECK(cidr("::/0").subnet(0, 0)->format() == "::/0");
  CHECK(cidr("fd00::/48").subnet(64, 10)->format() == "fd00:0:0:a::/64");
  for (int n = 0; n < 256; ++n) {
    const Cidr part = *big.subnet(24, n);
    CHECK(big.contains(part));
    CHECK(part.is_canonical());
    if (n > 0) CHECK_FALSE(part.overlaps(*big.subnet(24, n - 1)));
  }
}

TEST_CASE("prefix laws hold for every length", "[types]") {
  Numbers next;
  for (unsigned length = 0; length <= 128; ++length) {
    for (int i = 0; i < 20; ++i) {
      const bool four = length <= 32 && i % 2 == 0;
      const Ip a = four ? Ip::from_v4(static_cast<std::uint32_t>(next())) : Ip{Family::v6, next(), next()};
      const Cidr c{a, static_cast<std::uint8_t>(length)};
      CHECK(c.contains(a));
      CHECK(c.contains(c.network()));
      CHECK(c.contains(c.broadcast()));
      CHECK(c.contains(c.range()));
      CHECK(c.canonical().is_canonical());
      CHECK(c.range().size() == c.size());
      CHECK(cidr(c.format()) == c);
      CHECK(c.first_usable() <= c.last_usable());
      if (const auto after = plus(c.broadcast(), 1)) CHECK_FALSE(c.contains(*after));
      if (const auto before = plus(c.network(), -1)) CHECK_FALSE(c.contains(*before));
    }
  }
}

TEST_CASE("address ranges", "[types]") {
  const auto pool = IpRange::parse("192.168.40.60-192.168.40.80");
  REQUIRE(pool);
  CHECK(pool->size() == 21);
  CHECK(pool->format() == "192.168.40.60-192.168.40.80");
  CHECK(pool->contains(ip("192.168.40.80")));
  CHECK_FALSE(pool->contains(ip("192.168.40.81")));
  CHECK(pool->host(20)->format() == "192.168.40.80");
  CHECK_FALSE(pool->host(21));
  CHECK_FALSE(pool->host(-1));
  CHECK(pool->overlaps(*IpRange::parse("192.168.40.80-192.168.40.90")));
  CHECK_FALSE(pool->overlaps(*IpRange::parse("192.168.40.81-192.168.40.90")));
  CHECK(pool->overlaps(cidr("192.168.40.64/26")));
  CHECK_FALSE(pool->overlaps(cidr("192.168.41.0/24")));
  CHECK(pool->contains(*IpRange::parse("192.168.40.61-192.168.40.79")));
  CHECK(cidr("192.168.40.0/24").contains(*pool));
  CHECK(IpRange::parse("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")->size() == UINT64_MAX);
  CHECK(IpRange::parse("10.0.0.9-10.0.0.3").problem().suggestion == "10.0.0.3-10.0.0.9");
  CHECK(IpRange::parse("10.0.0.3-9").problem().suggestion == "10.0.0.3-10.0.0.9");
  for (const char* bad :
       {"10.0.0.1", "10.0.0.1-", "-10.0.0.1", "10.0.0.1-::1", "10.0.0.1-10.0.0.2-10.0.0.3"}) {
    INFO(bad);
    CHECK_FALSE(IpRange::parse(bad));
  }
}

TEST_CASE("host parts", "[types]") {
  const Cidr lan = cidr("192.168.40.0/24"), wide = cidr("10.8.0.0/16");
  CHECK(HostPart::parse(".51")->resolve(lan)->format() == "192.168.40.51");
  CHECK(HostPart::parse(".1.51")->offset == 307);
  CHECK(HostPart::parse(".1.51")->resolve(wide)->format() == "10.8.1.51");
  CHECK(HostPart::parse(".51")->resolve(cidr("fd00::/64"))->format() == "fd00::33");
  const auto outside = HostPart::parse(".51")->resolve(cidr("192.168.40.5/28"));
  REQUIRE_FALSE(outside);
  CHECK(outside.problem().reason == "`.51` lies outside 192.168.40.0/28, which ends at 192.168.40.15");
  CHECK_FALSE(HostPart::parse(".1.0")->resolve(lan));
  CHECK(HostPart::parse(".300").problem().reason == "`.300` has a number above 255: 256·1 + 44 is `.1.44`");
  for (const char* bad : {"", ".", "51", ".1.", ".1.2.3", ".1.300", "..1", ".x", ".70000"}) {
    INFO(bad);
    CHECK_FALSE(HostPart::parse(bad));
    CHECK(HostPart::parse(bad).problem().suggestion.empty());
  }
  for (std::int64_t n = 0; n <= 65535; ++n) {
    const HostPart part = *plus(HostPart{}, n);
    if (*HostPart::parse(part.format()) != part) FAIL(part.format());
  }
  CHECK(plus(*HostPart::parse(".52"), 2)->format() == ".54");
  CHECK(plus(*HostPart::parse(".255"), 1)->format() == ".1.0");
  CHECK_FALSE(plus(*HostPart::parse(".52"), -53));
  CHECK_FALSE(plus(HostPart{65535}, 1));
  CHECK_FALSE(plus(HostPart{}, INT64_MIN));
  CHECK_FALSE(plus(HostPart{9}, INT64_MAX));

  CHECK(HostRange::parse(".60-.80")->resolve(lan)->format() == "192.168.40.60-192.168.40.80");
  CHECK(HostRange::parse(".60-.80")->format() == ".60-.80");
  CHECK_FALSE(HostRange::parse(".10-.20")->resolve(cidr("192.168.40.0/28")));
  CHECK(HostRange::parse(".80-.60").problem().suggestion == ".60-.80");
  CHECK(HostRange::parse(".60-80").problem().suggestion == ".60-.80");
  CHECK_FALSE(HostRange::parse(".60"));
  CHECK_FALSE(HostRange::parse(".x-.80"));
}

TEST_CASE("MACs", "[types]") {
  CHECK(Mac::parse("BC:24:11:0a:0B:0c")->format() == "bc:24:11:0a:0b:0c");
  CHECK(Mac::parse("01:00:5e:00:00:01")->is_multicast());
  CHECK(Mac::parse("02:00:00:00:00:01")->is_locally_administered());
  CHECK_FALSE(Mac::parse("bc:24:11:00:00:01")->is_locally_administered());
  CHECK_FALSE(Mac::parse("bc:24:11:00:00:01")->is_multicast());
  CHECK(Mac::parse("BC-24-11-0A-0B-0C").problem().suggestion == "bc:24:11:0a:0b:0c");
  CHECK(Mac::parse("bc24.110a.0b0c").problem().suggestion == "bc:24:11:0a:0b:0c");
  for (const char* bad : {"", "bc:24:11:0a:0b", "bc:24:11:0a:0b:0c:0d", "bc:24:11:0a:0b:0g",
                          "bc:24:11:0a:0b:0 c", "bc:24:11:0a:0b:0"}) {
    INFO(bad);
    REQUIRE_FALSE(Mac::parse(bad));
    CHECK(Mac::parse(bad).problem().suggestion.empty());
  }
}

TEST_CASE("derived MACs never change and differ within a block of VM ids", "[types]") {
  CHECK(derived_mac(200, 40).format() == "bc:24:11:0c:80:28");
  CHECK(derived_mac(100, 0).format() == "bc:24:11:06:40:00");
  CHECK(derived_mac(9000, 4094).format() == "bc:24:11:0e:e1:0c");  // 0x328ffe ^ 0x3c6ef2
  std::vector<bool> seen(1u << 24);
  for (std::uint32_t vmid = 8192; vmid < 12288; ++vmid) {
    for (std::uint32_t vlan = 0; vlan < 4096; vlan += 5) {
      const Mac mac = derived_mac(vmid, vlan);
      const std::size_t n = std::size_t{mac.bytes[3]} << 16 | std::size_t{mac.bytes[4]} << 8 | mac.bytes[5];
      if (seen[n] || mac.is_multicast()) FAIL(mac.format());
      seen[n] = true;
    }
  }
}

TEST_CASE("ports", "[types]") {
  const auto https = PortSpec::parse("tcp/443");
  REQUIRE(https);
  CHECK(
      (https->has(Protocol::tcp) && !https->has(Protocol::udp) && https->is_single() && https->first == 443));
  CHECK(PortSpec::parse("udp+tcp/53")->format() == "tcp+udp/53");
  CHECK(PortSpec::parse("tcp/8000-8100")->format() == "tcp/8000-8100");
  CHECK(PortSpec::parse("tcp/8000-8100")->format_numbers() == "8000-8100");
  CHECK(PortSpec::parse("tcp/8000-8000")->format() == "tcp/8000");
  CHECK(PortSpec::parse("icmp")->format() == "icmp");
  CHECK(PortSpec::parse("icmp/8")->format() == "icmp/8");
  CHECK(PortSpec::parse("icmp/0")->format() == "icmp/0");
  CHECK(PortSpec::parse("tcp+udp/1-65535")->contains(*https));
  CHECK_FALSE(https->contains(*PortSpec::parse("tcp+udp/443")));
  CHECK(https->overlaps(*PortSpec::parse("tcp+udp/400-500")));
  CHECK_FALSE(https->overlaps(*PortSpec::parse("udp/443")));
  CHECK_FALSE(https->overlaps(*PortSpec::parse("tcp/444")));
  CHECK(name_of(Protocol::sctp) == "sctp");
  CHECK(PortSpec::parse("443").problem().suggestion == "tcp/443");
  CHECK(PortSpec::parse("53/udp").problem().suggestion == "udp/53");
  CHECK(PortSpec::parse("TCP/443").problem().suggestion == "tcp/443");
  CHECK(PortSpec::parse("tcp:443").problem().suggestion == "tcp/443");
  CHECK(PortSpec::parse("tcp/90-80").problem().suggestion == "tcp/80-90");
  CHECK(PortSpec::parse("tcp/70000").problem().reason == "`tcp/70000`: 70000 is not a port 1..65535");
  CHECK(PortSpec::parse("icmp/256").problem().reason == "`icmp/256`: 256 is not an ICMP type 0..255");
  for (const char* bad : {"", "tcp", "tcp/", "tcp/0", "tcp/x", "tcp/1-", "tcp/-1", "http/80", "tcp+tcp/80",
                          "tcp+/80", "+tcp/80", "icmp+tcp/8", "tcp/1-2-3"}) {
    INFO(bad);
    REQUIRE_FALSE(PortSpec::parse(bad));
    CHECK(PortSpec::parse(bad).problem().suggestion.empty());
    CHECK_FALSE(PortSpec::parse(bad).problem().reason.empty());
  }
}
